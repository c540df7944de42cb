package apixo_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/apixo"
	"github.com/klingctl/klingctl/internal/dialect/dialecttest"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

func newDialect() dialect.Dialect { return apixo.New(dialect.Variant{}) }

func pro(prompt string) dialect.Request {
	return dialect.Request{
		Model: "kling-2-1", Kind: kling.ImageToVideo, Endpoint: "kling-2-1",
		Input: map[string]any{
			"mode":            "pro-image-to-video",
			"prompt":          prompt,
			"duration":        json.Number("5"),
			"image_urls":      []any{"https://files.example.net/closed.png", "https://files.example.net/open.png"},
			"negative_prompt": "flicker",
			"cfg_scale":       json.Number("0.5"),
		},
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	polled := pro("the door opens and light floods in")
	polled.Envelope = map[string]any{"provider": "auto"}
	called := pro("the door opens and light floods in")
	called.Envelope = map[string]any{"provider": "official", "callback_url": "https://hooks.example.net/kling", "source": "klingctl"}
	invalid := pro("x")
	delete(invalid.Input, "mode")
	dialecttest.Run(t, dialecttest.Suite{
		New: newDialect,
		Requests: []dialecttest.Request{
			{Name: "polled", Request: polled},
			{Name: "called_back", Request: called},
			{Name: "text", Request: dialect.Request{
				Model: "kling-2-1", Kind: kling.TextToVideo, Endpoint: "kling-2-1",
				Input: map[string]any{
					"mode": "master-text-to-video", "prompt": "fog", "duration": json.Number("10"), "aspect_ratio": "9:16",
				},
			}},
		},
		Refs: []kling.Ref{{Provider: "apixo", Path: "kling-2-1", Task: "3f2a9c0d5b7e41c8a1d0e6f7b8c9d0e1"}},
		Lives: []dialecttest.Life{{
			Name: "apixo", BaseURL: "https://api.apixo.ai", Order: pro, Invalid: &invalid,
			Expect: map[string]dialecttest.Refusal{
				"[[455]]": {Kind: fault.Unavailable, Charged: fault.MayBeCharged},
				"[[501]]": {Kind: fault.Unavailable, Charged: fault.MayBeCharged},
			},
		}},
	})
}

func TestRequestTypeFollowsTheCallbackURL(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		envelope map[string]any
		want     string
	}{
		"no callback":               {nil, `"request_type":"async"`},
		"an empty callback":         {map[string]any{"callback_url": ""}, `"request_type":"async"`},
		"a callback":                {map[string]any{"callback_url": "https://x.example"}, `"request_type":"callback"`},
		"a type that was asked for": {map[string]any{"callback_url": "https://x.example", "request_type": "async"}, `"request_type":"async"`},
	}
	for name, test := range tests {
		order := pro("x")
		order.Envelope = test.envelope
		call, err := newDialect().Create(order)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := string(call.Body.Elided()); !strings.Contains(got, test.want) {
			t.Errorf("%s: body %s, want %s", name, got, test.want)
		}
	}
}

func TestCreateRefusesWhatItCannotCarry(t *testing.T) {
	t.Parallel()
	without := pro("x")
	without.Endpoint = ""
	twice := pro("x")
	twice.Envelope = map[string]any{"input": map[string]any{}}
	for name, order := range map[string]dialect.Request{"no endpoint": without, "input in the envelope": twice} {
		if _, err := newDialect().Create(order); !fault.Is(err, fault.Usage) {
			t.Errorf("Create with %s gives error %v, want a fault of kind usage", name, err)
		}
	}
}

func FuzzCreated(f *testing.F)  { dialecttest.FuzzCreated(f, "testdata", newDialect()) }
func FuzzLooked(f *testing.F)   { dialecttest.FuzzLooked(f, "testdata", newDialect()) }
func FuzzCallback(f *testing.F) { dialecttest.FuzzCallback(f, "testdata", newDialect()) }

func FuzzBalanced(f *testing.F) {
	dialecttest.FuzzBalanced(f, "testdata", dialecttest.Account{New: newDialect})
}
