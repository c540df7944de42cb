package ledger

import (
	"context"
	"database/sql"
	"errors"
)

// writer is the one connection that changes rows. Goroutines take turns;
// processes take turns through SQLite's lock.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	turn  chan struct{}
	stmts map[string]*sql.Stmt
}

func openWriter(ctx context.Context, path string) (*writer, error) {
	db, err := openOne(path)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &writer{db: db, conn: conn, turn: make(chan struct{}, 1), stmts: map[string]*sql.Stmt{}}, nil
}

func (w *writer) close() error {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	for _, stmt := range w.stmts {
		_ = stmt.Close()
	}
	clear(w.stmts)
	if err := w.conn.Close(); err != nil && !errors.Is(err, sql.ErrConnDone) {
		_ = w.db.Close()
		return err
	}
	return w.db.Close()
}

// tx is a transaction under way. Its methods take no context: a transaction
// that has begun is finished, whatever happens to the caller.
type tx struct {
	ctx context.Context //nolint:containedctx // lives as long as the call that it belongs to
	w   *writer
}

func (t tx) stmt(query string) (*sql.Stmt, error) {
	if stmt := t.w.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := t.w.conn.PrepareContext(t.ctx, query)
	if err != nil {
		return nil, err
	}
	t.w.stmts[query] = stmt
	return stmt, nil
}

func (t tx) exec(query string, args ...any) error {
	stmt, err := t.stmt(query) //nolint:sqlclosecheck // kept
	if err != nil {
		return err
	}
	_, err = stmt.ExecContext(t.ctx, args...)
	return err
}

func (t tx) row(query string, args []any, into ...any) error {
	stmt, err := t.stmt(query) //nolint:sqlclosecheck // kept
	if err != nil {
		return err
	}
	return stmt.QueryRowContext(t.ctx, args...).Scan(into...)
}

// change runs do between BEGIN IMMEDIATE and COMMIT; an error or a panic of do
// rolls back. The context counts until it is this caller's turn and no longer:
// interrupting SQLite would cost the connection, which an interrupted program
// needs to save what it has.
func (s *Store) change(ctx context.Context, op string, do func(tx) error) error {
	if s.writer == nil {
		return s.fault(op, errReadOnly)
	}
	w := s.writer
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return s.fault(op, ctx.Err())
	}
	defer func() { <-w.turn }()
	if err := ctx.Err(); err != nil {
		return s.fault(op, err)
	}
	t := tx{ctx: context.WithoutCancel(ctx), w: w}
	if err := t.exec("BEGIN IMMEDIATE"); err != nil {
		return s.fault(op, err)
	}
	open := true
	defer func() {
		if open {
			_ = t.exec("ROLLBACK")
		}
	}()
	if err := do(t); err != nil {
		return err
	}
	if err := t.exec("COMMIT"); err != nil {
		return s.fault(op, err)
	}
	open = false
	return nil
}
