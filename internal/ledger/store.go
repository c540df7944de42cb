package ledger

import (
	"context"
	"path/filepath"

	"github.com/klingctl/klingctl/internal/fault"
)

// opening is what Open does, as its faults tell it.
const opening = "open the ledger"

// Options say where the ledger is and how it is used.
type Options struct {
	// Path is the file. Its folder is made (0700) when it is missing, and so
	// is the file (0600). Or it is the URL of a PostgreSQL database, see IsURL,
	// where the tables are made in the schema klingctl, or in the one that
	// search_path in the URL names.
	Path string
	// Folder takes, beside a database, what cannot be stored in it: see
	// Store.Rescue.
	Folder string
	// ReadOnly promises that nothing is written: no file is made, no
	// migration run. A ledger that does not exist is then fault.NotFound.
	ReadOnly bool
}

// Store is an open ledger. It is safe for use by many goroutines, and what it
// is kept in by many processes.
type Store struct {
	engine engine
	// place is what messages call it; rescue is the file that Rescue writes.
	place, rescue string
}

// Open opens the ledger, makes it when there is none, and brings an older
// schema up to date. What cannot be used (no database, damaged, written by a
// newer klingctl, not writable) is fault.Local and is left untouched.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Path == "" {
		return nil, &fault.Error{
			Kind: fault.Local, Op: opening, Detail: "there is no place for it",
			Hint: "name a file with --ledger FILE",
		}
	}
	if IsURL(o.Path) {
		return openURL(ctx, o)
	}
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Local, Op: opening, Subject: o.Path, Err: err}
	}
	kept, err := openFile(ctx, path, o.ReadOnly)
	if err != nil {
		return nil, err
	}
	return &Store{engine: kept, place: path, rescue: path + rescueSuffix}, nil
}

func openURL(ctx context.Context, o Options) (*Store, error) {
	kept, err := openDatabase(ctx, o.Path, o.ReadOnly)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: kept, place: kept.place}
	if o.Folder != "" {
		s.rescue = filepath.Join(o.Folder, "ledger"+rescueSuffix)
	}
	return s, nil
}

// Close gives the file back. A closed store can be closed again.
func (s *Store) Close() error { return s.fault("close the ledger", s.engine.close()) }

// Check reads the whole ledger and reports the first fault in its structure
// as fault.Local. It takes seconds on a large ledger.
func (s *Store) Check(ctx context.Context) error {
	const op = "check the ledger"
	return s.fault(op, s.engine.check(ctx, op))
}
