package ledger

import (
	"database/sql"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"
)

// PostgreSQL stores no NUL and no broken UTF-8 in text, SQLite any bytes. What
// a ledger was given it gives back: here such bytes, and the mark itself, are
// kept as the mark and two hexadecimal digits.
const mark = '\x1a'

// packed makes text that PostgreSQL can store, almost always the same.
func packed(text string) string {
	if utf8.ValidString(text) && !strings.ContainsAny(text, "\x00\x1a") {
		return text
	}
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		if r == 0 || r == mark || r == utf8.RuneError && size == 1 {
			b.WriteRune(mark)
			b.WriteString(hex.EncodeToString([]byte{text[0]}))
		} else {
			b.WriteString(text[:size])
		}
		text = text[size:]
	}
	return b.String()
}

// unpacked gives back what was packed.
func unpacked(text string) string {
	if !strings.ContainsRune(text, mark) {
		return text
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, string(mark))
		b.WriteString(before)
		if !found {
			return b.String()
		}
		digits := rest[:min(2, len(rest))]
		if raw, err := hex.DecodeString(digits); err == nil {
			b.Write(raw)
		}
		text = rest[len(digits):]
	}
}

// packedAll packs the texts among arguments.
func packedAll(args []any) []any {
	all := make([]any, len(args))
	for i, arg := range args {
		switch value := arg.(type) {
		case string:
			arg = packed(value)
		case sql.NullString:
			value.String = packed(value.String)
			arg = value
		}
		all[i] = arg
	}
	return all
}

// unpacking is a cursor that unpacks the texts it gives.
type unpacking struct{ *sql.Rows }

func (u unpacking) Scan(into ...any) error {
	if err := u.Rows.Scan(into...); err != nil {
		return err
	}
	for _, target := range into {
		switch value := target.(type) {
		case *string:
			*value = unpacked(*value)
		case *sql.NullString:
			value.String = unpacked(value.String)
		}
	}
	return nil
}

// numbered writes the marks of arguments as PostgreSQL wants them. No statement
// here has a question mark of another meaning.
func numbered(query string) string {
	var b strings.Builder
	for n := 1; ; n++ {
		before, rest, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		query = rest
	}
}
