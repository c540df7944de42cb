package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// JSON is a document as --json prints it: indented, one newline at its end,
// and in its texts every character that could steer a terminal written as an
// escape of JSON. A reader gets the text back unchanged.
func JSON(document any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("encode a record: %w", err)
	}
	if !bytes.ContainsFunc(text.Bytes(), steers) {
		return text.Bytes(), nil
	}
	// The encoder escapes C0 itself, so what is left stands inside a text.
	var escaped bytes.Buffer
	for _, r := range text.String() {
		switch {
		case !steers(r):
			escaped.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&escaped, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&escaped, `\u%04x`, r)
		}
	}
	return escaped.Bytes(), nil
}

// steers reports what a terminal could obey instead of showing it: control
// characters but the newline, marks of direction, and the breaks of lines that
// look like none.
func steers(r rune) bool {
	if r == '\n' {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) || r == '\ufeff'
}

// plain makes a text fit for a cell: it stays whole, on one line, in one
// column, and steers nothing.
func plain(text string) string {
	text = strings.ToValidUTF8(text, "\ufffd")
	if !strings.ContainsFunc(text, func(r rune) bool { return r == '\n' || steers(r) }) {
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
