// Package secret holds text that cannot print itself.
//
// It knows how to hide and how to compare; it must not know where secrets come
// from or go to.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
)

// Text is a secret string. Every way of formatting or encoding it gives the
// same placeholder; Reveal is the one way out.
type Text struct{ value string }

const hidden = "[hidden]"

// New wraps a value.
func New(value string) Text { return Text{value: value} }

// Reveal returns the value. Callers put it into a header, never into a
// message.
func (t Text) Reveal() string { return t.value }

// Empty reports whether there is nothing to hide.
func (t Text) Empty() bool { return t.value == "" }

// Equal compares in constant time.
func (t Text) Equal(other Text) bool {
	return subtle.ConstantTimeCompare([]byte(t.value), []byte(other.value)) == 1
}

// String implements fmt.Stringer.
func (t Text) String() string { return hidden }

// Format implements fmt.Formatter: a verb that goes around Stringer, such as
// %d, shows no more than %v does.
func (t Text) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, hidden) }

// MarshalText implements encoding.TextMarshaler, for JSON and YAML.
func (t Text) MarshalText() ([]byte, error) { return []byte(hidden), nil }
