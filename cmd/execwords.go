package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
)

var (
	errQuote     = errors.New("a quote is not closed")
	errBackslash = errors.New("a backslash stands at the end; within '...' it is taken as it is")
	errBrace     = errors.New("a single brace stands alone; write {{ or }} for a brace")
)

// splitWords parts a command into words, by the simple half of a shell's rules:
// blanks part words, '...' is taken as it is, a backslash outside quotes takes
// the next character as it is, and within "..." it does so before " and \.
// Nothing else means anything: no variable, no pattern, no pipe.
func splitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote byte
	begun, escaped := false, false
	for i := range len(text) {
		c := text[i]
		switch {
		case escaped:
			if quote == '"' && c != '"' && c != '\\' {
				word.WriteByte('\\')
			}
			word.WriteByte(c)
			escaped = false
		case c == '\\' && quote != '\'':
			begun, escaped = true, true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			begun, quote = true, c
		case quote == 0 && strings.IndexByte(" \t\r\n", c) >= 0:
			if begun {
				words = append(words, word.String())
				word.Reset()
			}
			begun = false
		default:
			begun = true
			word.WriteByte(c)
		}
	}
	switch {
	case quote != 0:
		return nil, errQuote
	case escaped:
		return nil, errBackslash
	case begun:
		words = append(words, word.String())
	}
	return words, nil
}

// fillWord puts values in the place of {names}; {{ and }} are braces. used
// tells whether there was a name.
func fillWord(word string, value func(name string) (string, bool)) (filled string, used bool, err error) {
	var out strings.Builder
	for rest := word; rest != ""; {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			out.WriteString(rest)
			break
		}
		out.WriteString(rest[:at])
		if at+1 < len(rest) && rest[at+1] == rest[at] {
			out.WriteByte(rest[at])
			rest = rest[at+2:]
			continue
		}
		end := strings.IndexByte(rest[at:], '}')
		if rest[at] == '}' || end < 0 {
			return "", used, errBrace
		}
		name := rest[at+1 : at+end]
		text, known := value(name)
		if !known {
			return "", used, fmt.Errorf("{%s} is no placeholder; there are {%s}; write {{ and }} for braces",
				fault.SafeText(name), strings.Join(execNames(), "} {"))
		}
		out.WriteString(text)
		used, rest = true, rest[at+end+1:]
	}
	return out.String(), used, nil
}
