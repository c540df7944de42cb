package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// kind is the JSON type a field must have.
type kind int

const (
	text kind = iota
	number
	whole
	boolean
	list
	nested
	pictured
)

// rule is one row of a documented field table.
type rule struct {
	name     string
	kind     kind
	required bool
	min, max int      // characters of a text, items of a list; max 0 = no limit
	enum     []string // of a text or a whole number
	lo, hi   float64  // of a number; equal = no limit
	form     form     // of a picture
	uri      bool     // a text must be an http or https address
	of       []rule   // fields of a nested object
	item     *rule    // of a list
}

// flaw is a class of mistake, because some providers word them apart.
type flaw int

const (
	missing flaw = iota
	wrongType
	notAllowed // outside the enum or range
	wrongLength
	badPicture
)

// mistake is one thing wrong with a request.
type mistake struct {
	field string
	flaw  flaw
	why   string
}

func (m mistake) String() string { return m.field + " " + m.why }

// checker compares a body with a table and collects what is wrong, the
// pictures it met by field name, and fields nobody documents.
type checker struct {
	s        *Server
	mistakes []mistake
	pictures map[string][]picture
	unknown  []string
}

func (s *Server) check(body object, table []rule) *checker {
	k := &checker{s: s, pictures: map[string][]picture{}}
	k.fields("", body, table)
	slices.Sort(k.unknown)
	return k
}

func (k *checker) add(field string, f flaw, format string, args ...any) {
	k.mistakes = append(k.mistakes, mistake{field: field, flaw: f, why: fmt.Sprintf(format, args...)})
}

func (k *checker) fields(under string, body object, table []rule) {
	for _, r := range table {
		name := under + r.name
		v, present := body[r.name]
		switch {
		case present:
			k.value(name, v, r)
		case r.required:
			k.add(name, missing, "is required")
		}
	}
	for name := range body {
		if !slices.ContainsFunc(table, func(r rule) bool { return r.name == name }) {
			k.unknown = append(k.unknown, under+name)
		}
	}
}

func (k *checker) value(name string, v any, r rule) {
	switch r.kind {
	case text:
		k.text(name, v, r)
	case number, whole:
		k.number(name, v, r)
	case boolean:
		if _, ok := v.(bool); !ok {
			k.add(name, wrongType, "must be a boolean")
		}
	case list:
		k.list(name, v, r)
	case nested:
		if o, ok := v.(object); ok {
			k.fields(name+".", o, r.of)
		} else {
			k.add(name, wrongType, "must be an object")
		}
	case pictured:
		k.picture(name, v, r)
	}
}

func (k *checker) text(name string, v any, r rule) {
	s, ok := v.(string)
	if sp, long := v.(*spill); long {
		k.add(name, wrongLength, "is too long: %d bytes", sp.size)
		return
	}
	if !ok {
		k.add(name, wrongType, "must be a string")
		return
	}
	n := utf8.RuneCountInString(s)
	switch {
	case r.required && s == "":
		k.add(name, missing, "is required")
	case n < r.min:
		k.add(name, wrongLength, "must have at least %d characters", r.min)
	case r.max > 0 && n > r.max:
		k.add(name, wrongLength, "is too long: %d of at most %d characters", n, r.max)
	case len(r.enum) > 0 && !slices.Contains(r.enum, s):
		k.add(name, notAllowed, "must be one of %s", strings.Join(r.enum, ", "))
	case r.uri && s != "" && !isLink(s):
		k.add(name, notAllowed, "must be a URL")
	}
}

func (k *checker) number(name string, v any, r rule) {
	n, ok := v.(json.Number)
	if !ok {
		k.add(name, wrongType, "must be a number")
		return
	}
	if r.kind == whole && strings.ContainsAny(n.String(), ".eE") {
		k.add(name, wrongType, "must be an integer")
		return
	}
	f, err := n.Float64()
	switch {
	case err != nil:
		k.add(name, notAllowed, "is out of range")
	case len(r.enum) > 0 && !slices.Contains(r.enum, n.String()):
		k.add(name, notAllowed, "must be one of %s", strings.Join(r.enum, ", "))
	case r.lo != r.hi && (f < r.lo || f > r.hi):
		k.add(name, notAllowed, "must be between %v and %v", r.lo, r.hi)
	}
}

func (k *checker) list(name string, v any, r rule) {
	items, ok := v.([]any)
	if !ok {
		k.add(name, wrongType, "must be an array")
		return
	}
	if len(items) < r.min || (r.max > 0 && len(items) > r.max) {
		k.add(name, wrongLength, "must have %d to %d items, not %d", r.min, r.max, len(items))
		return
	}
	for i, item := range items {
		if r.item.kind == pictured { // a list of pictures is one field
			k.picture(name, item, *r.item)
			continue
		}
		k.value(fmt.Sprintf("%s[%d]", name, i), item, *r.item)
	}
}

func (k *checker) picture(name string, v any, r rule) {
	if s, ok := v.(string); ok && s == "" && !r.required {
		return
	}
	p, why := k.s.readPicture(v, r.form)
	if why != "" {
		k.add(name, badPicture, "%s", why)
		return
	}
	k.pictures[name] = append(k.pictures[name], p)
}
