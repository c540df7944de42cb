package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klingctl/klingctl/internal/fault"
)

// WritePrivate writes a whole file for this user alone: 0600 in a folder of
// 0700, whatever the umask. Readers see the old text or the new one, never a
// part. A link stays one, and what it points at is written.
func WritePrivate(path string, text []byte) error {
	failed := func(err error) error {
		return &fault.Error{Kind: fault.Local, Op: "write", Subject: path, Charged: fault.NotCharged, Err: cause(err)}
	}
	switch target, err := filepath.EvalSymlinks(path); {
	case err == nil:
		path = target
	case !errors.Is(err, fs.ErrNotExist):
		return failed(err)
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return failed(err)
	}
	draft, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*") // made 0600
	if err != nil {
		return failed(err)
	}
	_, err = draft.Write(text)
	err = errors.Join(err, draft.Sync(), draft.Close())
	if err == nil {
		err = os.Rename(draft.Name(), path)
	}
	if err != nil {
		_ = os.Remove(draft.Name())
		return failed(err)
	}
	return nil
}
