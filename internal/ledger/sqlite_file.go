package ledger

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// pageSize is SQLite's default, which every ledger is made with.
const pageSize = 4096

var errIsFolder = errors.New("it is a folder")

// ensureFile makes the folder and an empty file of mode 0600, whatever the
// umask, before SQLite would make a file that others can read; SQLite then
// gives the -wal and -shm files the same mode. It reports whether the file has
// no byte yet. The new file is made under another name and linked: a
// descriptor of the ledger itself must never be closed, see the package.
func ensureFile(path string) (empty bool, err error) {
	info, err := os.Stat(path)
	if err == nil {
		if info.IsDir() {
			return false, errIsFolder
		}
		return info.Size() == 0, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return false, err
	}
	temp, err := os.CreateTemp(folder, ".ledger-*")
	if err != nil {
		return false, err
	}
	err = errors.Join(temp.Chmod(0o600), temp.Close())
	if err == nil {
		if err = os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
			err = createPlain(path) // a file system without hard links
		}
	}
	if removed := os.Remove(temp.Name()); removed != nil && err == nil {
		err = removed
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return false, err
	}
	return true, nil
}

func createPlain(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// A cut says whether the file ends inside a page, as a whole one never does.
type cut struct {
	// inPage is set when the size is no multiple of a page.
	inPage bool
	// log is set when a log stands beside it that may still complete it.
	log bool
}

// lastPage looks at sizes only, before SQLite opens the file: SQLite takes a
// file of one byte for an empty one.
func lastPage(path string) (cut, error) {
	info, err := os.Stat(path)
	if err != nil {
		return cut{}, err
	}
	found := cut{inPage: info.Size()%pageSize != 0}
	if !found.inPage {
		return found, nil
	}
	for _, suffix := range []string{"-wal", "-journal"} {
		if log, err := os.Stat(path + suffix); err == nil && log.Size() > 0 {
			found.log = true
		}
	}
	if !found.log {
		return found, errCut
	}
	return found, nil
}

// checkCut lets SQLite's own check decide on a file that ends inside a page
// and has a log. This is the only check of content at opening: it costs
// nothing on a whole file of any size. A file cut between pages is noticed by
// SQLite itself, and so is a page of garbage, by whoever first reads it.
func (f *file) checkCut(ctx context.Context, op string, db querier, found cut) error {
	if !found.inPage {
		return nil
	}
	return f.explain(op, f.quickCheck(ctx, op, db))
}

func (f *file) quickCheck(ctx context.Context, op string, db querier) error {
	verdict := ""
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return f.damaged(op, errStructure)
	}
	return nil
}
