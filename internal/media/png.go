package media

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

const pngEnd = "closing chunk (IEND)"

// scanPNG walks the chunks of a PNG up to IEND. What follows it is none of the
// image and is let be, as every decoder does.
func scanPNG(r *bufio.Reader, size int64) (header, error) {
	var found header
	if _, err := r.Discard(8); err != nil {
		return found, readFailure(err, "PNG", pngEnd)
	}
	left := size - 8
	for {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return found, readFailure(err, "PNG", pngEnd)
		}
		length := int64(binary.BigEndian.Uint32(head[:4]))
		if length > 1<<31-1 {
			return found, errors.New("is a broken PNG: a chunk has an impossible length")
		}
		if left -= 12 + length; left < 0 {
			return found, cut("PNG", pngEnd)
		}
		switch kind := string(head[4:]); {
		case kind == "IEND":
			return found, discard(r, length+4, "PNG", pngEnd)
		case kind == "acTL":
			found.animated = true
		case kind == "eXIf" && length <= maxEXIF:
			exif := make([]byte, length)
			if _, err := io.ReadFull(r, exif); err != nil {
				return found, readFailure(err, "PNG", pngEnd)
			}
			found.orientation = orientationOf(exif)
			length = 0
		}
		if err := discard(r, length+4, "PNG", pngEnd); err != nil {
			return found, err
		}
	}
}

// discard skips n bytes. It is called only with an n that was compared with
// the size of the file.
func discard(r *bufio.Reader, n int64, format, missing string) error {
	if _, err := r.Discard(int(n)); err != nil {
		return readFailure(err, format, missing)
	}
	return nil
}
