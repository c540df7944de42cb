package dialecttest

import (
	"bytes"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"
)

// damage gives a JSON body again and again, each time with one value replaced
// by something of another type or size, or with one key left out.
func damage(body []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		var value any
		if decoder.Decode(&value) != nil {
			return
		}
		for changed := range damagedValues(value) {
			encoded, err := json.Marshal(changed)
			if err != nil || !yield(encoded) {
				return
			}
		}
	}
}

func damagedValues(value any) iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, odd := range oddValues() {
			if !yield(odd) {
				return
			}
		}
		switch v := value.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				without := maps.Clone(v)
				delete(without, key)
				if !yield(without) {
					return
				}
				for changed := range damagedValues(v[key]) {
					with := maps.Clone(v)
					with[key] = changed
					if !yield(with) {
						return
					}
				}
			}
		case []any:
			for i := range v {
				for changed := range damagedValues(v[i]) {
					with := slices.Clone(v)
					with[i] = changed
					if !yield(with) {
						return
					}
				}
			}
		}
	}
}

// oddValues are values that hardly any field expects.
func oddValues() []any {
	return []any{
		nil, true, "", " ", "x", "{", "\x1b[31m\r\u202e", strings.Repeat("long ", 2000),
		json.Number("0"), json.Number("-1"), json.Number("1.5"), json.Number("1e400"), json.Number("1e999999999"),
		json.Number(strings.Repeat("9", 400)),
		[]any{},
		[]any{nil},
		[]any{map[string]any{}},
		map[string]any{},
		map[string]any{"": nil},
		nested(60),
	}
}

// nested is an array in an array, and so on.
func nested(depth int) any {
	var value any = "core"
	for range depth {
		value = []any{value}
	}
	return value
}
