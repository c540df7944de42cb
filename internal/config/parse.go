package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/klingctl/klingctl/internal/fault"
)

// entry is one value of a settings file, exactly as it is written there: a
// key such as 0123 or 1e5 is no number.
type entry struct {
	key, value string
	line       int
}

// maxDepth is deeper than any setting lies.
const maxDepth = 8

var (
	errAlias    = errors.New(`anchors and aliases are not used here; a value that begins with * or & needs quotes`)
	errDocument = errors.New("it holds more than one document")
	errRoot     = errors.New("it is no list of settings such as \"provider: kling\"")
)

// parse reads YAML into its values, by dotted lower-case key and in the order
// of the file. Nulls and empty maps are no values. No error repeats a value,
// which may be a key.
func parse(text []byte) ([]entry, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, more yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, syntaxError(err)
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, syntaxError(err)
		}
		return nil, errDocument
	}
	root := document.Content[0]
	switch {
	case root.Kind == yaml.ScalarNode && root.Tag == "!!null":
		return nil, nil
	case root.Kind != yaml.MappingNode:
		return nil, errRoot
	}
	f := flattener{lines: map[string]int{}}
	if err := f.mapping(root, "", 0); err != nil {
		return nil, err
	}
	return f.entries, nil
}

// syntaxError keeps the library's words and line, but for the message that
// quotes the text after a star.
func syntaxError(err error) error {
	if strings.Contains(err.Error(), "anchor") {
		return errAlias
	}
	return errors.New("it is not valid YAML: " + fault.SafeText(strings.TrimPrefix(err.Error(), "yaml: ")))
}

type flattener struct {
	entries []entry
	lines   map[string]int
}

func (f *flattener) mapping(node *yaml.Node, prefix string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("line %d: no setting lies this deep", node.Line)
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		if name.Kind == yaml.AliasNode {
			return fmt.Errorf("line %d: %w", name.Line, errAlias)
		}
		if name.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: the name of a setting is a word", name.Line)
		}
		if err := f.value(value, prefix+strings.ToLower(name.Value), depth); err != nil {
			return err
		}
	}
	return nil
}

func (f *flattener) value(node *yaml.Node, key string, depth int) error {
	switch node.Kind {
	case yaml.MappingNode:
		return f.mapping(node, key+".", depth+1)
	case yaml.SequenceNode:
		return fmt.Errorf("line %d: %s takes one value, not a list", node.Line, fault.SafeText(key))
	case yaml.AliasNode:
		return fmt.Errorf("line %d: %w", node.Line, errAlias)
	case yaml.ScalarNode:
	case yaml.DocumentNode:
		return fmt.Errorf("line %d: %s has no readable value", node.Line, fault.SafeText(key))
	}
	if node.Tag == "!!null" {
		return nil
	}
	if first, twice := f.lines[key]; twice {
		return fmt.Errorf("line %d: %s was set in line %d already", node.Line, fault.SafeText(key), first)
	}
	f.lines[key] = node.Line
	f.entries = append(f.entries, entry{key: key, value: node.Value, line: node.Line})
	return nil
}
