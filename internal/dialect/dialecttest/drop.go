package dialecttest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
)

// testNoSilentDrop changes, removes and adds each field of each request and
// wants another call, or an error, every time.
func testNoSilentDrop(tb testing.TB, s Suite) {
	tb.Helper()
	d := s.New()
	for _, request := range s.Requests {
		base, err := create(d, request.Request)
		if err != nil {
			tb.Errorf("Create(%s): %v", request.Name, err)
			continue
		}
		for _, changed := range changedRequests(request.Request) {
			got, err := create(d, changed.Request)
			if err == nil && got.equal(base) {
				tb.Errorf("Create(%s) drops it in silence: %s", request.Name, changed.Name)
			}
		}
	}
}

// changedRequests are all requests that differ from one in a single place.
func changedRequests(request dialect.Request) []Request {
	var out []Request
	add := func(name string, change func(*dialect.Request)) {
		changed := cloneRequest(request)
		change(&changed)
		out = append(out, Request{Name: name, Request: changed})
	}
	add("another model and endpoint", func(r *dialect.Request) { r.Model += "-x"; r.Endpoint += "-x" })
	for _, where := range []string{"input", "envelope"} {
		part := func(r *dialect.Request) *map[string]any {
			if where == "input" {
				return &r.Input
			}
			return &r.Envelope
		}
		for _, name := range []string{"klingctl_new_field", "model", "model_name", "input", "metadata"} {
			if _, there := (*part(&request))[name]; there {
				continue
			}
			add("a new "+where+" field "+name, func(r *dialect.Request) {
				bigger := maps.Clone(*part(r))
				if bigger == nil {
					bigger = map[string]any{}
				}
				bigger[name] = "x"
				*part(r) = bigger
			})
		}
		for i, variation := range variations(*part(&request)) {
			add(fmt.Sprintf("change %d of %s: %v", i, where, variation), func(r *dialect.Request) {
				*part(r), _ = variation.(map[string]any)
			})
		}
	}
	return out
}

// variations are all values that differ from one in a single place: in a
// changed scalar, a removed field or a removed item.
func variations(value any) []any {
	var out []any
	switch v := value.(type) {
	case map[string]any:
		for key, item := range v {
			without := maps.Clone(v)
			delete(without, key)
			out = append(out, without)
			for _, other := range variations(item) {
				with := maps.Clone(v)
				with[key] = other
				out = append(out, with)
			}
		}
	case []any:
		for i, item := range v {
			out = append(out, append(append([]any{}, v[:i]...), v[i+1:]...))
			for _, other := range variations(item) {
				with := append([]any{}, v...)
				with[i] = other
				out = append(out, with)
			}
		}
	case dialect.Stream:
		out = append(out, v.Label()+" as text")
	case string:
		out = append(out, v+"x", nil)
		if v != "" {
			out = append(out, "")
		}
	case json.Number:
		out = append(out, json.Number(v.String()+"1"), v.String())
	case bool:
		out = append(out, !v, nil, map[bool]string{true: "on", false: "off"}[v])
	case nil:
		out = append(out, "x")
	default:
		out = append(out, fmt.Sprint(v)+"x")
	}
	return out
}

// cloneRequest copies everything that can be changed in place.
func cloneRequest(r dialect.Request) dialect.Request {
	r.Input, _ = cloneValue(r.Input).(map[string]any)
	r.Envelope, _ = cloneValue(r.Envelope).(map[string]any)
	return r
}

func cloneValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if v == nil {
			return v
		}
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = cloneValue(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = cloneValue(item)
		}
		return out
	default:
		return v
	}
}

// Stream is a stream for canonical requests: its text again and again up to a
// size in bytes.
func Stream(label, text string, size int64) dialect.Stream {
	return stream{label: label, text: text, size: size}
}

type stream struct {
	label, text string
	size        int64
}

func (s stream) Len() int64    { return s.size }
func (s stream) Label() string { return s.label }
func (s stream) whole() string {
	return strings.Repeat(s.text, int(s.size)/len(s.text)+1)[:s.size]
}

func (s stream) Open() (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(s.whole())), nil
}
