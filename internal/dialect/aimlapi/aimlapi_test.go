package aimlapi_test

import (
	"encoding/json"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/aimlapi"
	"github.com/klingctl/klingctl/internal/dialect/dialecttest"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

func newDialect() dialect.Dialect { return aimlapi.New(dialect.Variant{}) }

func pro(prompt string) dialect.Request {
	return dialect.Request{
		Model: "kling-video/v2.1/pro/image-to-video", Kind: kling.ImageToVideo,
		Input: map[string]any{
			"image_url":       "https://files.example.net/portrait.jpg",
			"prompt":          prompt,
			"duration":        json.Number("5"),
			"negative_prompt": "warped hands",
			"cfg_scale":       json.Number("0.5"),
		},
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	full := pro("she turns toward the window")
	full.Input["type"] = "image-to-video"
	full.Input["external_task_id"] = "ours-1"
	full.Input["static_mask"] = "https://files.example.net/mask.png"
	full.Input["dynamic_masks"] = []any{map[string]any{
		"mask": "https://files.example.net/boat.png",
		"trajectories": []any{
			map[string]any{"x": json.Number("279"), "y": json.Number("219")},
			map[string]any{"x": json.Number("417"), "y": json.Number("65")},
		},
	}}
	full.Input["camera_control"] = map[string]any{"type": "simple", "config": map[string]any{"zoom": json.Number("0")}}
	streamed := pro("x")
	streamed.Input["image_url"] = dialecttest.Stream("<image a.jpg, 12 bytes>", "data:image/jpeg;base64,QUJD", 30)
	streamed.Envelope = map[string]any{"something_new": true}
	invalid := pro("x")
	invalid.Input["duration"] = json.Number("7")
	dialecttest.Run(t, dialecttest.Suite{
		New: newDialect,
		Requests: []dialecttest.Request{
			{Name: "pro", Request: pro("she turns toward the window")},
			{Name: "full", Request: full},
			{Name: "streamed", Request: streamed},
		},
		Refs: []kling.Ref{
			{Provider: "aimlapi", Task: "789392067490349060"},
			{Provider: "aimlapi", Task: "4e1fbd51-9d2f-4f0e-9d0e-3f6f3d1c2b1a:kling-video/v2.1"},
		},
		Lives: []dialecttest.Life{{
			Name: "aimlapi", BaseURL: "https://api.aimlapi.com", Order: pro, Invalid: &invalid,
			Expect: map[string]dialecttest.Refusal{
				"[[455]]": {Kind: fault.Unavailable, Charged: fault.MayBeCharged},
				"[[501]]": {Kind: fault.Unavailable, Charged: fault.MayBeCharged},
			},
			Skip: map[string]string{"[[two-videos]]": "the answer has one video"},
		}},
	})
}

func TestCreateRefusesWhatItCannotCarry(t *testing.T) {
	t.Parallel()
	tests := map[string]dialect.Request{
		"a model in the input":           {Model: "m", Input: map[string]any{"model": "other"}},
		"a model in the envelope":        {Model: "m", Envelope: map[string]any{"model": "m"}},
		"one name in input and envelope": {Model: "m", Input: map[string]any{"a": "x"}, Envelope: map[string]any{"a": "y"}},
	}
	for name, order := range tests {
		if _, err := newDialect().Create(order); !fault.Is(err, fault.Usage) {
			t.Errorf("Create with %s gives error %v, want a fault of kind usage", name, err)
		}
	}
}

func FuzzCreated(f *testing.F) { dialecttest.FuzzCreated(f, "testdata", newDialect()) }
func FuzzLooked(f *testing.F)  { dialecttest.FuzzLooked(f, "testdata", newDialect()) }

func FuzzBalanced(f *testing.F) {
	dialecttest.FuzzBalanced(f, "testdata", dialecttest.Account{New: newDialect})
}
