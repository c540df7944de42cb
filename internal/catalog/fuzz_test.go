package catalog_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/kling"
)

// FuzzPrepare: whatever is given, there is an input that marshals, or a list
// of problems; never a panic.
func FuzzPrepare(f *testing.F) {
	c, err := catalog.Open(configs.FS())
	if err != nil {
		f.Fatal(err)
	}
	f.Add("rain", "5", "0.5", "camera_control.config.pan", "1", `{"image":"a.png"}`)
	f.Add("", "1e999999999", "NaN", "multi_prompt.0.duration", "[]", `{"dynamic_masks":[{"mask":1}]}`)
	f.Add("\xff", "-0", "1e-400", "..0.", `{"a":`, `{"voice_list":null,"prompt":{}}`)
	f.Fuzz(func(t *testing.T, prompt, duration, scale, path, value, base string) {
		in := catalog.Input{
			Flags: flags("prompt", prompt, "duration", duration, "cfg-scale", scale, "image", value, "sound", scale, "watermark", value),
			Sets:  []catalog.Set{set(path, value), {Path: path, JSON: json.RawMessage(base)}},
		}
		_ = json.Unmarshal([]byte(base), &in.Base) // any outcome will do
		for _, offer := range c.Offers()[:12] {
			tryOffer(t, c, offer, in)
		}
		tryOffer(t, c, catalog.Offer{Provider: "powertokens", Model: "kling-v2-1-master", Kind: kling.ImageToVideo}, in)
	})
}

func tryOffer(t *testing.T, c *catalog.Catalog, offer catalog.Offer, in catalog.Input) {
	t.Helper()
	m, err := c.Choose(catalog.Query{Provider: offer.Provider, Model: offer.Model, Kind: offer.Kind})
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Prepare(t.Context(), in, nil)
	if err != nil {
		if len(lines(t, err)) == 0 || err.Error() == "" {
			t.Errorf("an error without a problem: %v", err)
		}
		return
	}
	if _, err := json.Marshal(p.Input); err != nil {
		t.Errorf("the input does not marshal: %v", err)
	}
	if _, err := p.Canonical(); err != nil {
		t.Errorf("Canonical: %v", err)
	}
}

// TestScaleIsTakenExactlyWithinItsLimits compares with exact arithmetic.
func TestScaleIsTakenExactlyWithinItsLimits(t *testing.T) {
	t.Parallel()
	m := choose(t, builtin(t), "kie", "kling/v2-1-pro", "")
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?`).Draw(r, "scale")
		_, err := m.Prepare(t.Context(), catalog.Input{Flags: flags("prompt", "x", "image", pictureURL, "cfg-scale", text)}, nil)
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			r.Fatalf("%q is no number", text)
		}
		inside := exact.Sign() >= 0 && exact.Cmp(big.NewRat(1, 1)) <= 0
		if err == nil && !inside {
			r.Errorf("%s was taken", text)
		}
		small := new(big.Rat).Abs(exact).Cmp(big.NewRat(1, 1_000_000_000)) < 0
		if err != nil && inside && !small {
			r.Errorf("%s was refused: %v", text, err)
		}
	})
}

// TestPromptLimitCountsCharacters for any alphabet.
func TestPromptLimitCountsCharacters(t *testing.T) {
	t.Parallel()
	m := choose(t, builtin(t), "kie", "kling-2.6/image-to-video", "")
	rapid.Check(t, func(r *rapid.T) {
		runes := rapid.SliceOfN(rapid.Rune(), 980, 1020).Draw(r, "prompt")
		_, err := m.Prepare(t.Context(), catalog.Input{Flags: flags("prompt", string(runes), "image", pictureURL)}, nil)
		count := len([]rune(string(runes)))
		if (err == nil) != (count <= 1000) {
			r.Errorf("%d characters: %v", count, err)
		}
	})
}
