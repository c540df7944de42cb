package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klingctl/klingctl/internal/fault"
)

// Spool copies an image that comes as a stream, which is standard input, to a
// temporary file (0600) and inspects it. A limit of 0 means MaxFile; a longer
// stream is a fault.Usage. The cleanup removes the file and is never nil.
//
// A reader cannot be woken: when ctx ends, Spool returns at once and leaves the
// pending Read to end by itself, after which the file is removed.
func Spool(ctx context.Context, r io.Reader, limit int64) (Image, func(), error) {
	path, remove, err := spool(ctx, r, limit)
	if err != nil {
		return Image{}, remove, err
	}
	img, err := Inspect(ctx, path)
	if err != nil {
		remove()
		return Image{}, func() {}, fromStdin(err)
	}
	img.Source, img.Path = Stdin, path
	return img, remove, nil
}

// spool is Spool without a look at the file.
func spool(ctx context.Context, r io.Reader, limit int64) (path string, remove func(), err error) {
	nothing := func() {}
	if limit <= 0 || limit > MaxFile {
		limit = MaxFile
	}
	file, err := os.CreateTemp("", "klingctl-*.image")
	if err != nil {
		return "", nothing, &fault.Error{Kind: fault.Local, Op: "keep the image from standard input", Err: err}
	}
	discard := func() { _ = os.Remove(file.Name()) }

	copied := make(chan error)
	go func() {
		n, err := io.Copy(file, io.LimitReader(r, limit+1))
		err = errors.Join(err, file.Close())
		if err == nil && n > limit {
			err = refuse("standard input", fmt.Sprintf("has more than %d bytes", limit))
		}
		select {
		case copied <- err:
		case <-ctx.Done():
			discard()
		}
	}()
	select {
	case <-ctx.Done():
		// Where an open file can be removed, nothing stays behind a process
		// that ends now; elsewhere the goroutine comes to it.
		discard()
		return "", nothing, interrupted(ctx, "standard input")
	case err := <-copied:
		if err != nil {
			discard()
			return "", nothing, spoolFault(err)
		}
	}
	return file.Name(), discard, nil
}

// fromStdin names the source that the user knows instead of the file behind it.
func fromStdin(err error) error {
	if found := fault.Of(err); found != nil {
		found.Subject = "standard input"
	}
	return err
}

func spoolFault(err error) error {
	if fault.Of(err) != nil {
		return err
	}
	return readFault("standard input", err)
}
