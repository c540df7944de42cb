package ledger

import (
	"context"
	"database/sql"
	"os"

	_ "modernc.org/sqlite" // the driver, pure Go, so that releases cross-compile

	"github.com/klingctl/klingctl/internal/fault"
)

// file is a ledger in an SQLite file.
type file struct {
	path    string
	writer  *writer // nil when nothing may be written
	readers *readers
}

// openFile opens the ledger of a path, making it when it may be written.
func openFile(ctx context.Context, path string, readOnly bool) (*file, error) {
	f := &file{path: path, readers: newReaders(path)}
	open := f.openToWrite
	if readOnly {
		open = f.openToRead
	}
	if err := open(ctx); err != nil {
		_ = f.close()
		return nil, err
	}
	return f, nil
}

func (f *file) openToRead(ctx context.Context) error {
	if info, err := os.Stat(f.path); os.IsNotExist(err) || err == nil && info.Size() == 0 {
		return nothingYet(f.path)
	}
	found, err := lastPage(f.path)
	if err != nil {
		return f.explain(opening, err)
	}
	db, err := f.readers.open()
	if err != nil {
		return f.explain(opening, err)
	}
	version, err := readVersion(ctx, db)
	switch {
	case err != nil:
		return f.explain(opening, err)
	case version > schemaVersion:
		return tooNew(f.path)
	case version < schemaVersion:
		return tooOld(f.path)
	}
	return f.checkCut(ctx, opening, db, found)
}

func (f *file) openToWrite(ctx context.Context) error {
	empty, err := ensureFile(f.path)
	if err != nil {
		return &fault.Error{
			Kind: fault.Local, Op: opening, Subject: f.path, Err: err,
			Hint: "name a file in a folder that can be written with --ledger FILE",
		}
	}
	if empty {
		if err := migrate(ctx, f.path, migrations("sqlite")); err != nil {
			return f.explain(opening, err)
		}
	}
	found, err := lastPage(f.path)
	if err != nil {
		return f.explain(opening, err)
	}
	if f.writer, err = openWriter(ctx, f.path); err != nil {
		return f.explain(opening, err)
	}
	version, err := readVersion(ctx, f.writer.conn)
	switch {
	case err != nil:
		return f.explain(opening, err)
	case version > schemaVersion:
		return tooNew(f.path)
	case version < schemaVersion:
		// A connection to a WAL file keeps a lock that a migration needs.
		if err := f.writer.close(); err != nil {
			return f.explain(opening, err)
		}
		if err := migrate(ctx, f.path, migrations("sqlite")); err != nil {
			return f.explain(opening, err)
		}
		if f.writer, err = openWriter(ctx, f.path); err != nil {
			return f.explain(opening, err)
		}
	}
	if err := f.checkCut(ctx, opening, f.writer.conn, found); err != nil {
		return err
	}
	if err := fitJournal(ctx, f.writer.conn, f.path); err != nil {
		return f.explain(opening, err)
	}
	return f.explain(opening, f.writer.hurry(ctx))
}

func (f *file) close() error {
	err := f.readers.close()
	if f.writer != nil {
		if failed := f.writer.close(); failed != nil {
			err = failed
		}
	}
	return err
}

func (f *file) query(ctx context.Context, query string, args ...any) (cursor, error) {
	found, err := f.readers.query(ctx, query, args...) //nolint:rowserrcheck // by who asked
	if err != nil {
		return nil, err
	}
	return found, nil
}

// change needs no more for what must be alone: every transaction here is.
func (f *file) change(ctx context.Context, _ bool, do func(tx) error) error {
	if f.writer == nil {
		return errReadOnly
	}
	return f.writer.change(ctx, do)
}

func (f *file) check(ctx context.Context, op string) error {
	db, err := f.readers.open()
	if err != nil {
		return err
	}
	return f.quickCheck(ctx, op, db)
}

// querier is what reading takes: a connection, a pool or a statement's owner.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
