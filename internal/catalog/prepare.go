package catalog

import (
	"context"
	"maps"
	"slices"

	"github.com/klingctl/klingctl/internal/media"
)

// Input is what a user gave.
type Input struct {
	// Flags are canonical flags without dashes and all their values, as
	// typed. Absent flags are not in the map.
	Flags map[string][]string
	// Sets are parameters by the provider's own names; they win over flags.
	Sets []Set
	// Base is a whole input object to start from; flags and sets win.
	Base map[string]any
	// Mend, when set, sees every local image before it is held against its
	// limits.
	Mend Mender
}

// Prepare turns what a user gave into the provider's input: defaults filled,
// every value of the type that the schema wants, every limit checked. All
// faults come back at once as *Problems.
//
// look opens a local image (media.Inspect, or what reads "-"); nil leaves
// files unopened and checks addresses only.
func (m *Model) Prepare(ctx context.Context, in Input, look func(context.Context, string) (media.Image, error)) (*Prepared, error) {
	out := &collector{}
	input := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(in.Base)) {
		value, err := tidy(in.Base[name], 0)
		if err != nil {
			out.add(m.problem(name, nil, err.Error()))
			continue
		}
		input[name] = value
	}
	m.applyFlags(in.Flags, input, out)
	for _, set := range in.Sets {
		m.applySet(set, input, out)
	}
	fillDefaults(m.body.root, input)

	slots := m.findSlots(m.body.root, input, "", nil, out)
	if err := m.inspect(ctx, slots, look, in.Mend, out); err != nil {
		return nil, err
	}
	failed := len(out.list) > 0
	m.check(m.body.root, input, "", out)
	if failed {
		out.dropEchoes()
	}
	for _, name := range m.body.checks {
		checkNamed(name)(m, input, slots, out)
	}
	if len(out.list) > 0 {
		return nil, &Problems{Provider: m.Provider, Model: m.Model, List: out.list}
	}
	return m.prepared(input, slots), nil
}

// dropEchoes removes "is required" where the value was given but refused.
func (c *collector) dropEchoes() {
	c.list = slices.DeleteFunc(c.list, func(p Problem) bool {
		return p.Message == "is required" && slices.ContainsFunc(c.list, func(q Problem) bool {
			return q.Property == p.Property && q.Message != p.Message
		})
	})
}

// fillDefaults sets what the schema has a default for. Defaults inside an
// object are filled only when the object is there.
func fillDefaults(node *schema, object map[string]any) {
	for _, name := range node.order {
		child := node.properties[name]
		value, set := object[name]
		if !set && child.standard != nil {
			if copied, err := tidy(child.standard, 0); err == nil {
				object[name] = copied
			}
			continue
		}
		switch v := value.(type) {
		case map[string]any:
			fillDefaults(child, v)
		case []any:
			for i := range v {
				if element, ok := v[i].(map[string]any); ok && child.items != nil {
					fillDefaults(child.items, element)
				}
			}
		}
	}
}
