package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxDepth bounds the nesting of any value that goes on the wire.
const maxDepth = 32

// maxValues bounds how many values a YAML text may stand for.
const maxValues = 50_000

var (
	errDeep       = errors.New("is nested too deeply")
	errManyValues = errors.New("holds too many values")
	errUTF8       = errors.New("is not valid UTF-8")
	errSecond     = errors.New("holds more than one JSON value")
)

// follow steps through YAML aliases.
func follow(node *yaml.Node) *yaml.Node {
	for range maxDepth {
		if node == nil || node.Kind != yaml.AliasNode {
			return node
		}
		node = node.Alias
	}
	return nil
}

// pairs picks the keys out of a mapping's content.
func pairs(content []*yaml.Node) []*yaml.Node {
	keys := make([]*yaml.Node, 0, len(content)/2)
	for i := 0; i < len(content); i += 2 {
		keys = append(keys, content[i])
	}
	return keys
}

// wireValue reads YAML as the JSON value it stands for; numbers stay text.
func wireValue(node *yaml.Node) (any, error) {
	return new(wireReader).value(node, 0)
}

// wireReader counts what it reads, so that YAML aliases cannot blow it up.
type wireReader struct{ nodes int }

func (r *wireReader) value(node *yaml.Node, depth int) (any, error) {
	node = follow(node)
	if node == nil || depth > maxDepth {
		return nil, errDeep
	}
	if r.nodes++; r.nodes > maxValues {
		return nil, errManyValues
	}
	switch node.Kind {
	case yaml.SequenceNode:
		list := make([]any, 0, len(node.Content))
		for _, element := range node.Content {
			value, err := r.value(element, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case yaml.MappingNode:
		object := make(map[string]any, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			value, err := r.value(node.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			object[node.Content[i].Value] = value
		}
		return object, nil
	case yaml.ScalarNode:
		switch node.Tag {
		case "!!int", "!!float":
			if err := checkNumber(node.Value); err != nil {
				return nil, fmt.Errorf("%q %w", node.Value, err)
			}
			return json.Number(node.Value), nil
		case "!!bool":
			return strconv.ParseBool(node.Value)
		case "!!null":
			return nil, errors.New("null is not used here")
		}
		return node.Value, nil
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return nil, errors.New("a plain value is needed")
}

// wireList reads a YAML list.
func wireList(node *yaml.Node) ([]any, error) {
	value, err := wireValue(node)
	if err != nil {
		return nil, err
	}
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		return nil, errors.New("a list is needed")
	}
	return list, nil
}

// tidy copies a JSON value and brings its numbers to checked number texts.
func tidy(value any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDeep
	}
	switch v := value.(type) {
	case nil, bool:
		return v, nil
	case string:
		if !utf8.ValidString(v) {
			return nil, errUTF8
		}
		return v, nil
	case json.Number:
		if err := checkNumber(v.String()); err != nil {
			return nil, fmt.Errorf("%s %w", cut(v.String()), err)
		}
		return v, nil
	case []any:
		list := make([]any, len(v))
		for i := range v {
			element, err := tidy(v[i], depth+1)
			if err != nil {
				return nil, err
			}
			list[i] = element
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for key := range v {
			element, err := tidy(v[key], depth+1)
			if err != nil {
				return nil, err
			}
			if !utf8.ValidString(key) {
				return nil, errUTF8
			}
			object[key] = element
		}
		return object, nil
	}
	// Whatever else a caller brings: through JSON it becomes one of the above.
	text, err := json.Marshal(value)
	if err != nil {
		return nil, errors.New("is not a JSON value")
	}
	again, err := decodeJSON(text)
	if err != nil {
		return nil, err
	}
	return tidy(again, depth+1)
}

// decodeJSON reads exactly one JSON value, numbers kept as text.
func decodeJSON(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("is not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errSecond
	}
	return value, nil
}

// plain copies a value for the schema library, which takes json.Number for a
// string.
func plain(value any) any {
	switch v := value.(type) {
	case json.Number:
		return plainNumber(v)
	case []any:
		return plainList(v)
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, element := range v {
			object[key] = plain(element)
		}
		return object
	}
	return value
}

func plainList(values []any) []any {
	list := make([]any, len(values))
	for i, element := range values {
		list[i] = plain(element)
	}
	return list
}

// plainText writes a scalar as people do.
func plainText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	text, err := rawJSON(value)
	if err != nil {
		return ""
	}
	return string(text)
}

// rawJSON writes JSON with sorted keys and nothing escaped for HTML.
func rawJSON(value any) (json.RawMessage, error) {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return json.RawMessage(strings.TrimSuffix(out.String(), "\n")), nil
}
