package catalog_test

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

func TestBuiltinFilesAreValid(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	for _, err := range c.Validate() {
		t.Error(err)
	}
	for _, offer := range c.Offers() {
		switch {
		case offer.Title == "" || strings.Contains(offer.Title, "{"):
			t.Errorf("%s: title %q", offer.Origin, offer.Title)
		case len(offer.Expect) == 0:
			t.Errorf("%s: nothing is said of the usual time", offer.Origin)
		}
		preset, _ := c.Preset(offer.Provider)
		needs := preset.Dialect == "klingapi" || preset.Dialect == "apixo"
		if needs != (offer.Endpoint != "") {
			t.Errorf("%s: endpoint %q with dialect %s", offer.Origin, offer.Endpoint, preset.Dialect)
		}
	}
}

// TestParamsNameEveryProperty compares the table with the schema as written.
func TestParamsNameEveryProperty(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	for _, offer := range c.Offers() {
		m := choose(t, c, offer.Provider, offer.Model, offer.Kind)
		text, err := m.Schema()
		if err != nil {
			t.Fatal(err)
		}
		var schema map[string]any
		if err := json.Unmarshal(text, &schema); err != nil {
			t.Fatalf("%s: the schema is not JSON: %v", offer.Origin, err)
		}
		var want []string
		collect(schema, "", &want)
		var got []string
		for _, p := range m.Params() {
			got = append(got, p.Property)
			if p.Type == "" || p.Description == "" {
				t.Errorf("%s: %s has no type or no description", offer.Origin, p.Property)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("%s: Params lists %q, the schema has %q", offer.Origin, got, want)
		}
	}
}

func collect(schema map[string]any, at string, out *[]string) {
	properties, _ := schema["properties"].(map[string]any)
	for name, child := range properties {
		path := name
		if at != "" {
			path = at + "." + name
		}
		*out = append(*out, path)
		below, _ := child.(map[string]any)
		collect(below, path, out)
	}
	if items, ok := schema["items"].(map[string]any); ok {
		collect(items, at+"[]", out)
	}
}

const goodFile = `
model: my-model
provider: kie
title: Mine
kind: image-to-video
expect: {"5": [10s, 20s]}
checks: [shots-sum]
input:
  type: object
  additionalProperties: false
  required: [prompt]
  properties:
    prompt: {type: string, maxLength: 10, x-flag: prompt}
    level: {type: integer, default: 3, minimum: 1, maximum: 5, x-ours: true}
`

func overlay(files map[string]string) catalog.Overlay {
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return catalog.Overlay{Name: "models.d", FS: folder}
}

func TestOverlayAddsAndReplaces(t *testing.T) {
	t.Parallel()
	replaced := strings.NewReplacer("my-model", "kling-2.6/image-to-video", "Mine", "Replaced").Replace(goodFile)
	c, err := catalog.Open(configs.FS(), overlay(map[string]string{"a.yaml": goodFile, "b.yml": replaced, "notes.txt": "x"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range c.Validate() {
		t.Error(err)
	}
	mine := choose(t, c, "kie", "my-model", "")
	if mine.Origin != "models.d/a.yaml" {
		t.Errorf("origin is %q", mine.Origin)
	}
	if got := choose(t, c, "kie", "kling-2.6/image-to-video", "").Title; got != "Replaced" {
		t.Errorf("the user's file does not replace the built-in offer: title is %q", got)
	}
	if got := choose(t, c, "apikley", "kling-2.6/image-to-video", "").Title; got == "Replaced" {
		t.Error("the user's file replaces another provider's offer")
	}
	p, err := mine.Prepare(t.Context(), catalog.Input{Flags: flags("prompt", "x")}, nil)
	if err != nil || p.Input["level"] != json.Number("3") {
		t.Errorf("input is %v, %v; want the default level 3", p, err)
	}
}

func TestAMissingOverlayFolderIsEmpty(t *testing.T) {
	t.Parallel()
	if _, err := catalog.Open(configs.FS(), catalog.Overlay{Name: "models.d", FS: noFolder{}}); err != nil {
		t.Error(err)
	}
}

type noFolder struct{}

func (noFolder) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// TestBrokenFilesAreTold: each file has one fault, and Validate says which.
func TestBrokenFilesAreTold(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ old, replacement, want string }{
		"a mistyped limit":           {"maxLength", "maxLenght", "maxLenght: this keyword is not known"},
		"a mistyped annotation":      {"x-flag", "x-falg", "x-falg: this annotation is not known"},
		"an unknown flag":            {"x-flag: prompt", "x-flag: promt", `"promt" is no flag`},
		"an unknown check":           {"shots-sum", "shot-sum", `"shot-sum" is no check`},
		"an unknown head key":        {"title:", "titel:", "titel"},
		"a default beyond the limit": {"default: 3", "default: 7", `must be within 1..5`},
		"a default of another type":  {"default: 3", `default: "3"`, "takes a whole number"},
		"required but not described": {"[prompt]", "[prompt, image]", "image is required and has no schema"},
		"no input":                   {"input:", "inputs:", `no line "input:" found`},
		"no kind":                    {"kind: image-to-video", "kind: film", "kind must be"},
		"an unknown provider":        {"provider: kie", "provider: kei", `there is no provider "kei"`},
		"a span the wrong way round": {"[10s, 20s]", "[20s, 10s]", "in order"},
		"title after the checks":     {"checks: [shots-sum]\n", "checks: [shots-sum]\nendpoint: late\n", "come last in the file"},
		"a rule without words":       {"  properties:\n", "  allOf: [{required: [prompt]}]\n  properties:\n", "has no x-message"},
		"a rule about nothing":       {"  properties:\n", "  allOf: [{required: [pormpt], x-message: m}]\n  properties:\n", "speaks of pormpt"},
		"a property twice":           {"    level:", "    prompt: {type: string}\n    level:", "prompt"},
		"an unknown type":            {"type: integer", "type: int", `"int" is no type`},
		"an unknown form":            {"x-flag: prompt", "x-media: {as: [bas64]}", `"bas64" is no form`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(goodFile, test.old, test.replacement, 1)
			if text == goodFile {
				t.Fatal("the case changes nothing")
			}
			c, err := catalog.Open(configs.FS(), overlay(map[string]string{"mine.yaml": text}))
			if err != nil {
				t.Fatal(err)
			}
			var told []string
			for _, err := range c.Validate() {
				told = append(told, err.Error())
			}
			if len(told) == 0 || !strings.Contains(strings.Join(told, "\n"), test.want) {
				t.Errorf("Validate says %q, want %q", told, test.want)
			}
			for _, line := range told {
				if !strings.HasPrefix(line, "models.d/mine.yaml: ") {
					t.Errorf("%q does not begin with the file", line)
				}
			}
		})
	}
}

func TestABrokenUserFileStopsChoosing(t *testing.T) {
	t.Parallel()
	c, err := catalog.Open(configs.FS(), overlay(map[string]string{"x.yaml": "model: [\ninput:\n"}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Choose(catalog.Query{Provider: "kie", Model: "kling-2.6/image-to-video"})
	if !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), "models.d/x.yaml") {
		t.Errorf("Choose says %v, want a usage fault that names the file", err)
	}
}

func TestAliasBombIsRefused(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("model: m\nprovider: kie\nkind: image-to-video\ninput:\n  type: object\n  properties:\n    a: &a {type: object, properties: {p: {type: string}, q: {type: string}}}\n")
	last := "a"
	for name := range strings.SplitSeq("bcdefghijklmnop", "") {
		text.WriteString("    " + name + ": &" + name + " {type: object, properties: {p: *" + last + ", q: *" + last + "}}\n")
		last = name
	}
	c, err := catalog.Open(configs.FS(), overlay(map[string]string{"x.yaml": text.String()}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Choose(catalog.Query{Provider: "kie", Model: "m", Kind: kling.ImageToVideo}); err == nil {
		t.Error("a schema of a million nodes was accepted")
	}
}

func TestPresets(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	var names []string
	for _, p := range c.Presets() {
		names = append(names, p.Name)
		if p.Title == "" || p.Console == "" || p.Limits.InFlight == 0 || p.Poll.First == 0 || p.Poll.GiveUp == 0 ||
			len(p.Keys.Env) == 0 || p.Upload.Method == "" {
			t.Errorf("%s is incomplete: %+v", p.Name, p)
		}
		if (p.BaseURL == "") != (p.Name == "newapi") {
			t.Errorf("%s: base URL %q", p.Name, p.BaseURL)
		}
		if !slices.Contains([]string{"yes", "no", "unverified"}, p.Lookup) || p.Lookup == "yes" && p.Name != "kling" {
			t.Errorf("%s: lookup %q", p.Name, p.Lookup)
		}
		if !slices.Contains([]string{"createtask", "aimlapi", "apixo", "klingapi"}, p.Dialect) {
			t.Errorf("%s: dialect %q", p.Name, p.Dialect)
		}
	}
	want := []string{"aimlapi", "apikley", "apixo", "cometapi", "kie", "kling", "newapi", "powertokens"}
	if !slices.Equal(names, want) {
		t.Errorf("presets are %q, want %q", names, want)
	}
	official, _ := c.Preset("kling")
	if official.Keys.Pair[1] != "KLING_SECRET_KEY" || official.Variant != (catalog.Variant{Billing: "kling"}) || official.List != "yes" {
		t.Errorf("kling is %+v", official)
	}
	gateway, _ := c.Preset("newapi")
	if gateway.Variant != (catalog.Variant{PathPrefix: "/kling", RepeatInMetadata: true, Billing: "newapi"}) {
		t.Errorf("newapi's variant is %+v", gateway.Variant)
	}
	for _, name := range []string{"powertokens", "cometapi"} {
		if p, _ := c.Preset(name); p.Variant.Billing != "" {
			t.Errorf("%s documents no balance and has billing %q", name, p.Variant.Billing)
		}
	}
}

func TestProvidersOfTheUser(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	more := c.WithProviders([]catalog.Preset{{Name: "shop", Like: "newapi", BaseURL: "https://shop.example.net"}})
	m := choose(t, more, "shop", "kling-v2-1-master", kling.ImageToVideo)
	if m.Provider != "shop" {
		t.Errorf("provider is %q", m.Provider)
	}
	p, _ := more.Preset("shop")
	if p.Dialect != "klingapi" || !p.Variant.RepeatInMetadata || p.Variant.Billing != "newapi" || p.Poll.GiveUp == 0 {
		t.Errorf("shop does not take over what newapi is like: %+v", p)
	}
	if len(p.Keys.Env) != 0 || p.Upload.BaseURL != "" {
		t.Errorf("shop takes over keys or an upload address: %+v", p)
	}
	if _, ok := c.Preset("shop"); ok {
		t.Error("the first catalog was changed")
	}
	if got, want := len(more.Offers())-len(c.Offers()), countOf(c, "newapi"); got != want {
		t.Errorf("%d more offers, want %d", got, want)
	}
}

func countOf(c *catalog.Catalog, provider string) int {
	count := map[string]int{}
	for _, offer := range c.Offers() {
		count[offer.Provider]++
	}
	return count[provider]
}

func TestReadObject(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"duration": 5, "cfg_scale": 0.50, "on": "on"}`, "duration: 5\ncfg_scale: 0.50\n\"on\": on\n"} {
		got, err := catalog.ReadObject([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"duration": json.Number("5"), "cfg_scale": json.Number("0.50"), "on": "on"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for last, name := byte('a'), byte('b'); name <= 'i'; last, name = name, name+1 {
		bomb += string(name) + ": &" + string(name) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(last)+", ", 10), ", ") + "]\n"
	}
	for name, text := range map[string]string{
		"a list": "[1]", "text": "hello", "nothing": "", "half": `{"a":`, "two": `{} {}`, "null": "a: null", "an alias bomb": bomb,
	} {
		if got, err := catalog.ReadObject([]byte(text)); err == nil {
			t.Errorf("%s was read as %v", name, got)
		}
	}
}
