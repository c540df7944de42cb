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
// side (EXIF orientation 6), "noise" is a PNG that nothing compresses.
func encodePicture(ts *testscript.TestScript, kind string, width, height int) []byte {
	var out bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&out, picture(width, height))
	case "jpeg", "phone":
		err = jpeg.Encode(&out, picture(width, height), nil)
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
