package catalog_test

import (
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	tests := map[string]struct {
		query catalog.Query
		want  kling.Kind
		from  string
	}{
		"an image makes it a video from an image":   {catalog.Query{Provider: "kling", Model: "kling-v2-1-master", HasImage: true}, kling.ImageToVideo, "kling-v2-master-image2video.yaml"},
		"no image makes it a video from text":       {catalog.Query{Provider: "kling", Model: "kling-v2-1-master"}, kling.TextToVideo, "kling-v2-master-text2video.yaml"},
		"the only kind there is":                    {catalog.Query{Provider: "kling", Model: "kling-v2-1"}, kling.ImageToVideo, "kling-v2-1-image2video.yaml"},
		"a name that one provider offers":           {catalog.Query{Model: "kling/v2-1-pro", HasImage: true}, kling.ImageToVideo, "kie-kling-v2-1-pro.yaml"},
		"a mode that only the text kind takes":      {catalog.Query{Model: "kling-2-1", Mode: "master-text-to-video"}, kling.TextToVideo, "apixo-kling-2-1-text-to-video.yaml"},
		"that mode even with an image":              {catalog.Query{Model: "kling-2-1", Mode: "master-text-to-video", HasImage: true}, kling.TextToVideo, "apixo-kling-2-1-text-to-video.yaml"},
		"a mode that only the image kind takes":     {catalog.Query{Model: "kling-2-1", Mode: "pro-image-to-video"}, kling.ImageToVideo, "apixo-kling-2-1-image-to-video.yaml"},
		"a mode that no kind takes decides nothing": {catalog.Query{Model: "kling-2-1", Mode: "best", HasImage: true}, kling.ImageToVideo, "apixo-kling-2-1-image-to-video.yaml"},
		"the kind asked for wins over the image":    {catalog.Query{Provider: "kling", Model: "kling-v3", Kind: kling.TextToVideo, HasImage: true}, kling.TextToVideo, "kling-v3-text2video.yaml"},
		"one model name for both kinds on the wire": {catalog.Query{Provider: "kie", Model: "kling-3.0/video"}, kling.TextToVideo, "kie-kling-3.0-text-to-video.yaml"},
		"that model with an image":                  {catalog.Query{Provider: "kie", Model: "kling-3.0/video", HasImage: true}, kling.ImageToVideo, "kie-kling-3.0-image-to-video.yaml"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := c.Choose(test.query)
			if err != nil {
				t.Fatal(err)
			}
			if m.Kind != test.want || m.Origin != test.from {
				t.Errorf("got %s from %s, want %s from %s", m.Kind, m.Origin, test.want, test.from)
			}
		})
	}
}

func TestChooseExplainsWhatItCannot(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	tests := map[string]struct {
		query catalog.Query
		want  []string
	}{
		"offered by several":            {catalog.Query{Model: "kling-v2-1-master", HasImage: true}, []string{"cometapi, kling, newapi, powertokens", "--provider"}},
		"a mistyped name":               {catalog.Query{Model: "kling-v2-1-mastre"}, []string{"no provider offers", "kling-v2-1-master"}},
		"a mistyped name at a provider": {catalog.Query{Provider: "apikley", Model: "kling-2.6/image-to-vido"}, []string{"apikley does not offer", "near it: kling-2.6/image-to-video"}},
		"offered by others":             {catalog.Query{Provider: "apikley", Model: "kling/v2-1-pro"}, []string{"offered by kie"}},
		"an unknown provider":           {catalog.Query{Provider: "kei", Model: "x"}, []string{`there is no provider "kei"`, "kie"}},
		"no model":                      {catalog.Query{Provider: "apixo2"}, []string{"no provider"}},
		"a provider with many models":   {catalog.Query{Provider: "kling"}, []string{"no model was named", "--model"}},
		"a kind it does not make":       {catalog.Query{Provider: "kling", Model: "kling-v2-1", Kind: kling.TextToVideo}, []string{"it makes no text-to-video"}},
		"an escape in the name":         {catalog.Query{Model: "\x1b[31mx"}, []string{`\u001b`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.Choose(test.query)
			if !fault.Is(err, fault.Usage) {
				t.Fatalf("error is %v, want a usage fault", err)
			}
			text := err.Error() + " | " + fault.Of(err).Hint
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q does not say %q", text, want)
				}
			}
		})
	}
}

func TestTaking(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	for _, offer := range c.Taking("tail-image") {
		if !choose(t, c, offer.Provider, offer.Model, offer.Kind).Takes("tail-image") {
			t.Errorf("%s of %s is said to take --tail-image", offer.Model, offer.Provider)
		}
	}
	if got := len(c.Taking("tail-image")); got == 0 || got >= len(c.Offers()) {
		t.Errorf("%d of %d offers take --tail-image", got, len(c.Offers()))
	}
	if got := c.Taking("no-such-flag"); len(got) != 0 {
		t.Errorf("%d offers take a flag that there is not", len(got))
	}
}

func TestFlagValues(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	tests := []struct {
		provider, model, flag, want string
	}{
		{"powertokens", "kling-v2-1-master", "sound", "true false"},
		{"powertokens", "kling-v2-1-master", "mode", "std pro"},
		{"aimlapi", "kling-video/v2.1/pro/image-to-video", "duration", "5 10"},
		{"kie", "kling-2.6/image-to-video", "sound", "true false"},
		{"kie", "kling-2.6/image-to-video", "prompt", ""},
		{"kie", "kling-2.6/image-to-video", "mode", ""},
	}
	for _, test := range tests {
		m := choose(t, c, test.provider, test.model, kling.ImageToVideo)
		if got := strings.Join(m.FlagValues(test.flag), " "); got != test.want {
			t.Errorf("%s --%s: %q, want %q", test.model, test.flag, got, test.want)
		}
	}
}
