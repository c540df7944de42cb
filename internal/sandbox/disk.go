package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// writeFile writes beside the target and renames, so that readers in other
// processes see a whole file or none.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return keep(f, path, err)
}

// keep closes a temporary file and gives it its name, or removes it.
func keep(f *os.File, path string, err error) error {
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// claim makes a file that must not exist yet; it reports false when it does.
func claim(path string, data []byte) (bool, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return false, err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Link(f.Name(), path) // fails when the name is taken
	}
	_ = os.Remove(f.Name())
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	return err == nil, err
}

// tick counts events under a name across processes and returns this event's
// number, from 1: each adds one byte and sees where it landed.
func (s *Server) tick(name string) (int, error) {
	path := filepath.Join(s.dir, countsDir, digest([]byte(name))[:24])
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	defer f.Close()
	if _, err := f.Write([]byte{'.'}); err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return int(at), nil
}
