package catalog

import (
	"sync"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/klingctl/klingctl/internal/media"
)

// schema is one node of an input's schema: what the library judges, and what
// the library does not keep (order, defaults, our annotations).
type schema struct {
	// kind is the JSON type, "" when any is allowed.
	kind        string
	description string
	format      string
	enum        []any
	constant    any
	standard    any // the default on the wire, nil when there is none
	minimum     *float64
	maximum     *float64
	minLength   *int
	maxLength   *int
	minItems    *int
	maxItems    *int

	order      []string
	properties map[string]*schema
	required   []string
	open       bool // properties that are not listed are allowed
	items      *schema
	rules      []rule
	marks      marks

	// whole is the node with everything under it; own is the node alone,
	// without children and rules, so that one fault is one problem.
	whole *jsonschema.Schema
	own   func() (*jsonschema.Resolved, error)
}

// rule is a condition across properties with a text for people.
type rule struct {
	message string
	// touches are the property names that the rule speaks of.
	touches []string
	whole   *jsonschema.Schema
	test    func() (*jsonschema.Resolved, error)
}

// marks are the annotations of ours on a node (keywords with x-).
type marks struct {
	// flags fill the node: one flag, or one a position of an array.
	flags []string
	// values maps words given to the flag to values on the wire.
	values map[string]string
	media  *mediaMark
	// envelope puts the property beside the input instead of inside.
	envelope bool
	// ours says that the default is our choice, not the provider's.
	ours    bool
	message string
	note    string
	// refused explains flags or properties that this model does not take.
	refused map[string]string
}

// mediaMark says that a string stands for an image.
type mediaMark struct {
	// as lists the forms on the wire, best first: url, base64, data-uri.
	as     []string
	limits media.Limits
}

// seal prepares the library's side of a node once its children are known.
func (s *schema) seal() {
	flat := *s.whole
	flat.Properties, flat.PropertyOrder, flat.AdditionalProperties, flat.Required = nil, nil, nil, nil
	flat.DependentRequired, flat.Items, flat.Default, flat.Examples = nil, nil, nil, nil
	flat.AllOf, flat.AnyOf, flat.OneOf, flat.Not = nil, nil, nil, nil
	flat.If, flat.Then, flat.Else, flat.Extra = nil, nil, nil, nil
	s.own = resolver(&flat)
}

// resolver resolves on first use and remembers.
func resolver(s *jsonschema.Schema) func() (*jsonschema.Resolved, error) {
	return sync.OnceValues(func() (*jsonschema.Resolved, error) { return s.Resolve(nil) })
}

// walk visits the node and everything below, with the dotted property path.
func (s *schema) walk(path string, visit func(path string, node *schema)) {
	visit(path, s)
	for _, name := range s.order {
		at := name
		if path != "" {
			at = path + "." + name
		}
		s.properties[name].walk(at, visit)
	}
	if s.items != nil {
		s.items.walk(path+"[]", visit)
	}
}
