package media

import (
	"errors"
	"fmt"
	"io"
)

// MP4 is what the header of a video says.
type MP4 struct {
	// Seconds is the duration, 0 when the file does not say.
	Seconds float64
	// Width and Height are those of the largest track in pixels, before any
	// rotation.
	Width, Height int
}

var (
	// ErrNotVideo is a file that is something else than an MP4.
	ErrNotVideo = errors.New("not a video")
	// ErrCut is an MP4 whose end, or whose index, is missing.
	ErrCut = errors.New("the video is cut")
)

// CheckMP4 walks the boxes of an MP4 (ISO/IEC 14496-12) without reading its
// media data. A whole file starts with ftyp, has moov and mdat, and its boxes
// add up to its size exactly; that is the one way to notice a transfer that
// ended early without an error. Other boxes are passed over.
//
// Errors are ErrNotVideo or ErrCut with the reason, a malformed file in other
// words, or those of the reader.
func CheckMP4(r io.ReaderAt, size int64) (MP4, error) {
	var found MP4
	if size == 0 {
		return found, fmt.Errorf("%w: the file is empty", ErrNotVideo)
	}
	start := make([]byte, min(size, sniffLength))
	if _, err := r.ReadAt(start, 0); err != nil && !errors.Is(err, io.EOF) {
		return found, err
	}
	if len(start) < 8 || string(start[4:8]) != "ftyp" {
		return found, notAVideo(start)
	}
	var moov, mdat bool
	w := walker{r: r, size: size, boxes: maxBoxes}
	err := w.walk(0, size, func(b box) error {
		switch b.kind {
		case "mdat":
			mdat = true
		case "moov":
			if moov {
				return nil
			}
			moov = true
			return w.movie(b, &found)
		}
		return nil
	})
	switch {
	case err != nil:
		return MP4{}, err
	case !moov:
		return MP4{}, fmt.Errorf("%w: its index (moov) is missing", ErrCut)
	case !mdat:
		return MP4{}, fmt.Errorf("%w: its pictures (mdat) are missing", ErrCut)
	}
	return found, nil
}

func notAVideo(start []byte) error {
	switch kind := sniff(start); kind {
	case "text/html":
		return fmt.Errorf("%w: it is a web page (HTML)", ErrNotVideo)
	case "application/octet-stream":
		return fmt.Errorf("%w: it does not start as an MP4 does", ErrNotVideo)
	default:
		return fmt.Errorf("%w: it is %s", ErrNotVideo, kind)
	}
}
