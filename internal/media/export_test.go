package media

import (
	"bytes"
	"io"
)

// ParseBytes is parse without a file, for fuzzing.
func ParseBytes(content []byte) (kind string, width, height int, err error) {
	found, err := parse(bytes.NewReader(content))
	return found.kind, found.width, found.height, err
}

// DecodeText is the way of a text file to the bytes of its image, without the
// file and without a look at the image.
func DecodeText(content []byte) (image []byte, found bool, err error) {
	text, found := findTextImage(content[:min(len(content), sniffLength)])
	if !found {
		return nil, false, nil
	}
	image, err = io.ReadAll(newBase64Text(bytes.NewReader(content[text.skip:])))
	return image, true, err
}
