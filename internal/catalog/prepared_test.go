package catalog_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/media"
)

func prepare(t *testing.T, m *catalog.Model, in catalog.Input) *catalog.Prepared {
	t.Helper()
	p, err := m.Prepare(t.Context(), in, sized(nil))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSlotsAreFoundWhereverAnImageStands(t *testing.T) {
	t.Parallel()
	m := choose(t, builtin(t), "powertokens", "kling-v2-1-master", kling.ImageToVideo)
	p := prepare(t, m, catalog.Input{
		Flags: flags("image", "-", "static-mask", "s.png"),
		Sets:  []catalog.Set{set("dynamic_masks", `[{"mask":"d.png","trajectories":[{"x":1,"y":2},{"x":3,"y":4}]}]`)},
		Base:  map[string]any{"prompt": "rain"},
	})
	type place struct {
		Property, Flag, Source string
		URL                    bool
	}
	var got []place
	for _, slot := range p.Slots {
		got = append(got, place{slot.Property, slot.Flag, slot.Source, slot.URL})
		if !cmp.Equal(slot.As, []string{"base64", "url"}) {
			t.Errorf("%s goes out as %q", slot.Property, slot.As)
		}
		p.Fill(slot, "filled "+slot.Source)
	}
	want := []place{{"dynamic_masks[0].mask", "", "d.png", false}, {"image", "image", "-", false}, {"static_mask", "static-mask", "s.png", false}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("slots (-want +got):\n%s", diff)
	}
	masks, _ := p.Input["dynamic_masks"].([]any)
	mask, _ := masks[0].(map[string]any)
	if mask["mask"] != "filled d.png" || p.Input["image"] != "filled -" {
		t.Errorf("Fill left %v", p.Input)
	}
}

func TestCanonicalIsWhatIsBought(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	canonical := func(in catalog.Input) string {
		t.Helper()
		m := choose(t, c, "kling", "kling-v1-6", kling.ImageToVideo)
		p := prepare(t, m, in)
		before, err := p.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		for _, slot := range p.Slots {
			p.Fill(slot, make(chan int)) // whatever goes on the wire
		}
		p.Set("external-id", "id-of-this-try")
		after, err := p.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		if string(before) != string(after) {
			t.Errorf("filling changes it:\n%s\n%s", before, after)
		}
		return string(before)
	}
	base := flags("image", "a.png", "prompt", "rain")
	first := canonical(catalog.Input{Flags: base})
	if strings.Contains(first, "a.png") || !strings.Contains(first, "sha256:abab") {
		t.Errorf("a local image is not told by its content: %s", first)
	}
	same := map[string]catalog.Input{
		"another name for the same bytes": {Flags: with(base, "image", "b.png")},
		"a default that is spelled out":   {Flags: with(base, "duration", "5", "mode", "std")},
		"a number in another spelling":    {Flags: with(base, "cfg-scale", "5e-1")},
		"our id and a callback":           {Flags: with(base, "external-id", "x", "callback-url", hookURL)},
		"given as a whole input":          {Base: map[string]any{"image": "a.png", "prompt": "rain", "cfg_scale": 0.5}},
	}
	for name, in := range same {
		if got := canonical(in); got != first {
			t.Errorf("%s differs:\n%s\n%s", name, got, first)
		}
	}
	other := map[string]catalog.Input{
		"another prompt":   {Flags: with(base, "prompt", "snow")},
		"another duration": {Flags: with(base, "duration", "10")},
		"an address":       {Flags: with(base, "image", pictureURL)},
		"a watermark":      {Flags: with(base, "watermark", "true")},
	}
	for name, in := range other {
		if canonical(in) == first {
			t.Errorf("%s is taken for the same", name)
		}
	}
}

func TestSetAfterwards(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	kie := prepare(t, choose(t, c, "kie", "kling-2.6/image-to-video", ""), catalog.Input{Flags: flags("image", pictureURL, "prompt", "x")})
	if kie.Set("external-id", "x") {
		t.Error("an own id was set where there is no property for it")
	}
	if !kie.Set("callback-url", hookURL) || kie.Envelope["callBackUrl"] != hookURL || kie.Input["callBackUrl"] != nil {
		t.Errorf("callback: envelope %v, input %v", kie.Envelope, kie.Input)
	}
	if kie.Set("callback-url", "not an address") || kie.Envelope["callBackUrl"] != hookURL {
		t.Error("a callback that is no address was taken")
	}
	if kie.Set("image", "other.png") {
		t.Error("an image was replaced behind the slots' back")
	}
	own := prepare(t, choose(t, c, "kling", "kling-v2-1", ""), catalog.Input{Flags: flags("image", pictureURL)})
	if !own.Set("external-id", "k1") || own.Input["external_task_id"] != "k1" {
		t.Errorf("own id: %v", own.Input)
	}
}

func TestPriceAndSeconds(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	tests := map[string]struct {
		provider, model string
		flags           map[string][]string
		sets            []catalog.Set
		want            string
		seconds         int
	}{
		"by duration and sound":      {"kie", "kling-2.6/image-to-video", flags("prompt", "x", "duration", "10", "sound", "on"), nil, "220 credits", 10},
		"not at the mirror":          {"apikley", "kling-2.6/image-to-video", flags("prompt", "x"), nil, "", 5},
		"by the second":              {"kling", "kling-v2-1-master", nil, nil, "10 units", 5},
		"by mode, decimals kept":     {"kling", "kling-v2-1", flags("mode", "pro", "duration", "10"), nil, "7 units", 10},
		"by mode and model":          {"kling", "kling-v2-5-turbo", nil, nil, "1.5 units", 5},
		"not for the neighbour":      {"kling", "kling-v2-master", nil, nil, "", 5},
		"a chosen voice costs more":  {"kling", "kling-v2-6", flags("mode", "pro", "sound", "on"), []catalog.Set{set("voice_list", `[{"voice_id":"v"}]`)}, "6 units", 5},
		"own price of a gateway":     {"powertokens", "kling-v3", flags("sound", "on", "duration", "3"), nil, "0.378 USD", 3},
		"no price for silence there": {"powertokens", "kling-v3", nil, nil, "", 5},
		"whole-number duration":      {"aimlapi", "kling-video/v2.1/pro/image-to-video", flags("duration", "10"), nil, "", 10},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := choose(t, c, test.provider, test.model, kling.ImageToVideo)
			p := prepare(t, m, catalog.Input{Flags: with(test.flags, "image", pictureURL), Sets: test.sets})
			got := ""
			if price, ok := p.Price(); ok {
				got = price.Amount + " " + price.Currency
				if price.Source == "" || price.AsOf == "" {
					t.Errorf("price without source: %+v", price)
				}
			}
			if got != test.want || p.Seconds() != test.seconds {
				t.Errorf("got %q for %d s, want %q for %d s", got, p.Seconds(), test.want, test.seconds)
			}
		})
	}
}

func TestImagesAreHeldAgainstTheDocument(t *testing.T) {
	t.Parallel()
	m := choose(t, builtin(t), "kling", "kling-v1-5", kling.ImageToVideo)
	pixels := map[string][2]int{"small.png": {299, 300}, "odd.png": {1280, 700}, "half.png": {640, 360}}
	tests := map[string]struct {
		flags map[string][]string
		want  []string
	}{
		"a small image, told with the rest": {flags("image", "small.png", "duration", "7"), []string{"299", `"7"`}},
		"a mask of another shape":           {flags("image", "a.png", "static-mask", "odd.png", "mode", "pro"), []string{"is 1280x700, the image is 1280x720: the aspect ratios must be equal"}},
		"a mask of the same shape":          {flags("image", "a.png", "static-mask", "half.png", "mode", "pro"), nil},
		"masks need pro and 5 s":            {flags("image", "a.png", "static-mask", "a.png", "duration", "10"), []string{"need --mode pro and --duration 5"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := m.Prepare(t.Context(), catalog.Input{Flags: test.flags}, sized(pixels))
			eachOnce(t, lines(t, err), test.want)
		})
	}
	_, err := m.Prepare(t.Context(), catalog.Input{
		Flags: flags("image", "a.png", "static-mask", "a.png", "mode", "pro"),
		Sets:  []catalog.Set{set("dynamic_masks", `[{"mask":"half.png","trajectories":[{"x":1,"y":2},{"x":3,"y":4}]}]`)},
	}, sized(pixels))
	eachOnce(t, lines(t, err), []string{"all masks must have one size"})
}

func TestAnImageThatCannotBeReadIsAProblem(t *testing.T) {
	t.Parallel()
	m := choose(t, builtin(t), "kling", "kling-v1-6", kling.ImageToVideo)
	looks := 0
	look := func(context.Context, string) (media.Image, error) {
		looks++
		return media.Image{}, &fault.Error{Kind: fault.Usage, Op: "read", Subject: "x.png", Detail: "is an empty file"}
	}
	_, err := m.Prepare(t.Context(), catalog.Input{Flags: flags("image", "x.png", "tail-image", "x.png", "mode", "pro", "duration", "1")}, look)
	eachOnce(t, lines(t, err), []string{`--image "x.png" is an empty file`, `--tail-image "x.png" is an empty file`, `"1"`})
	if looks != 1 {
		t.Errorf("one file was looked at %d times", looks)
	}
	if !fault.Is(err, fault.Usage) || fault.Of(err).Hint == "" {
		t.Errorf("the problems are no usage fault: %v", fault.Of(err))
	}

	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := m.Prepare(ctx, catalog.Input{Flags: flags("image", "x.png")}, look); !errors.Is(err, context.Canceled) {
		t.Errorf("after a cancel the error is %v", err)
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	m := choose(t, builtin(t), "powertokens", "kling-v2-1-master", kling.ImageToVideo)
	tests := map[string]struct {
		set  catalog.Set
		want []string
	}{
		"text stays text":           {set("prompt", "123"), nil},
		"text that looks like JSON": {set("prompt", `{"a":1}`), nil},
		"true becomes a boolean":    {set("watermark_info.enabled", "true"), nil},
		"a file's JSON":             {catalog.Set{Path: "camera_control", JSON: json.RawMessage(`{"type":"simple","config":{"pan":1}}`)}, nil},
		"a file that is no JSON":    {catalog.Set{Path: "camera_control", JSON: json.RawMessage(`{`)}, []string{"is not JSON"}},
		"two JSON values":           {set("camera_control", `{} {}`), []string{"more than one JSON value"}},
		"text for an object":        {set("camera_control", "fast"), []string{"takes an object in JSON"}},
		"a name below a text":       {set("prompt.x", "1"), []string{"prompt.x is not a parameter"}},
		"a skipped position":        {set("multi_prompt.2.prompt", "x"), []string{"skips a position"}},
		"a word for a position":     {set("multi_prompt.first.prompt", "x"), []string{"should be a position"}},
		"an unknown nested name":    {set("camera_control.config.zom", "1"), []string{"near it: zoom"}},
		"no name":                   {set("", "x"), []string{"is not a parameter"}},
		"a huge number":             {catalog.Set{Path: "camera_control", JSON: json.RawMessage(`{"type":"simple","config":{"pan":1e99999999}}`)}, []string{"not a number of a usable size"}},
		"text that is no UTF-8":     {set("prompt", "a\xffb"), []string{"not valid UTF-8"}},
		"nothing":                   {catalog.Set{Path: "prompt", JSON: json.RawMessage("null")}, []string{"takes a string, not nothing"}},
		"JSON without an end":       {set("multi_prompt", strings.Repeat("[", 50)+strings.Repeat("]", 50)), []string{"nested too deeply"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := m.Prepare(t.Context(), catalog.Input{Flags: flags("image", pictureURL), Sets: []catalog.Set{test.set}}, nil)
			eachOnce(t, lines(t, err), test.want)
		})
	}
}

func TestFlagsOverBaseAndSetsOverFlags(t *testing.T) {
	t.Parallel()
	m := choose(t, builtin(t), "apixo", "kling-2-1", kling.ImageToVideo)
	base := map[string]any{
		"mode": "pro-image-to-video", "prompt": "base", "image_urls": []any{"a.png"}, "duration": 10,
		"callback_url": hookURL,
	}
	p := prepare(t, m, catalog.Input{Base: base, Flags: flags("prompt", "flag", "tail-image", "b.png", "cfg-scale", "0.3"), Sets: []catalog.Set{set("cfg_scale", "0.4")}})
	want := map[string]any{
		"mode": "pro-image-to-video", "prompt": "flag", "duration": json.Number("10"), "cfg_scale": json.Number("0.4"),
		"image_urls": []any{"a.png", "b.png"},
	}
	if diff := cmp.Diff(want, p.Input); diff != "" {
		t.Errorf("input (-want +got):\n%s", diff)
	}
	if p.Envelope["callback_url"] != hookURL {
		t.Errorf("envelope is %v", p.Envelope)
	}
	if images, _ := base["image_urls"].([]any); base["prompt"] != "base" || len(images) != 1 {
		t.Errorf("the caller's input was changed: %v", base)
	}
}
