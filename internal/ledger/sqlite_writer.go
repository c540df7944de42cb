package ledger

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
)

// writer is the one connection that changes rows. Goroutines take turns, in
// groups; processes take turns through SQLite's lock.
type writer struct {
	db    *sql.DB
	conn  *sql.Conn
	turn  chan struct{}
	stmts map[string]*sql.Stmt
	group *queue
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
	return &writer{
		db: db, conn: conn, turn: make(chan struct{}, 1), stmts: map[string]*sql.Stmt{}, group: &queue{},
	}, nil
}

// hurry shortens the pauses of a writer that is ready for its first change.
// Its transactions keep what does not fit into memory there: to write it early
// would take a lock in their midst.
func (w *writer) hurry(ctx context.Context) error {
	for _, pragma := range []string{"busy_timeout = " + strconv.Itoa(lockPause), "cache_spill = 0"} {
		if _, err := w.conn.ExecContext(ctx, "PRAGMA "+pragma); err != nil {
			return err
		}
	}
	return nil
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

func (w *writer) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := w.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	w.stmts[query] = stmt
	return stmt, nil
}

func (w *writer) exec(ctx context.Context, query string, args ...any) (int64, error) {
	stmt, err := w.stmt(ctx, query) //nolint:sqlclosecheck // kept
	if err != nil {
		return 0, err
	}
	done, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

func (w *writer) query(ctx context.Context, query string, args ...any) (cursor, error) {
	stmt, err := w.stmt(ctx, query) //nolint:sqlclosecheck // kept
	if err != nil {
		return nil, err
	}
	found, err := stmt.QueryContext(ctx, args...) //nolint:rowserrcheck // by who asked
	if err != nil {
		return nil, err
	}
	return found, nil
}

// SQLite is asked for its lock again and again rather than once: its own way of
// waiting cannot be interrupted, and its pauses become so long that one busy
// process hardly lets another in.
const (
	// lockPause is how long SQLite waits each time, in milliseconds.
	lockPause = 50
	// lockTries make 30 seconds of it.
	lockTries = 30_000 / lockPause
)

// begin waits for the lock of all processes. Who gives up meanwhile has begun
// nothing.
func (w *writer) begin(ctx context.Context) error {
	err := ctx.Err()
	for try := 0; err == nil && try < lockTries; try++ {
		_, err = w.exec(context.WithoutCancel(ctx), "BEGIN IMMEDIATE")
		if !isBusy(err) {
			return err
		}
		if try+1 < lockTries {
			err = ctx.Err()
		}
	}
	return err
}

// commit has all locks that it needs where there is a WAL; else it waits for
// those who read.
func (w *writer) commit(ctx context.Context) error {
	var err error
	for range lockTries {
		if _, err = w.exec(ctx, "COMMIT"); !isBusy(err) {
			break
		}
	}
	return err
}

// keeping has nothing to do: the whole file is this transaction's.
func (w *writer) keeping(query string) string { return query }
