package media_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// Files of every format, made here so that no picture lies in the repository.

func pngBytes(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func jpegBytes(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func gifBytes(tb testing.TB, width, height, frames int) []byte {
	tb.Helper()
	var film gif.GIF
	for range frames {
		film.Image = append(film.Image, image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White}))
		film.Delay = append(film.Delay, 1)
	}
	var out bytes.Buffer
	if err := gif.EncodeAll(&out, &film); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// exifBlock is a TIFF of one tag, the orientation.
func exifBlock(order binary.AppendByteOrder, orientation uint16) []byte {
	out := []byte("II")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		out = []byte("MM")
	}
	out = order.AppendUint16(out, 42)
	out = order.AppendUint32(out, 8)
	out = order.AppendUint16(out, 1)
	out = order.AppendUint16(out, 0x0112)
	out = order.AppendUint16(out, 3)
	out = order.AppendUint32(out, 1)
	out = order.AppendUint16(out, orientation)
	return append(out, 0, 0, 0, 0, 0, 0)
}

// withAPP1 puts a segment of EXIF behind the first marker of a JPEG.
func withAPP1(content, exif []byte) []byte {
	segment := append([]byte("Exif\x00\x00"), exif...)
	out := append([]byte{}, content[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(segment)+2))
	out = append(out, segment...)
	return append(out, content[2:]...)
}

// withChunk puts a chunk behind the header chunk of a PNG.
func withChunk(content []byte, kind string, data []byte) []byte {
	const afterHeader = 8 + 12 + 13
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	body := append([]byte(kind), data...)
	chunk = append(chunk, body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(body))
	out := append([]byte{}, content[:afterHeader]...)
	out = append(out, chunk...)
	return append(out, content[afterHeader:]...)
}

type riffChunk struct {
	kind string
	data []byte
}

func webpBytes(chunks ...riffChunk) []byte {
	body := []byte("WEBP")
	for _, chunk := range chunks {
		body = append(body, chunk.kind...)
		body = binary.LittleEndian.AppendUint32(body, uint32(len(chunk.data)))
		body = append(body, chunk.data...)
		if len(chunk.data)%2 == 1 {
			body = append(body, 0)
		}
	}
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)))
	return append(out, body...)
}

// lossless is the header of a VP8L bitstream and nothing behind it.
func lossless(width, height int) riffChunk {
	bits := uint32(width-1) | uint32(height-1)<<14
	return riffChunk{"VP8L", append([]byte{0x2f}, binary.LittleEndian.AppendUint32(nil, bits)...)}
}

func extended(width, height int, flags byte) riffChunk {
	w, h := width-1, height-1
	return riffChunk{"VP8X", []byte{flags, 0, 0, 0, byte(w), byte(w >> 8), byte(w >> 16), byte(h), byte(h >> 8), byte(h >> 16)}}
}

func write(tb testing.TB, name string, content []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}
