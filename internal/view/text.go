package view

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
)

// steers reports what a terminal could obey instead of showing it: control
// characters, marks of direction, and the breaks of lines that look like none.
func steers(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) || r == '\ufeff'
}

// plain makes a text fit for a cell: it stays whole, on one line, in one
// column, and steers nothing.
func plain(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if !strings.ContainsFunc(text, steers) {
		return text
	}
	var clean strings.Builder
	for _, r := range text {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			clean.WriteByte(' ')
		case steers(r):
			fmt.Fprintf(&clean, `\u%04x`, r)
		default:
			clean.WriteRune(r)
		}
	}
	return clean.String()
}

// Inert writes whatever could steer a terminal in a JSON text as an escape of
// JSON, which changes nothing for whoever parses it.
func Inert(text []byte) []byte {
	if !bytes.ContainsFunc(text, steersJSON) {
		return text
	}
	var clean bytes.Buffer
	for _, r := range string(text) {
		if steersJSON(r) {
			fmt.Fprintf(&clean, `\u%04x`, r)
			continue
		}
		clean.WriteRune(r)
	}
	return clean.Bytes()
}

// steersJSON leaves out the line breaks and tabs between tokens; those inside
// strings are escaped already.
func steersJSON(r rune) bool { return r != '\n' && r != '\t' && steers(r) }

// Plain makes lines fit to print: each stays one line and steers nothing.
func Plain(lines []string) []string {
	made := make([]string, len(lines))
	for i, line := range lines {
		made[i] = plain(line)
	}
	return made
}
