package batch

import (
	"fmt"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
)

// Expand fills the placeholders of a text with the words of a row: {stem},
// {name} and {dir} of its image, {caption}, {row}, and every column by its
// name. {{ and }} are braces. A placeholder that the row has no word for is a
// fault.Usage. Only texts of the command line are expanded, never what a
// manifest says: that is taken as it stands.
func (r Row) Expand(text string) (string, error) {
	var out strings.Builder
	for rest := text; ; {
		open := strings.IndexAny(rest, "{}")
		if open < 0 {
			out.WriteString(rest)
			return out.String(), nil
		}
		out.WriteString(rest[:open])
		brace := rest[open]
		rest = rest[open+1:]
		switch {
		case strings.HasPrefix(rest, string(brace)):
			out.WriteByte(brace)
			rest = rest[1:]
			continue
		case brace == '}':
			return "", r.placeholderFault("a } closes nothing; }} is a brace")
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", r.placeholderFault("a { is not closed; {{ is a brace")
		}
		word, known := r.word(name)
		if !known {
			return "", r.placeholderFault(fmt.Sprintf("there is no {%s} here; known are {%s}; {{ is a brace",
				fault.SafeText(name), strings.Join(r.names(), "} {")))
		}
		out.WriteString(word)
		rest = after
	}
}

func (r Row) placeholderFault(detail string) error {
	return &fault.Error{Kind: fault.Usage, Op: "fill in the prompt of row", Subject: fault.SafeText(r.ID), Charged: fault.NotCharged, Detail: detail}
}
