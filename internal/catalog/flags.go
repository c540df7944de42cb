package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Flags lists the canonical flags that an x-flag may name.
func Flags() []string {
	return []string{
		"image", "tail-image", "prompt", "negative-prompt", "duration", "cfg-scale", "mode", "sound",
		"aspect-ratio", "static-mask", "external-id", "callback-url", "watermark", "route",
	}
}

// binding is where a flag's value goes.
type binding struct {
	path []string
	node *schema
	// position is the index in an array that several flags fill, else -1.
	position int
	// many means that each value of the flag becomes one element.
	many bool
}

// bindings finds the flags of an input. A flag bound twice is a fault.
func bindings(root *schema) (map[string]binding, error) {
	found := map[string]binding{}
	var visit func(path []string, node *schema) error
	visit = func(path []string, node *schema) error {
		for i, flag := range node.marks.flags {
			if _, twice := found[flag]; twice {
				return fmt.Errorf("--%s is bound twice", flag)
			}
			b := binding{path: slices.Clone(path), node: node, position: -1}
			switch {
			case len(node.marks.flags) > 1 && node.kind != "array":
				return fmt.Errorf("%s: a list of flags needs an array", strings.Join(path, "."))
			case len(node.marks.flags) > 1:
				b.position = i
			case node.kind == "array" && node.items != nil && node.items.kind == "string":
				b.many = true
			}
			found[flag] = b
		}
		for _, name := range node.order {
			if err := visit(append(path, name), node.properties[name]); err != nil {
				return err
			}
		}
		return nil
	}
	return found, visit(nil, root)
}

// applyFlags puts the flags' values into the input.
func (m *Model) applyFlags(given map[string][]string, input map[string]any, out *collector) {
	places := map[string][]any{} // arrays filled by position, by property
	for _, flag := range Flags() {
		values, set := given[flag]
		if !set || len(values) == 0 {
			continue
		}
		b, ok := m.body.flags[flag]
		if !ok {
			out.add(Problem{Flag: flag, Message: m.noSuchFlag(flag)})
			continue
		}
		if b.many {
			list := make([]any, len(values))
			for i, value := range values {
				list[i] = value
			}
			put(input, b.path, list)
			continue
		}
		if len(values) > 1 {
			out.add(Problem{Flag: flag, Property: strings.Join(b.path, "."), Message: m.tooMany(flag, len(values))})
			continue
		}
		node := b.node
		if b.position >= 0 {
			node = b.node.items
		}
		value, err := fromText(node, b.node.marks.values, values[0])
		if err != nil {
			out.add(Problem{Flag: flag, Property: strings.Join(b.path, "."), Value: values[0], Message: err.Error()})
			continue
		}
		if b.position < 0 {
			put(input, b.path, value)
			continue
		}
		name := strings.Join(b.path, ".")
		if base, ok := input[b.path[0]].([]any); ok && places[name] == nil {
			places[name] = base[:min(len(base), b.position)]
		}
		if b.position > len(places[name]) {
			first := b.node.marks.flags[len(places[name])]
			out.add(Problem{Flag: flag, Property: name, Value: values[0], Message: "needs --" + first + " before it with this model"})
			continue
		}
		places[name] = append(slices.Clone(places[name]), value)
		put(input, b.path, places[name])
	}
	for flag := range given {
		if !slices.Contains(Flags(), flag) {
			out.add(Problem{Flag: flag, Message: m.noSuchFlag(flag)})
		}
	}
}

// tooMany says how often a flag may stand.
func (m *Model) tooMany(flag string, given int) string {
	noun := "value"
	if strings.HasSuffix(flag, "image") || flag == "static-mask" {
		noun = "image"
	}
	text := fmt.Sprintf("takes 1 %s, %d were given", noun, given)
	if _, tail := m.body.flags["tail-image"]; tail && flag == "image" {
		text += "; the last frame goes into --tail-image"
	}
	return text
}

// noSuchFlag explains a flag that the model has no property for.
func (m *Model) noSuchFlag(flag string) string {
	if why := m.body.refusal(flag); why != "" {
		return why
	}
	text := fmt.Sprintf("is not taken by %s at %s", m.Model, m.Provider)
	if m.taking == nil {
		return text
	}
	var names []string
	for _, offer := range m.taking(flag) {
		if offer.Kind != m.Kind && len(names) > 0 {
			continue
		}
		name := offer.Model + " (" + offer.Provider + ")"
		if offer.Provider == m.Provider {
			names = slices.Insert(names, 0, name)
		} else {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return text + "; no model takes it"
	}
	return text + "; models that take it: " + strings.Join(names[:min(len(names), 5)], ", ")
}

// fromText reads the text of a flag or parameter as the schema wants it.
func fromText(node *schema, words map[string]string, text string) (any, error) {
	if !utf8.ValidString(text) {
		return nil, errUTF8
	}
	if mapped, ok := words[text]; ok {
		text = mapped
	}
	switch node.kind {
	case "string", "":
		return text, nil
	case "number", "integer":
		if err := checkNumber(text); err != nil {
			return nil, errors.New(wanted(err, node))
		}
		return json.Number(text), nil
	case "boolean":
		switch text {
		case "true", "on":
			return true, nil
		case "false", "off":
			return false, nil
		}
		return nil, errors.New("takes true or false")
	}
	value, err := decodeJSON([]byte(text))
	if err != nil {
		return nil, errors.New("takes " + article(node.kind) + " in JSON; the text given " + err.Error())
	}
	return tidy(value, 0)
}

// put stores a value under a path of objects, which it makes.
func put(object map[string]any, path []string, value any) {
	for _, name := range path[:len(path)-1] {
		next, ok := object[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			object[name] = next
		}
		object = next
	}
	object[path[len(path)-1]] = value
}
