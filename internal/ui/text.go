package ui

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

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
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	case width.Neutral, width.EastAsianAmbiguous, width.EastAsianNarrow, width.EastAsianHalfwidth:
		return 1
	}
	return 1
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
