package createtask_test

import (
	"encoding/json"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/createtask"
	"github.com/klingctl/klingctl/internal/dialect/dialecttest"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

func newDialect() dialect.Dialect { return createtask.New(dialect.Variant{}) }

func master(prompt string) dialect.Request {
	return dialect.Request{
		Model: "kling/v2-1-master-image-to-video", Kind: kling.ImageToVideo,
		Input: map[string]any{
			"prompt":          prompt,
			"image_url":       "https://files.example.net/lighthouse.png",
			"duration":        "5",
			"negative_prompt": "blur, text",
			"cfg_scale":       json.Number("0.5"),
		},
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	withCallback := master("slow dolly toward the lighthouse while waves break")
	withCallback.Envelope = map[string]any{"callBackUrl": "https://hooks.example.net/kling?a=1&b=<2>"}
	invalid := master("x")
	invalid.Input["duration"] = "7"
	life := func(name, base string) dialecttest.Life {
		return dialecttest.Life{
			Name: name, BaseURL: base, Order: master, Invalid: &invalid,
			Expect: map[string]dialecttest.Refusal{
				"[[403]]": {Kind: fault.Auth, Charged: fault.NotCharged},
				"[[503]]": {Kind: fault.Busy, Charged: fault.NotCharged},
			},
			Skip: map[string]string{"[[422]]": "at KIE this is code 500, and only the published texts prove a refusal"},
		}
	}
	dialecttest.Run(t, dialecttest.Suite{
		New: newDialect,
		Requests: []dialecttest.Request{
			{Name: "v2-1-master", Request: withCallback},
			{Name: "v2-6", Request: dialect.Request{
				Model: "kling-2.6/image-to-video", Kind: kling.ImageToVideo,
				Input: map[string]any{
					"prompt":     "she starts to sing, camera circles",
					"image_urls": []any{"https://files.example.net/stage.jpg"},
					"sound":      true,
					"duration":   "10",
				},
			}},
			{Name: "v3", Request: dialect.Request{
				Model: "kling-3.0/video", Kind: kling.ImageToVideo,
				Input: map[string]any{
					"multi_shots":  true,
					"multi_prompt": []any{map[string]any{"prompt": "a <<<image_1>>> & more", "duration": json.Number("5")}},
					"kling_elements": []any{map[string]any{
						"name": "cat", "description": "a grey cat", "element_input_urls": []any{"https://files.example.net/c.png"},
					}},
					"mode": "pro",
				},
				Envelope: map[string]any{"somethingNew": map[string]any{"a": json.Number("1"), "b": nil}},
			}},
			{Name: "streamed", Request: dialect.Request{
				Model: "kling/v2-1-pro", Kind: kling.ImageToVideo,
				Input: map[string]any{"prompt": "x", "image_url": dialecttest.Stream("<image a.png, 9 bytes>", "QUJD", 12)},
			}},
		},
		Refs:  []kling.Ref{{Provider: "kie", Task: "task_kling_1765187759663"}},
		Lives: []dialecttest.Life{life("kie", "https://api.kie.ai"), life("apikley", "https://api.apikley.ru")},
	})
}

func TestCreateRefusesWhatItCannotCarry(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"model", "input"} {
		order := master("x")
		order.Envelope = map[string]any{name: "y"}
		if _, err := newDialect().Create(order); !fault.Is(err, fault.Usage) {
			t.Errorf("Create with %q in the envelope gives error %v, want a fault of kind usage", name, err)
		}
	}
}

func TestCreateWithoutInputSendsAnEmptyOne(t *testing.T) {
	t.Parallel()
	call, err := newDialect().Create(dialect.Request{Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(call.Body.Elided()), `{"input":{},"model":"m"}`; got != want {
		t.Errorf("body %s, want %s", got, want)
	}
}

func FuzzCreated(f *testing.F)  { dialecttest.FuzzCreated(f, "testdata", newDialect()) }
func FuzzLooked(f *testing.F)   { dialecttest.FuzzLooked(f, "testdata", newDialect()) }
func FuzzCallback(f *testing.F) { dialecttest.FuzzCallback(f, "testdata", newDialect()) }

func FuzzBalanced(f *testing.F) {
	dialecttest.FuzzBalanced(f, "testdata", dialecttest.Account{New: newDialect})
}
