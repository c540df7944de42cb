package media

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

const jpegEnd = "end marker (EOI)"

// scanJPEG walks the segments and the coded data of a JPEG up to EOI. Cameras
// append data of their own behind it, which is let be.
func scanJPEG(r *bufio.Reader, _ int64) (header, error) {
	var found header
	if _, err := r.Discard(2); err != nil {
		return found, readFailure(err, "JPEG", jpegEnd)
	}
	for {
		marker, err := nextMarker(r)
		if err != nil {
			return found, readFailure(err, "JPEG", jpegEnd)
		}
		if marker == 0xd9 {
			return found, nil
		}
		var head [2]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return found, readFailure(err, "JPEG", jpegEnd)
		}
		length := int(binary.BigEndian.Uint16(head[:])) - 2
		if length < 0 {
			return found, errors.New("is a broken JPEG: a segment has an impossible length")
		}
		if marker == 0xe1 && found.orientation == 0 {
			segment := make([]byte, length)
			if _, err := io.ReadFull(r, segment); err != nil {
				return found, readFailure(err, "JPEG", jpegEnd)
			}
			found.orientation = orientationOf(segment)
			continue
		}
		if err := discard(r, int64(length), "JPEG", jpegEnd); err != nil {
			return found, err
		}
	}
}

// nextMarker finds the next marker that has a segment, or EOI: past coded data,
// stuffed zeros, fill bytes and restart markers.
func nextMarker(r *bufio.Reader) (byte, error) {
	for {
		if _, err := r.ReadSlice(0xff); err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, err
		} else if err != nil {
			continue
		}
		b := byte(0xff)
		for b == 0xff {
			var err error
			if b, err = r.ReadByte(); err != nil {
				return 0, err
			}
		}
		alone := b == 0x00 || b == 0x01 || b >= 0xd0 && b <= 0xd8
		if !alone {
			return b, nil
		}
	}
}
