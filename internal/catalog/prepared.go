package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Prepared is a checked request for one model.
type Prepared struct {
	Model *Model
	// Input is the provider's input object with defaults filled.
	Input map[string]any
	// Envelope holds the properties that stand beside the input.
	Envelope map[string]any
	// Slots are the images in Input, in the order of their properties.
	Slots []Slot
}

// prepared sorts a checked input into input and envelope.
func (m *Model) prepared(input map[string]any, slots []Slot) *Prepared {
	p := &Prepared{Model: m, Input: map[string]any{}, Envelope: map[string]any{}, Slots: slots}
	for name, value := range input {
		if node, ok := m.body.root.properties[name]; ok && node.marks.envelope {
			p.Envelope[name] = value
		} else {
			p.Input[name] = value
		}
	}
	return p
}

// Fill puts what goes on the wire (an address, or a stream of base64) into a
// slot's place.
func (p *Prepared) Fill(slot Slot, value any) { fillAt(p.Input, slot.path, value) }

// fillAt stores a value under keys and positions that are known to exist.
func fillAt(at any, path []any, value any) {
	for i, step := range path {
		last := i == len(path)-1
		switch key := step.(type) {
		case string:
			object, ok := at.(map[string]any)
			if !ok {
				return
			}
			if last {
				object[key] = value
			}
			at = object[key]
		case int:
			list, ok := at.([]any)
			if !ok || key >= len(list) {
				return
			}
			if last {
				list[key] = value
			}
			at = list[key]
		}
	}
}

// Canonical is what makes two requests the same: provider, model, kind and
// input with defaults, images by content, addresses by text, numbers in one
// spelling; without our id and the callback address. It does not change when
// slots are filled.
func (p *Prepared) Canonical() ([]byte, error) {
	input := spellAlike(p.Input)
	for _, slot := range p.Slots {
		identity := slot.Source
		switch {
		case slot.URL:
		case slot.Image.SHA256 != "":
			identity = "sha256:" + slot.Image.SHA256
		default:
			identity = "file:" + slot.Source
		}
		fillAt(input, slot.path, identity)
	}
	envelope := spellAlike(p.Envelope)
	for _, flag := range []string{"external-id", "callback-url"} {
		if b, ok := p.Model.body.flags[flag]; ok {
			remove(input, b.path)
			remove(envelope, b.path)
		}
	}
	record := map[string]any{
		"provider": p.Model.Provider, "model": p.Model.Model, "kind": string(p.Model.Kind), "input": input,
	}
	if object, ok := envelope.(map[string]any); ok && len(object) > 0 {
		record["envelope"] = envelope
	}
	text, err := rawJSON(record)
	if err != nil {
		return nil, fmt.Errorf("describe the request: %w", err)
	}
	return text, nil
}

// spellAlike copies a value with every number in one spelling. Values that a
// slot was filled with pass through and are replaced by the caller.
func spellAlike(value any) any {
	switch v := value.(type) {
	case json.Number:
		if f, err := v.Float64(); err == nil && !wholeNumber(v) {
			return json.Number(strconv.FormatFloat(f, 'g', -1, 64))
		}
		return v
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = spellAlike(v[i])
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for key := range v {
			object[key] = spellAlike(v[key])
		}
		return object
	}
	return value
}

func remove(at any, path []string) {
	for i, name := range path {
		object, ok := at.(map[string]any)
		if !ok {
			return
		}
		if i == len(path)-1 {
			delete(object, name)
		}
		at = object[name]
	}
}

// Set gives a canonical flag's property a value after the request was
// prepared, as for our own id and the callback address. It is false when the
// model has no such property or does not take the value.
func (p *Prepared) Set(flag, value string) bool {
	b, ok := p.Model.body.flags[flag]
	if !ok || b.many || b.position >= 0 || b.node.marks.media != nil {
		return false
	}
	wire, err := fromText(b.node, b.node.marks.values, value)
	if err != nil {
		return false
	}
	out := &collector{}
	p.Model.check(b.node, wire, strings.Join(b.path, "."), out)
	if len(out.list) > 0 {
		return false
	}
	if p.Model.body.root.properties[b.path[0]].marks.envelope {
		put(p.Envelope, b.path, wire)
	} else {
		put(p.Input, b.path, wire)
	}
	return true
}

// Get reads back the property of a canonical flag as text.
func (p *Prepared) Get(flag string) (string, bool) {
	b, ok := p.Model.body.flags[flag]
	if !ok || b.many || b.position >= 0 {
		return "", false
	}
	for _, side := range []map[string]any{p.Input, p.Envelope} {
		var at any = side
		found := !slices.ContainsFunc(b.path, func(name string) bool {
			object, isObject := at.(map[string]any)
			if !isObject {
				return true
			}
			next, set := object[name]
			at = next
			return !set
		})
		if found {
			return plainText(at), true
		}
	}
	return "", false
}

// Price is what the request costs by a published list; false when no list is
// known.
func (p *Prepared) Price() (Price, bool) {
	return priceOf(p.Model.body.prices, p.Model.Offer, p.Input, p.Seconds())
}

// Seconds is the requested duration, 0 when the model decides.
func (p *Prepared) Seconds() int {
	text, _ := p.Get("duration")
	seconds, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return seconds
}

// Prompt is the text of the request, "" when there is none.
func (p *Prepared) Prompt() string {
	text, _ := p.Get("prompt")
	return text
}

// indentJSON writes JSON for people, nothing escaped for HTML.
func indentJSON(value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, fmt.Errorf("indent JSON: %w", err)
	}
	return out.Bytes(), nil
}

// Clone is a request of its own: filling or setting it leaves p as it is.
func (p *Prepared) Clone() *Prepared {
	copied := *p
	copied.Input, _ = cloneValue(p.Input).(map[string]any)
	copied.Envelope, _ = cloneValue(p.Envelope).(map[string]any)
	copied.Slots = slices.Clone(p.Slots)
	return &copied
}

// cloneValue copies objects and lists; scalars and streams are never changed.
func cloneValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, item := range v {
			object[name] = cloneValue(item)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = cloneValue(item)
		}
		return list
	}
	return value
}
