package media

import (
	"bytes"
	"encoding/binary"
)

// maxEXIF is the largest block of EXIF looked at, in bytes: that of a JPEG.
const maxEXIF = 64 << 10

// orientationOf reads the one tag that changes which way up an image is from a
// block of EXIF, with or without the "Exif" mark of a JPEG before it. It gives
// 0 for a block that does not say or cannot be read.
func orientationOf(exif []byte) int {
	const (
		tagOrientation = 0x0112
		typeShort      = 3
	)
	exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	if len(exif) < 8 {
		return 0
	}
	var order binary.ByteOrder
	switch string(exif[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0
	}
	start := uint64(order.Uint32(exif[4:]))
	if start+2 > uint64(len(exif)) {
		return 0
	}
	entries := exif[start:]
	count := int(order.Uint16(entries))
	entries = entries[2:]
	for range count {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == tagOrientation && order.Uint16(entries[2:]) == typeShort {
			if value := int(order.Uint16(entries[8:])); value >= 1 && value <= 8 {
				return value
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}
