package catalog

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
	"go.yaml.in/yaml/v3"
)

// maxNodes bounds a schema, so that YAML aliases cannot blow it up.
const maxNodes = 5000

var (
	errTooBig    = errors.New("the schema is too big")
	errNotObject = errors.New("a schema is a mapping")
)

// compiler turns the YAML of a schema into nodes.
type compiler struct{ nodes int }

// compile reads one schema node. Keywords that are not known are refused, so
// that a mistyped limit is never a limit left out.
func (c *compiler) compile(source *yaml.Node) (*schema, error) {
	if c.nodes++; c.nodes > maxNodes {
		return nil, errTooBig
	}
	source = follow(source)
	if source == nil || source.Kind != yaml.MappingNode {
		return nil, errNotObject
	}
	s := &schema{whole: &jsonschema.Schema{}, open: true}
	for i := 0; i+1 < len(source.Content); i += 2 {
		key := source.Content[i].Value
		if slices.ContainsFunc(pairs(source.Content[:i]), func(n *yaml.Node) bool { return n.Value == key }) {
			return nil, fmt.Errorf("line %d: %s stands twice", source.Content[i].Line, key)
		}
		value := follow(source.Content[i+1])
		if err := c.keyword(s, key, value); err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", source.Content[i].Line, key, err)
		}
	}
	if r := directRule(s); r != nil {
		s.rules = append(s.rules, *r)
	}
	s.seal()
	return s, nil
}

// keyword reads one keyword into both sides of the node.
func (c *compiler) keyword(s *schema, key string, value *yaml.Node) (err error) {
	w := s.whole
	switch key {
	case "type":
		err = value.Decode(&s.kind)
		w.Type = s.kind
		if err == nil && !slices.Contains([]string{"object", "array", "string", "number", "integer", "boolean"}, s.kind) {
			err = fmt.Errorf("%q is no type", s.kind)
		}
	case "title", "examples":
		// For readers of the file.
	case "description":
		err = value.Decode(&s.description)
		w.Description = s.description
	case "format":
		err = value.Decode(&s.format)
		w.Format = s.format
		if err == nil && s.format != "uri" {
			err = fmt.Errorf("%q is not asserted here; only uri is", s.format)
		}
	case "default":
		if s.standard, err = wireValue(value); err == nil {
			w.Default, err = rawJSON(s.standard)
		}
	case "enum":
		s.enum, err = wireList(value)
		w.Enum = plainList(s.enum)
	case "const":
		if s.constant, err = wireValue(value); err == nil {
			w.Const = new(plain(s.constant))
		}
	case "properties":
		err = c.properties(s, value)
	case "items":
		if s.items, err = c.compile(value); err == nil {
			w.Items = s.items.whole
		}
	case "additionalProperties":
		err = value.Decode(&s.open)
		if !s.open {
			w.AdditionalProperties = &jsonschema.Schema{Not: &jsonschema.Schema{}}
		}
	case "required":
		err = value.Decode(&s.required)
		w.Required = s.required
	case "allOf":
		err = c.rules(s, value)
	default:
		if known, err := limitKeyword(s, key, value); known {
			return err
		}
		if known, err := c.logicKeyword(s, key, value); known {
			return err
		}
		return markKeyword(s, key, value)
	}
	return err
}

// properties reads the properties in the order of the file.
func (c *compiler) properties(s *schema, value *yaml.Node) error {
	if value.Kind != yaml.MappingNode {
		return errNotObject
	}
	s.properties = map[string]*schema{}
	s.whole.Properties = map[string]*jsonschema.Schema{}
	for i := 0; i+1 < len(value.Content); i += 2 {
		name := value.Content[i].Value
		if _, twice := s.properties[name]; twice {
			return fmt.Errorf("%s stands twice", name)
		}
		child, err := c.compile(value.Content[i+1])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.order = append(s.order, name)
		s.properties[name] = child
		s.whole.Properties[name] = child.whole
	}
	s.whole.PropertyOrder = s.order
	return nil
}

// rules reads allOf: each element is judged and told on its own.
func (c *compiler) rules(s *schema, value *yaml.Node) error {
	if value.Kind != yaml.SequenceNode {
		return errors.New("a list is needed")
	}
	for i, element := range value.Content {
		child, err := c.compile(element)
		if err != nil {
			return fmt.Errorf("%d: %w", i+1, err)
		}
		s.whole.AllOf = append(s.whole.AllOf, child.whole)
		s.rules = append(s.rules, rule{
			message: child.marks.message, touches: touched(child.whole),
			whole: child.whole, test: resolver(child.whole),
		})
	}
	return nil
}

// logicKeyword reads the keywords that hold schemas as conditions.
func (c *compiler) logicKeyword(s *schema, key string, value *yaml.Node) (bool, error) {
	w := s.whole
	switch key {
	case "anyOf", "oneOf":
		if value.Kind != yaml.SequenceNode {
			return true, errors.New("a list is needed")
		}
		for i, element := range value.Content {
			child, err := c.compile(element)
			if err != nil {
				return true, fmt.Errorf("%d: %w", i+1, err)
			}
			if key == "anyOf" {
				w.AnyOf = append(w.AnyOf, child.whole)
			} else {
				w.OneOf = append(w.OneOf, child.whole)
			}
		}
		return true, nil
	case "not", "if", "then", "else", "contains":
		child, err := c.compile(value)
		if err != nil {
			return true, err
		}
		switch key {
		case "not":
			w.Not = child.whole
		case "if":
			w.If = child.whole
		case "then":
			w.Then = child.whole
		case "else":
			w.Else = child.whole
		case "contains":
			w.Contains = child.whole
		}
		return true, nil
	}
	return false, nil
}

// directRule makes a rule of conditions written at the node itself.
func directRule(s *schema) *rule {
	w := s.whole
	if w.AnyOf == nil && w.OneOf == nil && w.Not == nil && w.If == nil && w.DependentRequired == nil {
		return nil
	}
	condition := &jsonschema.Schema{
		AnyOf: w.AnyOf, OneOf: w.OneOf, Not: w.Not, If: w.If, Then: w.Then, Else: w.Else,
		DependentRequired: w.DependentRequired,
	}
	return &rule{message: s.marks.message, touches: touched(condition), whole: condition, test: resolver(condition)}
}

// touched lists the property names that a condition mentions at its top.
func touched(s *jsonschema.Schema) []string {
	var names []string
	var visit func(s *jsonschema.Schema)
	visit = func(s *jsonschema.Schema) {
		if s == nil {
			return
		}
		names = append(names, s.Required...)
		for name := range s.Properties {
			names = append(names, name)
		}
		for _, list := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf, {s.Not, s.If, s.Then, s.Else}} {
			for _, child := range list {
				visit(child)
			}
		}
	}
	visit(s)
	slices.Sort(names)
	return slices.Compact(names)
}
