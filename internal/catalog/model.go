package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/klingctl/klingctl/internal/media"
)

// Model is a chosen offer with its input schema. It is read-only and safe for
// use by several goroutines.
type Model struct {
	Offer
	body *body
	// taking finds the offers that take a flag, for messages.
	taking func(flag string) []Offer
}

// body is the part of a model file that is read only when needed.
type body struct {
	root   *schema
	flags  map[string]binding
	prices []priceList
	checks []string
}

// refusal is the file's own text for a flag or property it does not take.
func (b *body) refusal(name string) string {
	for key, why := range b.root.marks.refused {
		if strings.ReplaceAll(key, "_", "-") == strings.ReplaceAll(name, "_", "-") {
			return why
		}
	}
	return ""
}

// entry is a model file: its head, and its body once somebody asks.
type entry struct {
	origin string
	head   head
	load   func() (*body, error)
}

// newEntry reads the head now and leaves the body for later.
func newEntry(source fs.FS, name, origin string) (*entry, error) {
	text, err := fs.ReadFile(source, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", origin, err)
	}
	h, err := readHead(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", origin, err)
	}
	return &entry{origin: origin, head: h, load: sync.OnceValues(func() (*body, error) {
		b, err := readBody(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", origin, err)
		}
		return b, nil
	})}, nil
}

// readBody reads prices, checks and input schema. It reads the whole file,
// since its YAML anchors may stand anywhere.
func readBody(text []byte) (*body, error) {
	var file struct {
		head   `yaml:",inline"`
		Prices []priceList `yaml:"prices"`
		Checks []string    `yaml:"checks"`
		Input  yaml.Node   `yaml:"input"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	if early, err := readHead(text); err != nil || early.Title != file.Title || early.Endpoint != file.Endpoint ||
		len(early.Notes) != len(file.Notes) || len(early.Expect) != len(file.Expect) {
		return nil, errHeadFirst
	}
	root, err := new(compiler).compile(&file.Input)
	if err != nil {
		return nil, fmt.Errorf("read the input schema: %w", err)
	}
	if root.kind != "object" {
		return nil, errInputKind
	}
	for _, name := range file.Checks {
		if checkNamed(name) == nil {
			return nil, fmt.Errorf("%q is no check; there are %s", name, strings.Join(Checks(), ", "))
		}
	}
	flags, err := bindings(root)
	if err != nil {
		return nil, fmt.Errorf("read the input schema: %w", err)
	}
	return &body{root: root, flags: flags, prices: file.Prices, checks: file.Checks}, nil
}

var (
	errHeadFirst = errors.New("prices, checks and input come last in the file, in this order")
	errInputKind = errors.New("read the input schema: its type must be object")
)

// Param is one line of the table that explains a model.
type Param struct {
	// Property is the provider's name, dotted; "[]" stands for each element.
	Property string
	// Flag lists the canonical flags, as in "--image, --tail-image"; "" when
	// only --param reaches it.
	Flag string
	// Type is the JSON type on the wire.
	Type string
	// Allowed is as in "5, 10", "0..1" or "up to 2500 characters".
	Allowed string
	// Default is what goes out when nothing is given.
	Default     string
	Description string
	// Required says that a request without it is refused.
	Required bool
	// Envelope says that it stands beside the input on the wire.
	Envelope bool
}

// Params lists every property of the input in the order of the file.
func (m *Model) Params() []Param {
	var params []Param
	needed := map[string]bool{}
	m.body.root.walk("", func(path string, node *schema) {
		for _, name := range node.required {
			needed[join(path, name)] = true
		}
		if path == "" || strings.HasSuffix(path, "[]") {
			return
		}
		p := Param{
			Property: path, Type: node.kind, Allowed: allowed(node), Description: node.description,
			Required: needed[path], Envelope: node.marks.envelope,
		}
		if node.marks.note != "" {
			p.Description = strings.TrimSpace(p.Description + " (" + node.marks.note + ")")
		}
		for i, flag := range node.marks.flags {
			if i > 0 {
				p.Flag += ", "
			}
			p.Flag += "--" + flag
		}
		if node.standard != nil {
			p.Default = plainText(node.standard)
			if node.marks.ours {
				p.Description = strings.TrimSpace(p.Description + " (the default is ours)")
			}
		}
		params = append(params, p)
	})
	return params
}

// Schema writes the input schema as indented JSON with our x- keywords.
func (m *Model) Schema() ([]byte, error) {
	text, err := indentJSON(m.body.root.whole)
	if err != nil {
		return nil, fmt.Errorf("write the schema of %s: %w", m.Model, err)
	}
	return text, nil
}

// FlagValues lists what a flag may be, for completion; nil when that is open.
func (m *Model) FlagValues(flag string) []string {
	b, ok := m.body.flags[flag]
	if !ok {
		return nil
	}
	if len(b.node.marks.values) > 0 {
		words := make([]string, 0, len(b.node.marks.values))
		for word := range b.node.marks.values {
			words = append(words, word)
		}
		slices.Sort(words)
		slices.Reverse(words) // true before false
		return words
	}
	values := b.node.enum
	if b.node.constant != nil {
		values = []any{b.node.constant}
	}
	if len(values) == 0 && b.node.kind == "boolean" {
		values = []any{true, false}
	}
	var words []string
	for _, value := range values {
		words = append(words, plainText(value))
	}
	return words
}

// Takes reports whether the model has a property for a canonical flag.
func (m *Model) Takes(flag string) bool {
	_, ok := m.body.flags[flag]
	return ok
}

// accepts reports whether a flag may have a value.
func (b *body) accepts(flag, value string) bool {
	found, ok := b.flags[flag]
	if !ok {
		return false
	}
	wire, err := fromText(found.node, found.node.marks.values, value)
	return err == nil && judge(found.node, wire) == ""
}

// CheckImage holds an image against the limits of a flag's property and
// returns every problem, nil when it fits; takes is false when the model has no
// image behind the flag.
func (m *Model) CheckImage(flag string, image media.Image) (problems []string, takes bool) {
	b, ok := m.body.flags[flag]
	if !ok || b.node.marks.media == nil {
		return nil, false
	}
	return limitsSay(b.node.marks.media.limits, image), true
}
