package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxBoxes bounds the work on a file made of nothing but headers. A fragmented
// hour of video has some thousands.
const maxBoxes = 100_000

// box is one box of an MP4: its kind, and where its content lies.
type box struct {
	kind       string
	start, end int64
}

// walker reads boxes; it goes into those it knows only, so its depth is
// bounded by movie.
type walker struct {
	r io.ReaderAt
	// size is that of the file.
	size int64
	// boxes is how many may still be read.
	boxes int
}

// walk visits the boxes from at to end, which they must fill exactly.
func (w *walker) walk(at, end int64, visit func(box) error) error {
	for at < end {
		if w.boxes--; w.boxes < 0 {
			return errors.New("the video is broken: too many boxes")
		}
		b, err := w.next(at, end)
		if err != nil {
			return err
		}
		if err := visit(b); err != nil {
			return err
		}
		at = b.end
	}
	return nil
}

// next reads the header of the box at an offset and checks that the box fits.
func (w *walker) next(at, end int64) (box, error) {
	var head [16]byte
	if end-at < 8 {
		return box{}, w.misfit(end, "%d bytes at its end are no box", end-at)
	}
	if err := w.read(head[:8], at); err != nil {
		return box{}, err
	}
	kind := string(head[4:8])
	if !printable(kind) {
		return box{}, fmt.Errorf("the video is broken: what stands at byte %d is no box", at)
	}
	header, size := int64(8), uint64(binary.BigEndian.Uint32(head[:4]))
	switch size {
	case 0:
		// To the end of what it lies in.
		size = uint64(end - at)
	case 1:
		if header = 16; end-at < header {
			return box{}, w.misfit(end, "its box %s ends within its header", kind)
		}
		if err := w.read(head[8:], at+8); err != nil {
			return box{}, err
		}
		size = binary.BigEndian.Uint64(head[8:])
	}
	if size < uint64(header) {
		return box{}, fmt.Errorf("the video is broken: its box %s says %d bytes", kind, size)
	}
	if size > uint64(end-at) {
		return box{}, w.misfit(end, "its box %s says %d bytes, %d are there", kind, size, end-at)
	}
	return box{kind: kind, start: at + header, end: at + int64(size)}, nil
}

// misfit is the error of a box that does not fit. At the end of the file that
// is a cut; within another box, which was whole, it is nonsense.
func (w *walker) misfit(end int64, format string, args ...any) error {
	detail := fmt.Sprintf(format, args...)
	if end == w.size {
		return fmt.Errorf("%w: %s", ErrCut, detail)
	}
	return errors.New("the video is broken: " + detail)
}

func (w *walker) read(p []byte, at int64) error {
	n, err := w.r.ReadAt(p, at)
	switch {
	case n == len(p):
		return nil
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it is shorter than its size", ErrCut)
	}
	return err
}

// printable allows what box kinds are made of: ASCII and the (c) sign of
// QuickTime. Zeros are what a file has that was never filled.
func printable(kind string) bool {
	for i := range len(kind) {
		if c := kind[i]; (c < 0x20 || c > 0x7e) && c != 0xa9 {
			return false
		}
	}
	return true
}

// movie reads duration and pixels from a moov.
func (w *walker) movie(moov box, found *MP4) error {
	scale := uint32(0)
	return w.walk(moov.start, moov.end, func(b box) error {
		switch b.kind {
		case "mvhd":
			content, err := w.content(b)
			if err != nil {
				return err
			}
			var ticks uint64
			scale, ticks = clock(content)
			found.Seconds = seconds(ticks, scale)
		case "trak":
			return w.walk(b.start, b.end, func(b box) error { return w.track(b, found) })
		case "mvex":
			return w.walk(b.start, b.end, func(b box) error { return w.fragments(b, scale, found) })
		}
		return nil
	})
}

// track takes the pixels of a tkhd; a track of sound has none.
func (w *walker) track(b box, found *MP4) error {
	if b.kind != "tkhd" {
		return nil
	}
	content, err := w.content(b)
	if err != nil {
		return err
	}
	length := 84
	if len(content) > 0 && content[0] == 1 {
		length = 96
	}
	if len(content) < length {
		return nil
	}
	// The last two fields, in 16.16 fixed point.
	width := int(binary.BigEndian.Uint16(content[length-8:]))
	height := int(binary.BigEndian.Uint16(content[length-4:]))
	if width*height > found.Width*found.Height {
		found.Width, found.Height = width, height
	}
	return nil
}

// fragments takes the duration of a fragmented file from mehd; its mvhd says 0.
func (w *walker) fragments(b box, scale uint32, found *MP4) error {
	if b.kind != "mehd" {
		return nil
	}
	content, err := w.content(b)
	if err != nil {
		return err
	}
	switch {
	case len(content) >= 12 && content[0] == 1:
		found.Seconds = seconds(binary.BigEndian.Uint64(content[4:]), scale)
	case len(content) >= 8 && content[0] == 0:
		found.Seconds = seconds(uint64(binary.BigEndian.Uint32(content[4:])), scale)
	}
	return nil
}

// content reads the start of a small box: 128 bytes are more than any header
// looked at here has.
func (w *walker) content(b box) ([]byte, error) {
	content := make([]byte, min(b.end-b.start, 128))
	return content, w.read(content, b.start)
}

// clock reads time scale and duration from an mvhd of either version.
func clock(content []byte) (scale uint32, ticks uint64) {
	switch {
	case len(content) >= 32 && content[0] == 1:
		return binary.BigEndian.Uint32(content[20:]), binary.BigEndian.Uint64(content[24:])
	case len(content) >= 20 && content[0] == 0:
		ticks = uint64(binary.BigEndian.Uint32(content[16:]))
		if ticks == 1<<32-1 {
			ticks = 1<<64 - 1
		}
		return binary.BigEndian.Uint32(content[12:]), ticks
	}
	return 0, 0
}

// seconds reads all ones as "not known", as the format does.
func seconds(ticks uint64, scale uint32) float64 {
	if scale == 0 || ticks == 1<<64-1 {
		return 0
	}
	return float64(ticks) / float64(scale)
}
