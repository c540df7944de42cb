package media

import (
	"bufio"
	"errors"
	"io"
)

const gifEnd = "trailer"

// scanGIF walks the blocks of a GIF up to its trailer and counts the frames.
func scanGIF(r *bufio.Reader, _ int64) (header, error) {
	var found header
	var screen [13]byte
	if _, err := io.ReadFull(r, screen[:]); err != nil {
		return found, readFailure(err, "GIF", gifEnd)
	}
	if err := discard(r, colorTable(screen[10]), "GIF", gifEnd); err != nil {
		return found, err
	}
	for frames := 0; ; {
		block, err := r.ReadByte()
		if err != nil {
			return found, readFailure(err, "GIF", gifEnd)
		}
		var skip int64
		switch block {
		case 0x3b:
			return found, nil
		case 0x21:
			// An extension: one byte says which.
			skip = 1
		case 0x2c:
			frames++
			found.animated = frames > 1
			var frame [9]byte
			if _, err := io.ReadFull(r, frame[:]); err != nil {
				return found, readFailure(err, "GIF", gifEnd)
			}
			// The colour table, then one byte for the size of a code.
			skip = colorTable(frame[8]) + 1
		default:
			return found, errors.New("is a broken GIF: a block of an unknown kind")
		}
		if err := discard(r, skip, "GIF", gifEnd); err != nil {
			return found, err
		}
		if err := skipSubBlocks(r); err != nil {
			return found, readFailure(err, "GIF", gifEnd)
		}
	}
}

// colorTable is the length in bytes of the colour table that a flag byte
// announces.
func colorTable(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// skipSubBlocks passes length-prefixed blocks up to the empty one.
func skipSubBlocks(r *bufio.Reader) error {
	for {
		length, err := r.ReadByte()
		if err != nil || length == 0 {
			return err
		}
		if _, err := r.Discard(int(length)); err != nil {
			return err
		}
	}
}
