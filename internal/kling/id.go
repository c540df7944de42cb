package kling

import "strings"

// IDLength is the length of a local id.
const IDLength = 12

// crockford is the lower-case alphabet of local ids: no i, l, o, u.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// NewID makes a local id from at least IDLength random bytes, which the
// caller brings. 32 divides 256, so every id is equally likely.
func NewID(random [IDLength]byte) string {
	var id [IDLength]byte
	for i, b := range random {
		id[i] = crockford[b%32]
	}
	return string(id[:])
}

// ValidIDPrefix reports whether text can be a local id or a prefix of one that
// is long enough (4 characters) to be accepted.
func ValidIDPrefix(text string) bool {
	if len(text) < 4 || len(text) > IDLength {
		return false
	}
	for _, r := range text {
		if !strings.ContainsRune(crockford, r) {
			return false
		}
	}
	return true
}
