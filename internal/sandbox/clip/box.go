package clip

import (
	"encoding/binary"
	"slices"
)

// boxHeader is the size of a box's length and type.
const boxHeader = 8

// box returns an ISO base media box (ISO/IEC 14496-12) of the parts.
func box(kind string, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	b := make([]byte, 0, boxHeader+len(body))
	b = binary.BigEndian.AppendUint32(b, uint32(boxHeader+len(body)))
	b = append(b, kind...)
	return append(b, body...)
}

// fullBox returns a box that begins with version 0 and 24 bits of flags.
func fullBox(kind string, flags int, parts ...[]byte) []byte {
	return box(kind, append([][]byte{u32(flags)}, parts...)...)
}

// u32 returns the values as four bytes each, highest first.
func u32(values ...int) []byte {
	b := make([]byte, 0, 4*len(values))
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, uint32(v))
	}
	return b
}

// u16 returns the values as two bytes each, highest first.
func u16(values ...int) []byte {
	b := make([]byte, 0, 2*len(values))
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return b
}
