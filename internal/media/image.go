package media

import (
	"strings"
	"time"
)

// Content types that Inspect returns. Whether a model takes one of them is for
// its Limits to say.
const (
	TypePNG  = "image/png"
	TypeJPEG = "image/jpeg"
	TypeWebP = "image/webp"
	TypeGIF  = "image/gif"
)

// MaxFile is the size in bytes beyond which a file is not looked at at all:
// several times what any known provider takes.
const MaxFile = 64 << 20

// Stdin is the Source of an image that came through standard input.
const Stdin = "-"

// Image is what is known about a local image after its file was read once.
type Image struct {
	// Source is what the user named: a path, or Stdin.
	Source string
	// Path is the file that holds the content when that is not Source: the
	// temporary file behind Stdin. "" means Source.
	Path string
	// Type is the content type told by the content, as in "image/png".
	Type string
	// Width and Height are in pixels as stored, before Orientation.
	Width, Height int
	// Bytes is the size of the file.
	Bytes int64
	// SHA256 is the lower-case hex digest of the file.
	SHA256 string
	// Orientation is the EXIF orientation from 1 to 8, 0 when unknown.
	Orientation int
	// Animated tells an APNG, an animated WebP or a GIF of several frames.
	Animated bool
	// ModTime is the time of last modification when the file was read.
	ModTime time.Time
}

// File is the path to open for the content.
func (img Image) File() string {
	if img.Path != "" {
		return img.Path
	}
	return img.Source
}

// IsURL reports whether a source is an http or https address and not a file.
func IsURL(source string) bool {
	for _, scheme := range []string{"http://", "https://"} {
		if len(source) >= len(scheme) && strings.EqualFold(source[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}
