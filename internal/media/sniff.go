package media

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"github.com/gabriel-vasile/mimetype"
	"golang.org/x/image/webp"
)

// sniffLength is enough for mimetype to tell text from markup.
const sniffLength = 3072

// sniff tells the content type of a file from its first bytes.
func sniff(start []byte) string {
	// The library wants whole signatures; a file cut inside its own is better
	// called cut than unknown.
	for kind, magic := range map[string]string{
		TypePNG: "\x89PNG\r\n\x1a\n", TypeJPEG: "\xff\xd8\xff", TypeGIF: "GIF8",
	} {
		if len(start) >= 3 && bytes.HasPrefix([]byte(magic), start[:min(len(start), len(magic))]) {
			return kind
		}
	}
	if len(start) >= 12 && string(start[:4]) == "RIFF" && string(start[8:12]) == "WEBP" {
		return TypeWebP
	}
	kind, _, _ := strings.Cut(mimetype.Detect(start).String(), ";")
	return kind
}

type (
	configFunc func(io.Reader) (image.Config, error)
	// scanFunc walks a whole file of one format: an end that is missing is an
	// error, what the standard decoder does not tell goes into the header.
	scanFunc func(r *bufio.Reader, size int64) (header, error)
)

// formatOf gives the two parsers of a content type, nil for other types.
func formatOf(kind string) (configFunc, scanFunc) {
	switch kind {
	case TypePNG:
		return png.DecodeConfig, scanPNG
	case TypeJPEG:
		return jpeg.DecodeConfig, scanJPEG
	case TypeWebP:
		return webp.DecodeConfig, scanWebP
	case TypeGIF:
		return gif.DecodeConfig, scanGIF
	}
	return nil, nil
}

func formatName(kind string) string {
	switch kind {
	case TypeWebP:
		return "WebP"
	default:
		return strings.ToUpper(strings.TrimPrefix(kind, "image/"))
	}
}

// notAnImage names what a file is instead of an image that can be sent.
func notAnImage(start []byte, kind string) error {
	if text, ok := findTextImage(start); ok {
		return fmt.Errorf("holds %s; --fix would decode it", text)
	}
	var name, way string
	switch {
	case kind == "image/heic", kind == "image/heif", kind == "image/heic-sequence", kind == "image/heif-sequence":
		name, way = "a HEIC image", ", as heif-convert does"
	case kind == "image/avif":
		name, way = "an AVIF image", ", as avifdec does"
	case kind == "image/svg+xml":
		name, way = "an SVG drawing", ", as rsvg-convert does"
	case kind == typeBMP:
		return errors.New("is a BMP image (image/bmp), which no provider takes; --fix would convert it")
	case strings.HasPrefix(kind, "image/"):
		name = "an image of type " + kind
	case kind == "text/html":
		return errors.New("is a web page, not an image")
	case kind == "application/octet-stream":
		return errors.New("is not an image")
	case kind == "text/plain" && len(bytes.TrimSpace(start)) == 0:
		return errors.New("is blank, not an image")
	default:
		return fmt.Errorf("is not an image (%s)", kind)
	}
	return fmt.Errorf("is %s, which no provider takes; convert it to JPEG or PNG first%s", name, way)
}

// cut is the error of a file that ends too early.
func cut(format, missing string) error {
	return fmt.Errorf("is a cut %s: it ends before its %s", format, missing)
}

// readFailure tells a file that ends too early from a disk that fails.
func readFailure(err error, format, missing string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return cut(format, missing)
	}
	return fmt.Errorf("cannot be read: %w", err)
}
