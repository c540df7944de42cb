package config

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// spot is where a key is in a file, or would be.
type spot struct {
	// name and value are those of the key when it is there.
	name, value *yaml.Node
	// flow is true inside of { }.
	flow bool
	// mapping is the deepest map that the key belongs into, nil for the whole
	// of a file without any; holder is the name of an empty one. Rest is the
	// part of the key that is missing below it.
	mapping, holder *yaml.Node
	rest            []string
	// blocked is true where a value stands in the place of such a map.
	blocked bool
}

func (s spot) pair() bool { return s.value != nil }

// locate finds a key, whichever way its parts are nested or dotted.
func locate(root *yaml.Node, key string) spot {
	best := spot{mapping: root, rest: strings.Split(key, ".")}
	if root == nil {
		return best
	}
	best.flow = root.Style&yaml.FlowStyle != 0
	var walk func(mapping *yaml.Node, prefix string, flow bool)
	walk = func(mapping *yaml.Node, prefix string, flow bool) {
		flow = flow || mapping.Style&yaml.FlowStyle != 0
		for i := 0; i+1 < len(mapping.Content) && !best.pair(); i += 2 {
			name, value := mapping.Content[i], mapping.Content[i+1]
			full := prefix + strings.ToLower(name.Value)
			rest, below := strings.CutPrefix(key, full+".")
			empty := value.Kind == yaml.ScalarNode && value.Tag == "!!null"
			switch {
			case full == key && value.Kind == yaml.ScalarNode:
				best = spot{name: name, value: value, flow: flow}
			case !below:
			case value.Kind == yaml.MappingNode:
				inner := flow || value.Style&yaml.FlowStyle != 0
				if parts := strings.Split(rest, "."); len(parts) < len(best.rest) {
					best = spot{mapping: value, flow: inner, rest: parts}
				}
				walk(value, full+".", flow)
			case empty && value.Value == "" && !flow:
				if parts := strings.Split(rest, "."); len(parts) < len(best.rest) {
					best = spot{holder: name, rest: parts}
				}
			default:
				best.blocked = true
			}
		}
	}
	walk(root, "", false)
	return best
}
