package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/klingctl/klingctl/internal/fault"
)

// entry is one value of a settings file, exactly as it is written there: a
// key such as 0123 or 1e5 is no number.
type entry struct {
	key, value   string
	line, column int
	// name is the column of the last part of the key.
	name int
}

// flaw is something in a settings file that no setting can be made of. Line
// and column are 0 where nobody can tell.
type flaw struct {
	key          string
	line, column int
	err          error
}

// maxDepth is deeper than any setting lies.
const maxDepth = 8

var (
	errAlias    = errors.New(`anchors and aliases are not used here; a value that begins with * or & needs quotes`)
	errDocument = errors.New("it holds more than one document")
	errRoot     = errors.New("it is no list of settings such as \"provider: kling\"")
	errName     = errors.New("the name of a setting is a word")
	errDepth    = errors.New("no setting lies this deep")
)

// parse reads YAML into its values, by dotted lower-case key and in the order
// of the file, and finds all flaws. Nulls and empty maps are no values. No
// flaw repeats a value, which may be a key.
func parse(text []byte) ([]entry, []flaw) {
	root, bad := rootOf(text)
	switch {
	case bad != nil:
		return nil, []flaw{*bad}
	case root == nil:
		return nil, nil
	}
	f := flattener{lines: map[string]int{}}
	f.mapping(root, "", 0)
	return f.entries, f.flaws
}

// rootOf is the map that a settings file is, nil for a file without any.
func rootOf(text []byte) (*yaml.Node, *flaw) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, more yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, syntaxFlaw(err)
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, syntaxFlaw(err)
		}
		return nil, &flaw{line: more.Line, err: errDocument}
	}
	root := document.Content[0]
	switch {
	case root.Kind == yaml.ScalarNode && root.Tag == "!!null":
		return nil, nil
	case root.Kind != yaml.MappingNode:
		return nil, &flaw{line: root.Line, column: root.Column, err: errRoot}
	}
	return root, nil
}

// syntaxFlaw keeps the library's words and line, but for the message that
// quotes the text after a star.
func syntaxFlaw(err error) *flaw {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.Contains(text, "anchor") {
		return &flaw{err: errAlias}
	}
	found := &flaw{}
	if number, rest, ok := strings.Cut(strings.TrimPrefix(text, "line "), ": "); ok && number != text {
		if line, notNumber := strconv.Atoi(number); notNumber == nil {
			found.line, text = line, rest
		}
	}
	found.err = errors.New("it is not valid YAML: " + fault.SafeText(text))
	return found
}

type flattener struct {
	entries []entry
	flaws   []flaw
	lines   map[string]int
}

func (f *flattener) flaw(node *yaml.Node, key string, err error) {
	f.flaws = append(f.flaws, flaw{key: key, line: node.Line, column: node.Column, err: err})
}

func (f *flattener) mapping(node *yaml.Node, prefix string, depth int) {
	if depth > maxDepth {
		f.flaw(node, "", errDepth)
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		switch name.Kind { //nolint:exhaustive // the rest is no name
		case yaml.AliasNode:
			f.flaw(name, "", errAlias)
		case yaml.ScalarNode:
			f.value(name, value, prefix, depth)
		default:
			f.flaw(name, "", errName)
		}
	}
}

func (f *flattener) value(name, node *yaml.Node, prefix string, depth int) {
	key := prefix + strings.ToLower(name.Value)
	switch node.Kind {
	case yaml.MappingNode:
		f.mapping(node, key+".", depth+1)
		return
	case yaml.SequenceNode:
		f.flaw(node, key, fmt.Errorf("%s takes one value, not a list", fault.SafeText(key)))
		return
	case yaml.AliasNode:
		f.flaw(node, key, errAlias)
		return
	case yaml.DocumentNode:
		f.flaw(node, key, fmt.Errorf("%s has no readable value", fault.SafeText(key)))
		return
	case yaml.ScalarNode:
	}
	if node.Tag == "!!null" {
		return
	}
	if first, twice := f.lines[key]; twice {
		f.flaw(node, key, fmt.Errorf("%s was set in line %d already", fault.SafeText(key), first))
		return
	}
	f.lines[key] = node.Line
	f.entries = append(f.entries, entry{key: key, value: node.Value, line: node.Line, column: node.Column, name: name.Column})
}
