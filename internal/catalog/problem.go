package catalog

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/klingctl/klingctl/internal/fault"
)

// Problem is one thing wrong with an input.
type Problem struct {
	// Flag is the canonical flag without dashes, "" when there is none.
	Flag string
	// Property is the provider's own name, dotted, "" for a whole input.
	Property string
	// Value is what was given, cut to a short text; "" when nothing was.
	Value string
	// Message is a predicate such as "is required" or "takes 5 or 10".
	Message string
}

// String tells the problem in one line.
func (p Problem) String() string {
	subject := ""
	switch {
	case p.Flag != "":
		subject = "--" + p.Flag
	case p.Property != "":
		subject = cut(p.Property)
	}
	if p.Value != "" {
		subject += fmt.Sprintf(" %q", cut(p.Value))
	}
	if subject == "" {
		return p.Message
	}
	return subject + " " + p.Message
}

// Problems is everything wrong with an input for one offer.
type Problems struct { //nolint:errname // a list that is also an error
	Provider, Model string
	List            []Problem
}

// Error tells all problems, one a line when there are several.
func (p *Problems) Error() string {
	lines := make([]string, len(p.List))
	for i := range p.List {
		lines[i] = p.List[i].String()
	}
	if len(lines) == 1 {
		return p.Model + ": " + lines[0]
	}
	return fmt.Sprintf("%s: %d problems\n  %s", p.Model, len(lines), strings.Join(lines, "\n  "))
}

// Fault is the same as a fault of kind usage.
func (p *Problems) Fault() *fault.Error {
	lines := make([]string, len(p.List))
	for i := range p.List {
		lines[i] = p.List[i].String()
	}
	return &fault.Error{
		Kind: fault.Usage, Op: "check the input for", Subject: p.Model, Detail: strings.Join(lines, "; "),
		Hint: "klingctl models " + p.Model + " --provider " + p.Provider,
	}
}

// Unwrap gives the fault, so that errors.As and fault.Of find it.
func (p *Problems) Unwrap() error { return p.Fault() }

// collector gathers problems, each once.
type collector struct{ list []Problem }

func (c *collector) add(p Problem) {
	p.Message = fault.SafeText(p.Message)
	p.Value = cut(discreet(p.Value))
	if !slices.Contains(c.list, p) {
		c.list = append(c.list, p)
	}
}

// has reports a problem about a property or something below it.
func (c *collector) has(property string) bool {
	return slices.ContainsFunc(c.list, func(p Problem) bool {
		return p.Property == property || strings.HasPrefix(p.Property, property+".") || strings.HasPrefix(p.Property, property+"[")
	})
}

// discreet leaves out of an address what may be secret: whoever stands before
// the host, and the query, which signs links. It is not parsed: what is wrong
// with it may be that it cannot be.
func discreet(text string) string {
	scheme, rest, isAddress := strings.Cut(text, "://")
	if !isAddress {
		return text
	}
	rest, _, signed := strings.Cut(rest, "?")
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = "…" + rest[at:]
	}
	if signed {
		rest += "?…"
	}
	return scheme + "://" + rest
}

// cut makes text fit to stand in a message: safe, and 60 characters at most.
func cut(text string) string {
	text = fault.SafeText(text)
	if utf8.RuneCountInString(text) <= 60 {
		return text
	}
	return string([]rune(text)[:59]) + "…"
}
