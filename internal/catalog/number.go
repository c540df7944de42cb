package catalog

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// Caps on number texts. Libraries panic or crawl on huge exponents, so no
// number text gets to one before it fits.
const (
	maxNumberText     = 32
	maxNumberExponent = 15
	maxNumberDigits   = 17
)

var (
	errNotNumber  = errors.New("is not a number")
	errNumberSize = errors.New("is not a number of a usable size")
)

// checkNumber holds text against the grammar of JSON numbers (no leading
// zeros, no plus, no hexadecimal, no comma, no NaN) and against the caps.
func checkNumber(text string) error {
	if len(text) > maxNumberText {
		return errNumberSize
	}
	rest := strings.TrimPrefix(text, "-")
	whole, rest := digits(rest)
	if whole == "" || len(whole) > 1 && whole[0] == '0' {
		return errNotNumber
	}
	fraction, exponent := "", 0
	if after, ok := strings.CutPrefix(rest, "."); ok {
		if fraction, rest = digits(after); fraction == "" {
			return errNotNumber
		}
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		minus := strings.HasPrefix(rest, "-")
		if minus || strings.HasPrefix(rest, "+") {
			rest = rest[1:]
		}
		var power string
		if power, rest = digits(rest); power == "" {
			return errNotNumber
		}
		// At most 30 digits fit in the cap above, so an overflow means huge.
		var err error
		if exponent, err = strconv.Atoi(power); err != nil || exponent > maxNumberExponent {
			return errNumberSize
		}
	}
	switch {
	case rest != "":
		return errNotNumber
	case fraction == "" && exponent == 0:
		if _, err := strconv.ParseInt(whole, 10, 64); err != nil {
			return errNumberSize
		}
	case len(strings.TrimLeft(whole+fraction, "0")) > maxNumberDigits-2:
		// Beyond this a binary fraction could step over a limit unseen.
		return errNumberSize
	}
	return nil
}

// digits splits the leading decimal digits off.
func digits(text string) (head, rest string) {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return text[:n], text[n:]
}

// wholeNumber reports whether a checked number text is written as an integer.
func wholeNumber(n json.Number) bool { return !strings.ContainsAny(n.String(), ".eE") }

// plainNumber turns a checked number into what the schema library compares.
func plainNumber(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, err := n.Float64()
	if err != nil {
		return n.String()
	}
	return f
}
