package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/bmp"

	"github.com/klingctl/klingctl/internal/fault"
)

// typeBMP is read only to be converted: no provider takes it.
const typeBMP = "image/bmp"

// InspectLoose is Inspect for what Fix is asked to mend: besides images it
// takes a text file with the base64 of one, which is decoded into a temporary
// copy, and a BMP, which Fix converts. The result still has to go through Fix.
// The cleanup removes the copy and is never nil.
func InspectLoose(ctx context.Context, path string) (Fixed, func(), error) {
	nothing := func() {}
	file, info, err := openRegular(path)
	if err != nil {
		return Fixed{}, nothing, err
	}
	defer func() { _ = file.Close() }()

	start := make([]byte, sniffLength)
	n, err := file.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return Fixed{}, nothing, readFault(path, err)
	}
	text, ok := findTextImage(start[:n])
	if !ok || info.Size() > MaxFile {
		img, err := inspect(ctx, path, parseLoose)
		return Fixed{Image: img}, nothing, err
	}
	to, err := newScratch()
	if err != nil {
		return Fixed{}, nothing, err
	}
	img, err := text.decode(ctx, path, io.NewSectionReader(file, 0, info.Size()), to)
	if err == nil {
		after, statErr := file.Stat()
		if statErr != nil || after.Size() != info.Size() || !after.ModTime().Equal(info.ModTime()) {
			err = refuse(path, "changed while it was read")
		}
	}
	if err != nil {
		to.remove()
		return Fixed{}, nothing, err
	}
	return Fixed{Image: img, Notes: []string{"decoded from " + text.String()}}, to.remove, nil
}

// decode writes the image out of a text and inspects it.
func (t textImage) decode(ctx context.Context, path string, r io.ReadSeeker, to scratch) (Image, error) {
	if _, err := r.Seek(int64(t.skip), io.SeekStart); err != nil {
		return Image{}, readFault(path, err)
	}
	_, err := to.write(ctx, MaxFile, func(w io.Writer) error {
		_, err := io.Copy(w, newBase64Text(r))
		return err
	})
	broken, isBroken := errors.AsType[*textError](err)
	switch {
	case ctx.Err() != nil:
		return Image{}, interrupted(ctx, path)
	case isBroken:
		broken.at += int64(t.skip)
		return Image{}, refuse(path, broken.Error())
	case errors.Is(err, errScratch):
		return Image{}, scratchFault(err)
	case err != nil:
		return Image{}, readFault(path, err)
	}
	img, err := inspect(ctx, to.path, parseLoose)
	if err != nil {
		if found := fault.Of(err); found != nil && found.Kind == fault.Usage {
			found.Subject, found.Detail = shown(path), "holds "+t.String()+" that "+found.Detail
		}
		return Image{}, err
	}
	img.Source, img.Path = path, to.path
	return img, nil
}

// SpoolLoose is to Spool what InspectLoose is to Inspect.
func SpoolLoose(ctx context.Context, r io.Reader, limit int64) (Fixed, func(), error) {
	path, remove, err := spool(ctx, r, limit)
	if err != nil {
		return Fixed{}, remove, err
	}
	found, cleanup, err := InspectLoose(ctx, path)
	if err != nil {
		remove()
		return Fixed{}, func() {}, fromStdin(err)
	}
	found.Image.Source, found.Image.Path = Stdin, found.Image.File()
	return found, func() { cleanup(); remove() }, nil
}

// parseLoose is parse with BMP.
func parseLoose(r section) (header, error) {
	found, err := parse(r)
	if err == nil {
		return found, nil
	}
	if size, bmpErr := bmpConfig(r); bmpErr == nil {
		return header{kind: typeBMP, width: size.Width, height: size.Height}, nil
	}
	return header{}, err
}

// bmpConfig reads the header of a BMP. Whether all of it is there is told when
// it is converted, and nobody gets it without that.
func bmpConfig(r section) (image.Config, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return image.Config{}, fmt.Errorf("cannot be read: %w", err)
	}
	size, err := bmp.DecodeConfig(bufio.NewReader(r))
	if err == nil && (size.Width <= 0 || size.Height <= 0) {
		err = errors.New("it has no pixels")
	}
	return size, err
}

// scratchFault is a temporary file that cannot be had.
func scratchFault(err error) error {
	return &fault.Error{Kind: fault.Local, Op: "keep the mended image", Err: err}
}
