package media

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

const webpEnd = "declared end"

// scanWebP compares the length in the RIFF header with the file and walks the
// chunks within it. Bytes behind the container are let be, as readers may.
func scanWebP(r *bufio.Reader, size int64) (header, error) {
	var found header
	var riff [12]byte
	if _, err := io.ReadFull(r, riff[:]); err != nil {
		return found, readFailure(err, "WebP", webpEnd)
	}
	end := int64(binary.LittleEndian.Uint32(riff[4:])) + 8
	if end > size {
		return found, cut("WebP", webpEnd)
	}
	for at := int64(12); at+8 <= end; {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return found, readFailure(err, "WebP", webpEnd)
		}
		length := int64(binary.LittleEndian.Uint32(head[4:]))
		at += 8 + length
		if at > end {
			return found, errors.New("is a broken WebP: a chunk is longer than the file")
		}
		skip := length
		if pad := length & 1; at+pad <= end {
			// A missing last pad byte harms nobody.
			skip, at = skip+pad, at+pad
		}
		switch kind := string(head[:4]); {
		case kind == "ANIM", kind == "ANMF":
			found.animated = true
		case kind == "EXIF" && length <= maxEXIF:
			exif := make([]byte, length)
			if _, err := io.ReadFull(r, exif); err != nil {
				return found, readFailure(err, "WebP", webpEnd)
			}
			found.orientation = orientationOf(exif)
			skip -= length
		}
		if err := discard(r, skip, "WebP", webpEnd); err != nil {
			return found, err
		}
	}
	return found, nil
}
