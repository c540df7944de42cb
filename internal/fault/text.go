package fault

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxText is how much of a server's text is ever shown, in characters.
const MaxText = 1000

// SafeText makes text from a server fit to print: invalid UTF-8 replaced,
// control, escape and direction characters escaped, cut at MaxText characters.
// Newline and tab become spaces, so that a message stays one line.
func SafeText(text string) string {
	var out strings.Builder
	count := 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if count++; count > MaxText {
			out.WriteString("…")
			break
		}
		switch {
		case r == '\n' || r == '\t':
			out.WriteByte(' ')
		case unsafeRune(r):
			fmt.Fprintf(&out, "\\u%04x", r)
		default:
			out.WriteRune(r)
		}
	}
	return strings.TrimSpace(out.String())
}

// unsafeRune reports C0, DEL, C1, bidirectional overrides and isolates, and
// the line separators that some terminals obey.
func unsafeRune(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	case r == 0x200e, r == 0x200f, r == 0x061c, r == 0x2028, r == 0x2029, r == 0xfeff:
		return true
	}
	return false
}
