package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const (
	// patience bounds a change that has begun, with all its repetitions; it is
	// longer than anybody can hold a lock.
	patience = 60 * time.Second
	// tries is how often a change is begun when it meets conflicts, or when the
	// database is lost under it.
	tries = 10
	// pause is how long to wait before a lost database is asked again: all
	// tries together outlast its restart.
	pause = 500 * time.Millisecond
)

var (
	errSlow = errors.New("the database did not answer for a minute")
	// errUncertain is a change of which nobody could tell whether it was stored.
	errUncertain = errors.New("the connection was lost while it was being stored, and whether it was stored could not be found out")
)

// writing is a connection while a transaction has it.
type writing struct {
	conn  *sql.Conn
	wrote bool
}

func (w *writing) exec(ctx context.Context, query string, args ...any) (int64, error) {
	w.wrote = true
	done, err := w.conn.ExecContext(ctx, numbered(query), packedAll(args)...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

func (w *writing) query(ctx context.Context, query string, args ...any) (cursor, error) {
	found, err := w.conn.QueryContext(ctx, numbered(query), packedAll(args)...) //nolint:rowserrcheck // by who asked
	if err != nil {
		return nil, err
	}
	return unpacking{found}, nil
}

func (w *writing) keeping(query string) string { return query + " FOR UPDATE" }

// change runs do in a transaction, again where it met a conflict or lost the
// connection before the end. It never runs it again while it could have been
// stored: see settled.
func (d *database) change(ctx context.Context, alone bool, do func(tx) error) error {
	if d.readOnly {
		return errReadOnly
	}
	if alone {
		select {
		case d.deciding <- struct{}{}:
			defer func() { <-d.deciding }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	var by *signer
	select {
	case by = <-d.idle:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { d.idle <- by }()
	if err := ctx.Err(); err != nil {
		return err
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	for try := 1; ; try++ {
		again, err := d.attempt(within, by, alone, do)
		if errors.Is(err, errUncertain) {
			by = newSigner() // whatever becomes of that transaction, it has its own name
			return err
		}
		if err != nil && within.Err() != nil {
			return fmt.Errorf("%w: %s", errSlow, plainly{err}.Error())
		}
		if !again || try == tries {
			return err
		}
		if try > 1 && isLost(err) { // the first time only the connection may be gone
			rest(within, pause)
		}
	}
}

// rest waits, or until the context ends.
func rest(ctx context.Context, long time.Duration) {
	select {
	case <-time.After(long):
	case <-ctx.Done():
	}
}

// attempt runs do in one transaction and reports whether an error is worth
// another try: nothing was stored, and it was no fault of do.
func (d *database) attempt(ctx context.Context, by *signer, alone bool, do func(tx) error) (again bool, err error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return isLost(err), err
	}
	defer func() { _ = conn.Close() }()
	if err := d.begin(ctx, conn, by, alone); err != nil {
		return isLost(err) || isConflict(err), err
	}
	over := false
	defer func() {
		if !over { // do panicked
			_, _ = conn.ExecContext(ctx, "ROLLBACK")
		}
	}()
	w := &writing{conn: conn}
	err = do(tx{ctx: ctx, on: w})
	over = true
	if err != nil || !w.wrote {
		_, failed := conn.ExecContext(ctx, "ROLLBACK")
		return err != nil && (isLost(err) || isConflict(err) || isLost(failed)), err
	}
	if err = commit(ctx, conn); err == nil {
		return false, nil
	}
	if errors.Is(err, errBroken) {
		_, _ = conn.ExecContext(ctx, "ROLLBACK")
		return false, err
	}
	_ = conn.Close() // its place may be needed for the question
	stored, known := d.settled(ctx, by)
	switch {
	case !known:
		return false, fmt.Errorf("%w: %s", errUncertain, plainly{err}.Error())
	case stored:
		return false, nil
	}
	return isLost(err) || isConflict(err), err
}
