package media

import "bytes"

// ParseBytes is parse without a file, for fuzzing.
func ParseBytes(content []byte) (kind string, width, height int, err error) {
	found, err := parse(bytes.NewReader(content))
	return found.kind, found.width, found.height, err
}
