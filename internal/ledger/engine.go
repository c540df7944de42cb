package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/klingctl/klingctl/internal/fault"
)

// engine is what a ledger is kept in. It knows connections, transactions and
// locks, and what its driver's errors mean; what the rows mean is told once,
// above it, in statements that every engine understands.
type engine interface {
	// query reads outside of any transaction.
	query(ctx context.Context, query string, args ...any) (cursor, error)
	// change runs do in a transaction and returns nil only when everything
	// that do wrote is durable. Where do gives an error nothing is changed. It
	// may be run again after a conflict or a lost connection. The context
	// counts until the transaction begins and no longer. With alone, no other
	// such transaction runs at the same time, in any process.
	change(ctx context.Context, alone bool, do func(tx) error) error
	// check reads everything and reports damage.
	check(ctx context.Context, op string) error
	// explain says what an error means to a user.
	explain(op string, err error) error
	close() error
}

// cursor walks through what a query gives.
type cursor interface {
	Next() bool
	Scan(into ...any) error
	Err() error
	Close() error
}

// session is a connection while a transaction has it to itself.
type session interface {
	// exec reports how many rows it wrote.
	exec(ctx context.Context, query string, args ...any) (int64, error)
	query(ctx context.Context, query string, args ...any) (cursor, error)
	// keeping makes a query keep the rows that it reads as they are until the
	// transaction ends.
	keeping(query string) string
}

// tx is a transaction under way. Its methods take no context: a transaction
// that has begun is finished, whatever happens to the caller.
type tx struct {
	ctx context.Context //nolint:containedctx // lives as long as the call that it belongs to
	on  session
}

func (t tx) exec(query string, args ...any) error {
	_, err := t.on.exec(t.ctx, query, args...)
	return err
}

func (t tx) query(query string, args ...any) (cursor, error) {
	return t.on.query(t.ctx, query, args...)
}

// row reads one row, sql.ErrNoRows when there is none.
func (t tx) row(query string, args []any, into ...any) error {
	found, err := t.query(query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = found.Close() }()
	if !found.Next() {
		if err := found.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := found.Scan(into...); err != nil {
		return err
	}
	return found.Close()
}

// keep reads one row that this transaction is going to replace.
func (t tx) keep(query string, args []any, into ...any) error {
	return t.row(t.on.keeping(query), args, into...)
}

// change lets do change rows of one job, or rows that stand alone. An error of
// do is returned as it is.
func (s *Store) change(ctx context.Context, op string, do func(tx) error) error {
	return s.changing(ctx, op, false, do)
}

// decide lets do change rows after a look at those of others, which nobody
// else decides about meanwhile.
func (s *Store) decide(ctx context.Context, op string, do func(tx) error) error {
	return s.changing(ctx, op, true, do)
}

func (s *Store) changing(ctx context.Context, op string, alone bool, do func(tx) error) error {
	err := s.engine.change(ctx, alone, func(t tx) error {
		if err := do(t); err != nil {
			return refusal{err}
		}
		return nil
	})
	if own, ok := errors.AsType[refusal](err); ok {
		return own.error
	}
	return s.engine.explain(op, err)
}

// refusal is an error of do on its way through the engine.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// fault names an error of the engine. Faults and nil pass through.
func (s *Store) fault(op string, err error) error { return s.engine.explain(op, err) }

// understood passes on what needs no engine to be understood.
func understood(op string, err error) (bool, error) {
	switch {
	case err == nil || fault.Of(err) != nil:
		return true, err
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return true, fmt.Errorf("%s: %w", op, err)
	}
	return false, err
}
