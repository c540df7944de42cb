package ledger

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver, pure Go, so that releases cross-compile

	"github.com/klingctl/klingctl/internal/fault"
)

// Options say where the ledger is and how it is used.
type Options struct {
	// Path is the file. Its folder is made (0700) when it is missing, and so
	// is the file (0600).
	Path string
	// ReadOnly promises that nothing is written: no file is made, no
	// migration run. A ledger that does not exist is then fault.NotFound.
	ReadOnly bool
}

// Store is an open ledger. It is safe for use by many goroutines, and the file
// by many processes.
type Store struct {
	path    string
	writer  *writer
	readers *readers
}

// Open opens the ledger, makes it when there is none, and brings an older
// schema up to date. What cannot be used (no database, damaged, written by a
// newer klingctl, not writable) is fault.Local and is left untouched.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Path == "" {
		return nil, &fault.Error{
			Kind: fault.Local, Op: "open the ledger", Detail: "there is no place for it",
			Hint: "name a file with --ledger FILE",
		}
	}
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Local, Op: "open the ledger", Subject: o.Path, Err: err}
	}
	s := &Store{path: path, readers: newReaders(path)}
	if o.ReadOnly {
		err = s.openToRead(ctx)
	} else {
		err = s.openToWrite(ctx)
	}
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) openToRead(ctx context.Context) error {
	const op = "open the ledger"
	if info, err := os.Stat(s.path); os.IsNotExist(err) || err == nil && info.Size() == 0 {
		return &fault.Error{Kind: fault.NotFound, Op: op, Subject: s.path, Detail: "no job has been submitted yet"}
	}
	found, err := lastPage(s.path)
	if err != nil {
		return s.fault(op, err)
	}
	db, err := s.readers.open()
	if err != nil {
		return s.fault(op, err)
	}
	return s.checkFound(ctx, op, db, found)
}

// checkFound judges a ledger that may be looked at but not migrated.
func (s *Store) checkFound(ctx context.Context, op string, db querier, found cut) error {
	version, err := readVersion(ctx, db)
	switch {
	case err != nil:
		return s.fault(op, err)
	case version > schemaVersion:
		return s.tooNew()
	case version < schemaVersion:
		return &fault.Error{
			Kind: fault.Local, Op: op, Subject: s.path, Detail: "it was written by an older klingctl",
			Hint: "run klingctl status once where the ledger may be written",
		}
	}
	return s.checkCut(ctx, op, db, found)
}

func (s *Store) openToWrite(ctx context.Context) error {
	const op = "open the ledger"
	empty, err := ensureFile(s.path)
	if err != nil {
		return &fault.Error{
			Kind: fault.Local, Op: op, Subject: s.path, Err: err,
			Hint: "name a file in a folder that can be written with --ledger FILE",
		}
	}
	if empty {
		if err := migrate(ctx, s.path, migrations()); err != nil {
			return s.fault(op, err)
		}
	}
	found, err := lastPage(s.path)
	if err != nil {
		return s.fault(op, err)
	}
	if s.writer, err = openWriter(ctx, s.path); err != nil {
		return s.fault(op, err)
	}
	version, err := readVersion(ctx, s.writer.conn)
	switch {
	case err != nil:
		return s.fault(op, err)
	case version > schemaVersion:
		return s.tooNew()
	case version < schemaVersion:
		// A connection to a WAL file keeps a lock that a migration needs.
		if err := s.writer.close(); err != nil {
			return s.fault(op, err)
		}
		if err := migrate(ctx, s.path, migrations()); err != nil {
			return s.fault(op, err)
		}
		if s.writer, err = openWriter(ctx, s.path); err != nil {
			return s.fault(op, err)
		}
	}
	if err := s.checkCut(ctx, op, s.writer.conn, found); err != nil {
		return err
	}
	return s.fault(op, fitJournal(ctx, s.writer.conn, s.path))
}

// Close gives the file back. A closed store can be closed again.
func (s *Store) Close() error {
	err := s.readers.close()
	if s.writer != nil {
		if failed := s.writer.close(); failed != nil {
			err = failed
		}
	}
	return s.fault("close the ledger", err)
}

// querier is what reading takes: a connection, a pool or a statement's owner.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
