package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Set is one parameter given by its own name, as in --param key=value.
type Set struct {
	// Path is dotted: object keys and list positions, as in
	// "camera_control.config.zoom" or "multi_prompt.0.prompt".
	Path string
	// Value is text, read as the schema wants it.
	Value string
	// JSON replaces Value when a whole value was given, as from a file.
	JSON json.RawMessage
}

// applySet puts one parameter into the input.
func (m *Model) applySet(set Set, input map[string]any, out *collector) {
	keys := strings.Split(set.Path, ".")
	node, problem := m.nodeAt(keys)
	if problem != "" {
		out.add(Problem{Property: set.Path, Message: problem})
		return
	}
	value, err := set.read(node)
	if err != nil {
		out.add(Problem{Property: set.Path, Value: set.Value, Message: err.Error()})
		return
	}
	if message := place(input, keys, value); message != "" {
		out.add(Problem{Property: set.Path, Message: message})
	}
}

func (s Set) read(node *schema) (any, error) {
	if s.JSON == nil {
		return fromText(node, node.marks.values, s.Value)
	}
	value, err := decodeJSON(s.JSON)
	if err != nil {
		return nil, err
	}
	return tidy(value, 0)
}

// nodeAt finds the schema of a dotted path, or says why there is none.
func (m *Model) nodeAt(keys []string) (*schema, string) {
	node := m.body.root
	if len(keys) > maxDepth {
		return nil, errDeep.Error()
	}
	for _, key := range keys {
		if node.kind == "array" && node.items != nil {
			if _, err := strconv.ParseUint(key, 10, 16); err != nil {
				return nil, fmt.Sprintf("is a list: %q should be a position, counted from 0", cut(key))
			}
			node = node.items
			continue
		}
		next, ok := node.properties[key]
		switch {
		case ok:
			node = next
		case node == m.body.root && m.body.refusal(key) != "":
			return nil, m.body.refusal(key)
		case node.open && node.kind == "object" && len(node.properties) == 0:
			node = &schema{open: true, kind: "object"}
		default:
			return nil, unknownName(key, node.order)
		}
	}
	if node.own == nil {
		node = &schema{}
	}
	return node, ""
}

// place stores a value under keys, making objects and growing lists by one.
func place(at any, keys []string, value any) string {
	object, ok := at.(map[string]any)
	if !ok {
		return "goes below something that is no object"
	}
	key := keys[0]
	if len(keys) == 1 {
		object[key] = value
		return ""
	}
	if position, err := strconv.ParseUint(keys[1], 10, 16); err == nil {
		list, isList := object[key].([]any)
		if isList || object[key] == nil {
			return placeInList(object, key, list, int(position), keys[1:], value)
		}
	}
	if object[key] == nil {
		object[key] = map[string]any{}
	}
	return place(object[key], keys[1:], value)
}

func placeInList(object map[string]any, key string, list []any, position int, keys []string, value any) string {
	if position > len(list) {
		return fmt.Sprintf("skips a position: %d comes next", len(list))
	}
	list = slices.Clone(list)
	if position == len(list) {
		list = append(list, nil)
	}
	object[key] = list
	if len(keys) == 1 {
		list[position] = value
		return ""
	}
	if list[position] == nil {
		list[position] = map[string]any{}
	}
	return place(list[position], keys[1:], value)
}

// unknownName refuses a name, with the nearest known ones.
func unknownName(name string, known []string) string {
	text := "is not a parameter of this model"
	if similar := nearest(name, known, 3); len(similar) > 0 {
		return text + "; near it: " + strings.Join(similar, ", ")
	}
	if len(known) == 0 {
		return text
	}
	return text + "; it takes " + strings.Join(known, ", ")
}
