package media

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/klingctl/klingctl/internal/fault"
)

const copyBuffer = 256 << 10

// Inspect reads a local image once: type and pixels from its header, whether
// it is whole, its size and digest. Pixels are never decoded and the file is
// never held in memory.
//
// What is no readable, whole image of at most MaxFile bytes is a fault.Usage
// that says what it is instead: a folder, a FIFO, a device, a socket, an empty
// file, a HEIC. A disk that fails is a fault.Local.
func Inspect(ctx context.Context, path string) (Image, error) {
	return inspect(ctx, path, parse)
}

func inspect(ctx context.Context, path string, parse func(section) (header, error)) (Image, error) {
	file, info, err := openRegular(path)
	if err != nil {
		return Image{}, err
	}
	defer func() { _ = file.Close() }()

	size := info.Size()
	switch {
	case size == 0:
		return Image{}, refuse(path, "is empty")
	case size > MaxFile:
		return Image{}, refuse(path, fmt.Sprintf("has %d bytes, more than %d are no image that can be sent", size, int64(MaxFile)))
	}
	found, err := parse(io.NewSectionReader(file, 0, size))
	if err != nil {
		return Image{}, refuse(path, err.Error())
	}
	digest, err := digestOf(ctx, io.NewSectionReader(file, 0, size+1), size)
	switch {
	case ctx.Err() != nil:
		return Image{}, interrupted(ctx, path)
	case err != nil:
		return Image{}, readFault(path, err)
	case digest == "":
		return Image{}, refuse(path, "changed while it was read")
	}
	after, err := file.Stat()
	if err != nil {
		return Image{}, readFault(path, err)
	}
	if after.Size() != size || !after.ModTime().Equal(info.ModTime()) {
		return Image{}, refuse(path, "changed while it was read")
	}
	return Image{
		Source: path, Type: found.kind, Width: found.width, Height: found.height,
		Bytes: size, SHA256: digest, Orientation: found.orientation, Animated: found.animated,
		ModTime: info.ModTime(),
	}, nil
}

// digestOf hashes a stream and returns "" when it has not exactly size bytes.
func digestOf(ctx context.Context, r io.Reader, size int64) (string, error) {
	sum := sha256.New()
	buffer := make([]byte, copyBuffer)
	total := int64(0)
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := r.Read(buffer)
		sum.Write(buffer[:n])
		total += int64(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
	}
	if total != size {
		return "", nil
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func interrupted(ctx context.Context, path string) error {
	return &fault.Error{Kind: fault.Interrupted, Op: "read the image", Subject: shown(path), Err: context.Cause(ctx)}
}

// section is what the parsers read from: bytes with a known end.
type section interface {
	io.ReadSeeker
	Size() int64
}

// header is what a format's parser finds.
type header struct {
	kind          string
	width, height int
	orientation   int
	animated      bool
}

// parse tells what an image is and whether it is whole. Its errors read on
// from the name of the file.
func parse(r section) (header, error) {
	start := make([]byte, sniffLength)
	n, err := io.ReadFull(r, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return header{}, fmt.Errorf("cannot be read: %w", err)
	}
	start = start[:n]
	kind := sniff(start)
	config, scan := formatOf(kind)
	if scan == nil {
		return header{}, notAnImage(start, kind)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return header{}, fmt.Errorf("cannot be read: %w", err)
	}
	buffered := bufio.NewReaderSize(r, 64<<10)
	found, err := scan(buffered, r.Size())
	if err != nil {
		return header{}, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return header{}, fmt.Errorf("cannot be read: %w", err)
	}
	buffered.Reset(r)
	size, err := config(buffered)
	if err != nil {
		return header{}, fmt.Errorf("is a broken %s: %w", formatName(kind), err)
	}
	if size.Width <= 0 || size.Height <= 0 {
		return header{}, fmt.Errorf("is a broken %s: it has no pixels", formatName(kind))
	}
	found.kind, found.width, found.height = kind, size.Width, size.Height
	return found, nil
}
