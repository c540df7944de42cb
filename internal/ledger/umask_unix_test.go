//go:build unix

package ledger

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// playUmask prints the mode of everything that an open ledger consists of.
func playUmask(ctx context.Context, folder string) error {
	syscall.Umask(0)
	s, err := Open(ctx, Options{Path: filepath.Join(folder, "new", "ledger.db")})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if err := s.Add(ctx, draft("aaaabbbbcccc", epoch())); err != nil {
		return err
	}
	return filepath.WalkDir(filepath.Join(folder, "new"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err == nil {
			say(entry.Name() + " " + info.Mode().String())
		}
		return err
	})
}

func TestNobodyElseCanReadTheLedger(t *testing.T) {
	t.Parallel()
	c := startChild(t, "umask", t.TempDir())
	c.start()
	got := c.wait(t)
	want := []string{
		"new drwx------", "ledger.db -rw-------", "ledger.db-shm -rw-------", "ledger.db-wal -rw-------",
	}
	if !slices.Equal(got, want) {
		t.Errorf("under umask 000 the files are %q, want %q", got, want)
	}
}

func TestAFolderThatCannotBeWrittenIsNamed(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "ledger.db")
	_, err := Open(t.Context(), Options{Path: path})
	wantLocal(t, err, path)
}
