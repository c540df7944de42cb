package catalog

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// check holds a value against a node and all below it. Every node, name and
// rule is judged on its own, so that all faults come out at once.
func (m *Model) check(node *schema, value any, at string, out *collector) {
	if message := judge(node, value); message != "" {
		out.add(m.problem(at, value, message))
		return
	}
	switch v := value.(type) {
	case map[string]any:
		m.checkNames(node, v, at, out)
	case []any:
		for i := range v {
			if node.items != nil {
				m.check(node.items, v[i], fmt.Sprintf("%s[%d]", at, i), out)
			}
		}
	case string:
		if node.format == "uri" {
			if message := checkURI(v); message != "" {
				out.add(m.problem(at, v, message))
			}
		}
	}
	for i := range node.rules {
		m.checkRule(node, &node.rules[i], value, at, out)
	}
}

// checkNames looks at what an object has, must have and must not have.
func (m *Model) checkNames(node *schema, object map[string]any, at string, out *collector) {
	for _, name := range node.required {
		if _, set := object[name]; !set {
			out.add(m.problem(join(at, name), nil, "is required"))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if child, ok := node.properties[name]; ok {
			m.check(child, object[name], join(at, name), out)
			continue
		}
		if node.open {
			continue
		}
		message := unknownName(name, node.order)
		if why := m.body.refusal(name); at == "" && why != "" {
			message = why
		}
		out.add(Problem{Property: join(at, name), Message: message})
	}
}

// checkRule judges a condition, unless a required property that it speaks of
// is missing, which is told already.
func (m *Model) checkRule(node *schema, r *rule, value any, at string, out *collector) {
	resolved, err := r.test()
	if err != nil {
		out.add(Problem{Property: at, Message: "cannot be checked: " + err.Error()})
		return
	}
	if resolved.Validate(plain(value)) == nil {
		return
	}
	if object, ok := value.(map[string]any); ok {
		for _, name := range r.touches {
			if _, set := object[name]; !set && slices.Contains(node.required, name) {
				return
			}
		}
	}
	message := r.message
	if message == "" {
		message = "does not fit together: " + strings.Join(r.touches, ", ")
	}
	out.add(Problem{Property: at, Message: message})
}

// judge holds a value against one node alone; the library gives the verdict
// and the words are ours.
func judge(node *schema, value any) string {
	if number, ok := value.(json.Number); ok {
		if err := checkNumber(number.String()); err != nil {
			return wanted(err, node)
		}
		if node.kind == "integer" && !wholeNumber(number) {
			return "takes " + allowed(node) + ", not " + number.String()
		}
	}
	resolved, err := node.own()
	if err != nil {
		return "cannot be checked: " + err.Error()
	}
	if resolved.Validate(plain(value)) == nil {
		return ""
	}
	return complaint(node, value)
}

// complaint says what a node wants instead of a value.
func complaint(node *schema, value any) string {
	if node.kind != "" && !hasKind(value, node.kind) {
		return "takes " + article(node.kind) + withAllowed(node) + ", not " + article(kindOf(value))
	}
	if len(node.enum) > 0 || node.constant != nil {
		return "is not allowed; it takes " + allowed(node)
	}
	switch v := value.(type) {
	case string:
		length := utf8.RuneCountInString(v)
		switch {
		case node.maxLength != nil && length > *node.maxLength:
			return fmt.Sprintf("is %d characters long, at most %d are allowed", length, *node.maxLength)
		case node.minLength != nil && length < *node.minLength && length == 0:
			return "is empty"
		case node.minLength != nil && length < *node.minLength:
			return fmt.Sprintf("is %d characters long, at least %d are needed", length, *node.minLength)
		}
	case json.Number:
		return "must be within " + allowed(node)
	case []any:
		noun := "elements"
		if node.marks.media != nil || node.items != nil && node.items.marks.media != nil {
			noun = "images"
		}
		switch {
		case node.maxItems != nil && len(v) > *node.maxItems:
			return fmt.Sprintf("takes %s, %d were given", counted(*node.maxItems, noun), len(v))
		case node.minItems != nil && len(v) < *node.minItems:
			return fmt.Sprintf("needs at least %s, %d were given", counted(*node.minItems, noun), len(v))
		}
	}
	return "is not allowed here"
}

// checkURI wants an absolute http or https address without a password.
func checkURI(text string) string {
	address, err := url.Parse(text)
	switch {
	case err != nil, address.Host == "", address.Scheme != "http" && address.Scheme != "https":
		return "must be a full http or https address"
	case address.User != nil:
		return "must not carry a user name or password"
	}
	return ""
}

// problem names a fault by flag where the property has one.
func (m *Model) problem(at string, value any, message string) Problem {
	p := Problem{Property: at, Flag: m.flagOf(at), Message: message}
	switch value.(type) {
	case string, json.Number, bool:
		p.Value = plainText(value)
	}
	return p
}

// flagOf finds the flag that fills a property or an element of it.
func (m *Model) flagOf(at string) string {
	name, index, element := strings.Cut(at, "[")
	for _, flag := range Flags() {
		b, ok := m.body.flags[flag]
		if !ok || strings.Join(b.path, ".") != name {
			continue
		}
		switch {
		case b.position < 0, !element && b.position == 0, element && index == fmt.Sprintf("%d]", b.position):
			return flag
		}
	}
	return ""
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}
