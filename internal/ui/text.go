package ui

import (
	"strings"
	"unicode"

	"github.com/klingctl/klingctl/internal/fault"
)

// emojiStyle is the selector that makes the character before it a picture,
// which is a column wider.
const emojiStyle = '\ufe0f'

// Columns is how many columns of a terminal a text takes. Terminals disagree
// on characters that join; where they do, this is the larger number.
func Columns(text string) int {
	columns := 0
	for _, r := range text {
		columns += columnsOf(r)
	}
	return columns
}

func columnsOf(r rune) int {
	switch {
	case r == emojiStyle:
		return 1
	case r < 0x20, unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && wide(r):
		return 2
	}
	return 1
}

// wide reports the characters that take two columns: those that Unicode's
// Standard Annex 11 calls wide or fullwidth, its blocks rounded up.
func wide(r rune) bool {
	switch {
	case r <= 0x115f, r >= 0x2e80 && r <= 0x303e, r >= 0x3041 && r <= 0xa4cf, r >= 0xa960 && r <= 0xa97f,
		r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff, r >= 0xfe10 && r <= 0xfe1f, r >= 0xfe30 && r <= 0xfe6f,
		r >= 0xff01 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6: // scripts of East Asia
		return true
	case r >= 0x16fe0 && r <= 0x1b2ff, r >= 0x1d300 && r <= 0x1d37f, r >= 0x20000 && r <= 0x3fffd: // the rest of them
		return true
	case r >= 0x231a && r <= 0x231b, r >= 0x2329 && r <= 0x232a, r >= 0x23e9 && r <= 0x23f3, r >= 0x25fd && r <= 0x25fe,
		r >= 0x2614 && r <= 0x2615, r >= 0x2630 && r <= 0x2637, r >= 0x2648 && r <= 0x2653, r >= 0x267f && r <= 0x26fd,
		r >= 0x2705 && r <= 0x2728, r >= 0x274c && r <= 0x2757, r >= 0x2795 && r <= 0x27bf, r >= 0x2b1b && r <= 0x2b55,
		r >= 0x1f000 && r <= 0x1faff: // pictures
		return true
	}
	return false
}

// Cut shortens a text to a number of columns, ending it with an ellipsis.
func Cut(text string, columns int) string {
	if Columns(text) <= columns {
		return text
	}
	if columns <= 0 {
		return ""
	}
	used, end := 0, len(text)
	for i, r := range text {
		if used += columnsOf(r); used > columns-1 {
			end = i
			break
		}
	}
	return strings.TrimRight(text[:end], " ") + "…"
}

// safe makes a text of several lines fit to print. Its lines and their
// indentation stay; nothing else in it can steer a terminal.
func safe(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		words := strings.TrimLeft(line, " ")
		lines[i] = line[:len(line)-len(words)] + fault.SafeText(words)
	}
	return strings.Join(lines, "\n")
}
