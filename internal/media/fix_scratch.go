package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// errScratch marks a temporary file that cannot be kept.
var errScratch = errors.New("the temporary file cannot be written")

// scratch is a temporary file (0600) in a folder of its own (0700).
type scratch struct{ folder, path string }

func newScratch() (scratch, error) {
	folder, err := os.MkdirTemp("", "klingctl-*")
	if err != nil {
		return scratch{}, scratchFault(err)
	}
	return scratch{folder: folder, path: filepath.Join(folder, "image")}, nil
}

func (s scratch) remove() { _ = os.RemoveAll(s.folder) }

// write replaces the content by what fill writes, as far as limit bytes go, and
// returns how many there were.
func (s scratch) write(ctx context.Context, limit int64, fill func(io.Writer) error) (int64, error) {
	file, err := os.OpenFile(s.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, scratchError(err)
	}
	to := &meter{file: file, left: limit, alive: ctx.Err}
	err = fill(to)
	if closed := file.Close(); err == nil && closed != nil {
		err = scratchError(closed)
	}
	return to.count, err
}

// meter counts what is written and keeps no more than is left.
type meter struct {
	file        io.Writer
	left, count int64
	alive       func() error
}

func (m *meter) Write(p []byte) (int, error) {
	if err := m.alive(); err != nil {
		return 0, err
	}
	m.count += int64(len(p))
	if m.left -= int64(len(p)); m.left < 0 {
		return len(p), nil
	}
	if _, err := m.file.Write(p); err != nil {
		return 0, scratchError(err)
	}
	return len(p), nil
}

func scratchError(err error) error { return fmt.Errorf("%w: %w", errScratch, err) }
