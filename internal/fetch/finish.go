package fetch

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/klingctl/klingctl/internal/media"
)

// check walks the boxes of a part that should be whole.
func (d *download) check() (media.MP4, *trouble) {
	r := &noting{r: d.part.file}
	found, err := media.CheckMP4(r, d.part.size)
	switch {
	case err == nil:
		return found, nil
	case r.err != nil:
		return found, diskTrouble(r.err)
	case d.part.spliced:
		// One of the answers it was made of was not what it claimed to be.
		return found, &trouble{next: startOver, err: err}
	case errors.Is(err, media.ErrCut) && d.part.origin.Length < 0:
		// Without a length an early end looks like the end: go on from here.
		if d.endsHereAgain() {
			return found, &trouble{next: giveUp, detail: "the server ends the file at the same byte each time", err: err}
		}
		return found, &trouble{next: tryAgain, err: err}
	}
	return found, &trouble{next: giveUp, useless: true, err: err}
}

// noting keeps the disk's own errors apart from what is wrong with the file.
type noting struct {
	r   io.ReaderAt
	err error
}

// ReadAt implements io.ReaderAt.
func (n *noting) ReadAt(p []byte, at int64) (int, error) {
	read, err := n.r.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		n.err = err
	}
	return read, err
}

// finish gives a whole file its name: on disk first, then told to the caller,
// then renamed, then the name on disk.
func (d *download) finish(ctx context.Context, found media.MP4, hooks Hooks) (Result, error) {
	p := d.part
	result := Result{
		Path: d.target, SHA256: p.digest(), Bytes: p.size, Resumed: d.resumed,
		Seconds: found.Seconds, Width: found.Width, Height: found.Height,
	}
	local := func(err error) (Result, error) { return Result{}, localFault(d.target, err) }
	if err := patiently(ctx, d.settle); err != nil {
		if stop := stopped(ctx); stop != nil {
			return Result{}, stop // the part stays: the disk still works on it
		}
		// After a sync that failed nobody knows what the disk has: the bytes
		// that can still be read may be gone tomorrow.
		p.remove()
		return local(err)
	}
	if hooks.BeforeRename != nil {
		if err := hooks.BeforeRename(result); err != nil {
			return Result{}, err
		}
	}
	if err := vacant(d.target, hooks.Force); err != nil {
		return Result{}, err
	}
	// Windows renames no open file; the lock is a file of its own.
	if err := p.file.Close(); err != nil {
		return local(err)
	}
	if err := d.disk.rename(p.path, d.target); err != nil {
		return local(err)
	}
	_ = os.Remove(p.sidecar)
	if err := patiently(ctx, func() error { return d.disk.syncDir(filepath.Dir(d.target)) }); err != nil {
		return Result{}, stoppedOr(ctx, err, d.target)
	}
	return result, nil
}

// patiently waits for the disk as long as the context does: a sync that is under
// way cannot be called back, only left alone.
func patiently(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// settle opens the part to those whom the user's umask admits, as any other
// file they make, and brings it to the disk.
func (d *download) settle() error {
	if info, err := os.Lstat(d.part.sidecar); err == nil && info.Mode().IsRegular() {
		if err := d.part.file.Chmod(info.Mode().Perm()); err != nil {
			return err
		}
	}
	return d.disk.sync(d.part.file)
}
