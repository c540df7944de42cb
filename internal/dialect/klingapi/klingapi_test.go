package klingapi_test

import (
	"encoding/json"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/dialecttest"
	"github.com/klingctl/klingctl/internal/dialect/klingapi"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/secret"
)

// plain is Kling itself, gateway is one with Kling's path under /kling.
func plain() dialect.Dialect   { return klingapi.New(dialect.Variant{}) }
func gateway() dialect.Dialect { return klingapi.New(dialect.Variant{PathPrefix: "/kling"}) }

// official is Kling itself with what it says of an account.
func official() dialect.Dialect { return klingapi.New(dialect.Variant{Billing: "kling"}) }

// newAPI is a gateway whose builds keep only one of the two places.
func newAPI() dialect.Dialect {
	return klingapi.New(dialect.Variant{PathPrefix: "/kling", RepeatInMetadata: true, Billing: "newapi"})
}

func requests() []dialecttest.Request {
	number := func(text string) json.Number { return json.Number(text) }
	picture := dialecttest.Stream("<start.jpg, 1200 bytes of base64>", "iVBORw0KGgoAAAANSUhEUgAAAAUA", 1200)
	masked := map[string]any{
		"image":       "iVBORw0KGgoAAAANSUhEUgAAAAUA",
		"prompt":      "only the boat moves",
		"mode":        "pro",
		"duration":    "5",
		"cfg_scale":   number("0.5"),
		"static_mask": "https://files.example.net/freeze.png",
		"dynamic_masks": []any{map[string]any{
			"mask": "https://files.example.net/boat.png",
			"trajectories": []any{
				map[string]any{"x": number("279"), "y": number("219")},
				map[string]any{"x": number("417"), "y": number("65")},
			},
		}},
	}
	return []dialecttest.Request{
		{Name: "frames", Request: dialect.Request{
			Model: "kling-v2-1", Kind: kling.ImageToVideo, Endpoint: "image2video",
			Input: map[string]any{
				"mode": "pro", "image": picture, "image_tail": "https://files.example.net/end.jpg",
				"prompt": "night turns into <<<image_1>>> & morning", "negative_prompt": "people", "duration": "10",
			},
			Envelope: map[string]any{"external_task_id": "klingctl-000123", "callback_url": "https://hooks.example.net/kling"},
		}},
		{Name: "masks", Request: dialect.Request{
			Model: "kling-v1-5", Kind: kling.ImageToVideo, Endpoint: "image2video", Input: masked,
		}},
		{Name: "shots", Request: dialect.Request{
			Model: "kling-v3", Kind: kling.ImageToVideo, Endpoint: "image2video",
			Input: map[string]any{
				"image": "https://files.example.net/a.png", "multi_shot": true, "shot_type": "customize", "duration": "10",
				"multi_prompt": []any{
					map[string]any{"index": number("1"), "prompt": "a door", "duration": "4"},
					map[string]any{"index": number("2"), "prompt": "behind it", "duration": "6"},
				},
				"element_list":   []any{map[string]any{"element_id": number("829836802793406551")}},
				"sound":          "on",
				"watermark_info": map[string]any{"enabled": true},
			},
		}},
		{Name: "text", Request: dialect.Request{
			Model: "kling-v1", Kind: kling.TextToVideo, Endpoint: "text2video",
			Input: map[string]any{
				"prompt": "fog rolls in", "aspect_ratio": "9:16", "duration": "5",
				"camera_control": map[string]any{"type": "simple", "config": map[string]any{"zoom": number("-3.5")}},
				"voice_list":     []any{map[string]any{"voice_id": "v-1"}},
			},
		}},
	}
}

func refs() []kling.Ref {
	return []kling.Ref{
		{Provider: "kling", Path: "image2video", Task: "881234567890123456"},
		{Provider: "kling", Path: "text2video", Task: "task_Ab12Cd34"},
	}
}

func credentials() []dialect.Credential {
	return []dialect.Credential{
		{Key: secret.New("api-key-kling-0123")},
		{AccessKey: secret.New("demo-access-key"), SecretKey: secret.New("demo-secret-key")},
	}
}

// accounts are the variants that can tell a balance.
func accounts() []dialecttest.Account {
	return []dialecttest.Account{{Name: "kling", New: official}, {Name: "newapi", New: newAPI}}
}

// The variants differ in their requests only, see variant_test.go, and in what
// they can tell of an account.
func TestContract(t *testing.T) {
	t.Parallel()
	dialecttest.Run(t, dialecttest.Suite{
		New: plain, Requests: requests(), Refs: refs(), Credentials: credentials(), Accounts: accounts(), Lives: lives(),
	})
}

func FuzzCreated(f *testing.F)  { dialecttest.FuzzCreated(f, "testdata", gateway()) }
func FuzzLooked(f *testing.F)   { dialecttest.FuzzLooked(f, "testdata", gateway()) }
func FuzzListed(f *testing.F)   { dialecttest.FuzzListed(f, "testdata", plain()) }
func FuzzCallback(f *testing.F) { dialecttest.FuzzCallback(f, "testdata", plain()) }

func FuzzBalancedPacks(f *testing.F) { dialecttest.FuzzBalanced(f, "testdata", accounts()[0]) }
func FuzzBalancedQuota(f *testing.F) { dialecttest.FuzzBalanced(f, "testdata", accounts()[1]) }
