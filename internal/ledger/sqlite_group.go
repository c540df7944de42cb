package ledger

import (
	"context"
	"errors"
	"slices"
)

// errTorn is a transaction that SQLite gave up as a whole (the disk is full)
// because of somebody else's part in it.
var errTorn = errors.New("the transaction was given up")

// change takes part in a transaction.
func (w *writer) change(ctx context.Context, do func(tx) error) error {
	err := errTorn
	for errors.Is(err, errTorn) { // who tears one is not in the next
		err = w.takePart(ctx, do)
	}
	return err
}

func (w *writer) takePart(ctx context.Context, do func(tx) error) error {
	m := &member{ctx: ctx, do: do}
	if w.group.enter(m) {
		w.lead(ctx, m)
		return m.err
	}
	for ended := ctx.Done(); ; {
		select {
		case <-ended:
			if w.group.leave(m) {
				return ctx.Err()
			}
			ended = nil // it has begun, and will be answered
		case next := <-m.calls:
			switch next {
			case yours:
				w.followed(m)
				continue
			case lead:
				w.lead(ctx, m)
			case answered:
			}
			return m.err
		}
	}
}

// lead runs one transaction, for this member and all who wait.
func (w *writer) lead(ctx context.Context, own *member) {
	defer w.group.pass()
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	err := w.begin(ctx)
	if ctx.Err() != nil && err != nil {
		own.err = err
		return
	}
	w.together(context.WithoutCancel(ctx), own, w.group.take(), err)
}

// together leaves nobody without an answer, whoever panics. With an error there
// is no transaction, and that is the answer.
func (w *writer) together(ctx context.Context, own *member, others []*member, err error) {
	all := append(others, own)
	defer func() {
		if err == nil {
			err = w.end(ctx, all)
		}
		for _, m := range all {
			if m.err == nil && (err != nil || !m.done) {
				m.err = err
			}
			if m != own {
				m.calls <- answered
			}
		}
	}()
	if err != nil {
		return
	}
	for _, m := range others {
		m.calls <- yours
		<-m.over
		if m.torn {
			return
		}
	}
	w.part(own, len(others) > 0)
}

// end commits what was done, if anything was.
func (w *writer) end(ctx context.Context, all []*member) error {
	torn := slices.ContainsFunc(all, func(m *member) bool { return m.torn })
	done := slices.ContainsFunc(all, func(m *member) bool { return m.done })
	err := errTorn
	if done && !torn {
		if err = w.commit(ctx); err == nil {
			return nil
		}
	}
	_, _ = w.exec(ctx, "ROLLBACK")
	return err
}

// followed is the part of a member that does not lead.
func (w *writer) followed(m *member) {
	defer func() { m.over <- struct{}{} }()
	w.part(m, true)
}

// part runs do; an error or a panic of do rolls back what it did, and where the
// transaction is shared nothing else.
func (w *writer) part(m *member, shared bool) {
	if m.err = m.ctx.Err(); m.err != nil {
		return
	}
	t := tx{ctx: context.WithoutCancel(m.ctx), on: w}
	if shared {
		if m.err = t.exec("SAVEPOINT part"); m.err != nil {
			m.torn = true
			return
		}
	}
	defer func() {
		if !shared {
			return
		}
		if !m.done && t.exec("ROLLBACK TO part") != nil {
			m.torn = true
			return
		}
		if err := t.exec("RELEASE part"); err != nil {
			m.done, m.torn, m.err = false, true, err
		}
	}()
	m.err = m.do(t)
	m.done = m.err == nil
}
