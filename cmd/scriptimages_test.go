package cmd

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// encodePicture makes the files of mkimage: a "phone" stores its JPEG on its
// side (EXIF orientation 6), "noise" is a PNG that nothing compresses, "webp"
// is of one colour.
func encodePicture(ts *testscript.TestScript, kind string, width, height int) []byte {
	var out bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&out, picture(width, height))
	case "jpeg", "phone":
		err = jpeg.Encode(&out, picture(width, height), nil)
	case "webp":
		return plainWebP(width, height)
	case "noise":
		encoder := png.Encoder{CompressionLevel: png.NoCompression}
		err = encoder.Encode(&out, noise(width, height))
	default:
		ts.Fatalf("%q is no kind of picture", kind)
	}
	ts.Check(err)
	if kind == "phone" {
		return turned(out.Bytes(), 6)
	}
	return out.Bytes()
}

// noise is the same on every machine, and opaque.
func noise(width, height int) image.Image {
	drawn := image.NewNRGBA(image.Rect(0, 0, width, height))
	_, _ = rand.NewChaCha8([32]byte{1}).Read(drawn.Pix) // never fails
	for i := 3; i < len(drawn.Pix); i += 4 {
		drawn.Pix[i] = 0xff
	}
	return drawn
}

// plainWebP writes a lossless WebP whose five prefix codes have one symbol
// each, so that its pixels take no bits at all.
func plainWebP(width, height int) []byte {
	stream := []byte{0x2f}
	bits, count := uint64(0), 0
	put := func(value uint64, n int) {
		bits, count = bits|value<<count, count+n
		for ; count >= 8; bits, count = bits>>8, count-8 {
			stream = append(stream, byte(bits))
		}
	}
	put(uint64(width-1), 14)  //nolint:gosec // pixels
	put(uint64(height-1), 14) //nolint:gosec // pixels
	put(0, 1+3+1+1+1)         // no alpha, version 0, no transform, no cache, no groups
	for _, colour := range []uint64{120, 40, 200, 255} {
		put(1|0<<1|1<<2, 3) // a simple code of one symbol of eight bits
		put(colour, 8)
	}
	put(1, 4) // the distance: a simple code of one symbol of one bit
	put(0, 7)
	if len(stream)%2 == 1 {
		stream = append(stream, 0)
	}
	body := binary.LittleEndian.AppendUint32([]byte("WEBPVP8L"), uint32(len(stream))) //nolint:gosec // a few bytes
	body = append(body, stream...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...) //nolint:gosec // a few bytes
}

// turned puts an EXIF orientation behind the first marker of a JPEG.
func turned(content []byte, orientation byte) []byte {
	segment := append([]byte{0xff, 0xe1, 0, 34}, "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"...)
	segment = append(segment, orientation, 0, 0, 0, 0, 0, 0)
	return bytes.Join([][]byte{content[:2], segment, content[2:]}, nil)
}

// scriptPadPNG makes a PNG exactly so many bytes long, by a chunk that no
// reader has to know:
//
//	padpng FROM TO BYTES
func scriptPadPNG(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: padpng FROM TO BYTES")
	}
	content := []byte(ts.ReadFile(args[0]))
	size, err := strconv.Atoi(args[2])
	ts.Check(err)
	const around, atEnd = 12, 12 // a chunk's own bytes, and the last chunk's
	body := append([]byte("paDd"), make([]byte, size-len(content)-around)...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4)) //nolint:gosec // a few megabytes
	chunk = binary.BigEndian.AppendUint32(append(chunk, body...), crc32.ChecksumIEEE(body))
	end := len(content) - atEnd
	padded := bytes.Join([][]byte{content[:end], chunk, content[end:]}, nil)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), padded, 0o600))
}

// scriptCut writes the first bytes of a file into another:
//
//	cut FROM TO BYTES
func scriptCut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: cut FROM TO BYTES")
	}
	size, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(ts.ReadFile(args[0])[:size]), 0o600))
}

// scriptDataURI writes a file as a data: URI, its base64 in lines as mail
// programs break them:
//
//	datauri FROM TO TYPE
func scriptDataURI(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: datauri FROM TO TYPE")
	}
	text := base64.StdEncoding.EncodeToString([]byte(ts.ReadFile(args[0])))
	var out strings.Builder
	out.WriteString("data:" + args[2] + ";base64,")
	for len(text) > 76 {
		out.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	out.WriteString(text + "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(out.String()), 0o600))
}
