package klingapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/klingapi"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// bodyOf encodes an order and decodes what would be sent, numbers kept.
func bodyOf(t *testing.T, d dialect.Dialect, order dialect.Request) map[string]any {
	t.Helper()
	call, err := d.Create(order)
	if err != nil {
		t.Fatalf("Create: %v", err)
	}
	data, err := io.ReadAll(call.Body.Open())
	if err != nil {
		t.Fatalf("read the body: %v", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var body map[string]any
	if err := decoder.Decode(&body); err != nil {
		t.Fatalf("the body is not JSON: %v", err)
	}
	return body
}

func TestRepeatedBodyStandsWholeInBothPlaces(t *testing.T) {
	t.Parallel()
	for _, request := range requests() {
		once, both := bodyOf(t, plain(), request.Request), bodyOf(t, newAPI(), request.Request)
		once["model"] = request.Model
		if diff := cmp.Diff(once, both["metadata"]); diff != "" {
			t.Errorf("%s: metadata differs from the whole body (-want +got):\n%s", request.Name, diff)
		}
		delete(both, "metadata")
		if diff := cmp.Diff(once, both); diff != "" {
			t.Errorf("%s: the body without metadata differs (-want +got):\n%s", request.Name, diff)
		}
	}
}

func TestPrefixStandsBeforeEveryPath(t *testing.T) {
	t.Parallel()
	ref := kling.Ref{Provider: "p", Path: "image2video", Task: "t/1"}
	for prefix, want := range map[string]string{
		"": "/v1/videos", "/kling": "/kling/v1/videos", "kling": "/kling/v1/videos", "/a/b/": "/a/b/v1/videos",
	} {
		d := klingapi.New(dialect.Variant{PathPrefix: prefix})
		create, err := d.Create(requests()[0].Request)
		if err != nil {
			t.Fatal(err)
		}
		look, err := d.Look(ref)
		if err != nil {
			t.Fatal(err)
		}
		finder, _ := d.(dialect.Finder)
		find, err := finder.Find("text2video", "ours")
		if err != nil {
			t.Fatal(err)
		}
		lister, _ := d.(dialect.Lister)
		list, err := lister.List("text2video", 1, 500)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{create.Target(), look.Target(), find.Target(), list.Target()}
		if diff := cmp.Diff([]string{
			want + "/image2video", want + "/image2video/t%2F1", want + "/text2video/ours", want + "/text2video?pageNum=1&pageSize=500",
		}, got); diff != "" {
			t.Errorf("prefix %q (-want +got):\n%s", prefix, diff)
		}
	}
}

func TestCreateRefusesWhatItCannotCarry(t *testing.T) {
	t.Parallel()
	good := requests()[0].Request
	tests := map[string]struct {
		dialect dialect.Dialect
		change  func(*dialect.Request)
	}{
		"no endpoint":                      {plain(), func(r *dialect.Request) { r.Endpoint = "" }},
		"no model":                         {plain(), func(r *dialect.Request) { r.Model = "" }},
		"a field in input and envelope":    {plain(), func(r *dialect.Request) { r.Envelope = map[string]any{"mode": "std"} }},
		"a second model name":              {plain(), func(r *dialect.Request) { r.Envelope = map[string]any{"model_name": "kling-v1"} }},
		"a second model for new-api":       {newAPI(), func(r *dialect.Request) { r.Envelope = map[string]any{"model": "kling-v1"} }},
		"metadata of the user for new-api": {newAPI(), func(r *dialect.Request) { r.Envelope = map[string]any{"metadata": "mine"} }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			order := good
			test.change(&order)
			call, err := test.dialect.Create(order)
			if !fault.Is(err, fault.Usage) {
				t.Errorf("Create = %s (error %v), want a fault of kind usage", call.Body.Elided(), err)
			}
		})
	}
}

func TestQuestionsThatCannotBeAskedAreFaults(t *testing.T) {
	t.Parallel()
	d := plain()
	finder, _ := d.(dialect.Finder)
	lister, _ := d.(dialect.Lister)
	tests := map[string]func() (dialect.Call, error){
		"look without a path": func() (dialect.Call, error) { return d.Look(kling.Ref{Task: "881"}) },
		"look without a task": func() (dialect.Call, error) { return d.Look(kling.Ref{Path: "image2video"}) },
		"find nothing":        func() (dialect.Call, error) { return finder.Find("image2video", "") },
		"list without a path": func() (dialect.Call, error) { return lister.List("", 1, 30) },
		"page 0":              func() (dialect.Call, error) { return lister.List("image2video", 0, 30) },
		"page 1001":           func() (dialect.Call, error) { return lister.List("image2video", 1001, 30) },
		"no entries":          func() (dialect.Call, error) { return lister.List("image2video", 1, 0) },
		"501 entries":         func() (dialect.Call, error) { return lister.List("image2video", 1, 501) },
	}
	for name, ask := range tests {
		if call, err := ask(); !fault.Is(err, fault.Usage) {
			t.Errorf("%s: %s (error %v), want a fault of kind usage", name, call.Target(), err)
		}
	}
}
