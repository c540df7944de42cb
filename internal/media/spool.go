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
	nothing := func() {}
	if limit <= 0 || limit > MaxFile {
		limit = MaxFile
	}
	file, err := os.CreateTemp("", "klingctl-*.image")
	if err != nil {
		return Image{}, nothing, &fault.Error{Kind: fault.Local, Op: "keep the image from standard input", Err: err}
	}
	remove := func() { _ = os.Remove(file.Name()) }

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
			remove()
		}
	}()
	select {
	case <-ctx.Done():
		return Image{}, nothing, interrupted(ctx, "standard input")
	case err := <-copied:
		if err != nil {
			remove()
			return Image{}, nothing, spoolFault(err)
		}
	}
	img, err := Inspect(ctx, file.Name())
	if err != nil {
		remove()
		if found := fault.Of(err); found != nil {
			found.Subject = "standard input"
		}
		return Image{}, nothing, err
	}
	img.Source, img.Path = Stdin, file.Name()
	return img, remove, nil
}

func spoolFault(err error) error {
	if fault.Of(err) != nil {
		return err
	}
	return readFault("standard input", err)
}
