package catalog_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/kling"
)

// TestCapabilityMap walks the rows of Kling's capability map, and what the
// documents of the other neighbours state. An empty want means accepted.
func TestCapabilityMap(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	const image, text = kling.ImageToVideo, kling.TextToVideo
	mask := flags("static-mask", "m.png")
	camera := []catalog.Set{set("camera_control.type", "simple"), set("camera_control.config.zoom", "5")}
	tests := map[string]struct {
		provider, model string
		kind            kling.Kind
		flags           map[string][]string
		sets            []catalog.Set
		want            string
	}{
		"v1 last frame at 5 s":            {"kling", "kling-v1", image, flags("tail-image", "t.png"), nil, ""},
		"v1 last frame at 10 s":           {"kling", "kling-v1", image, flags("tail-image", "t.png", "duration", "10"), nil, "needs --duration 5"},
		"v1 last frame alone":             {"kling", "kling-v1", image, flags("tail-image", "t.png", "image", ""), nil, "--image is required"},
		"v1 masks at 5 s":                 {"kling", "kling-v1", image, mask, nil, ""},
		"v1 masks at 10 s":                {"kling", "kling-v1", image, with(mask, "duration", "10"), nil, "need --duration 5"},
		"v1 camera from an image":         {"kling", "kling-v1", image, nil, camera, "camera_control"},
		"v1 camera from text":             {"kling", "kling-v1", text, nil, camera, ""},
		"v1 camera from text with pro":    {"kling", "kling-v1", text, flags("mode", "pro"), camera, "needs --mode std"},
		"v1-5 last frame with std":        {"kling", "kling-v1-5", image, flags("tail-image", "t.png"), nil, "needs --mode pro"},
		"v1-5 last frame alone with pro":  {"kling", "kling-v1-5", image, flags("tail-image", "t.png", "image", "", "mode", "pro", "duration", "10"), nil, ""},
		"v1-5 camera with pro":            {"kling", "kling-v1-5", image, flags("mode", "pro"), camera, ""},
		"v1-5 camera at 10 s":             {"kling", "kling-v1-5", image, flags("mode", "pro", "duration", "10"), camera, "needs --mode pro and --duration 5"},
		"v1-5 ready-made camera":          {"kling", "kling-v1-5", image, flags("mode", "pro"), []catalog.Set{set("camera_control.type", "down_back")}, "it takes simple"},
		"v1-6 last frame with pro":        {"kling", "kling-v1-6", image, flags("tail-image", "t.png", "mode", "pro"), nil, ""},
		"v1-6 masks":                      {"kling", "kling-v1-6", image, mask, nil, "--static-mask is not taken"},
		"v1-6 cfg scale":                  {"kling", "kling-v1-6", image, flags("cfg-scale", "1"), nil, ""},
		"v2-master mode":                  {"kling", "kling-v2-master", image, flags("mode", "pro"), nil, "--mode is not taken"},
		"v2-1-master last frame":          {"kling", "kling-v2-1-master", image, flags("tail-image", "t.png"), nil, "--tail-image is not taken"},
		"v2-1-master cfg scale":           {"kling", "kling-v2-1-master", image, flags("cfg-scale", "0.5"), nil, "Kling 2.x"},
		"v2-1-master 15 s":                {"kling", "kling-v2-1-master", image, flags("duration", "15"), nil, "it takes 5, 10"},
		"v2-1 last frame with pro":        {"kling", "kling-v2-1", image, flags("tail-image", "t.png", "mode", "pro"), nil, ""},
		"v2-1 last frame with std":        {"kling", "kling-v2-1", image, flags("tail-image", "t.png"), nil, "needs --mode pro"},
		"v2-5-turbo last frame with pro":  {"kling", "kling-v2-5-turbo", image, flags("tail-image", "t.png", "mode", "pro"), nil, ""},
		"v2-6 sound with std":             {"kling", "kling-v2-6", image, flags("sound", "on"), nil, "--sound on needs --mode pro"},
		"v2-6 sound with pro":             {"kling", "kling-v2-6", image, flags("sound", "on", "mode", "pro"), nil, ""},
		"v2-6 last frame with sound":      {"kling", "kling-v2-6", image, flags("sound", "on", "mode", "pro", "tail-image", "t.png"), nil, "needs --sound off"},
		"v2-6 voice without sound":        {"kling", "kling-v2-6", image, flags("mode", "pro"), []catalog.Set{set("voice_list", `[{"voice_id":"v"}]`)}, "voice_list needs --sound on"},
		"v3 4k for 15 s with both frames": {"kling", "kling-v3", image, flags("mode", "4k", "duration", "15", "sound", "on", "tail-image", "t.png"), nil, ""},
		"v3 shots that sum":               {"kling", "kling-v3", image, flags("prompt", "", "duration", "7"), shots(shotsJSON("3", "4")), ""},
		"v3 shots that do not":            {"kling", "kling-v3", text, flags("prompt", "", "duration", "8"), shots(shotsJSON("3", "4")), "7 seconds in all"},
		"v3 text without a prompt":        {"kling", "kling-v3", text, flags("prompt", ""), nil, "--prompt is required"},
		"v3 four elements":                {"kling", "kling-v3", image, nil, []catalog.Set{set("element_list", `[{"element_id":1},{"element_id":2},{"element_id":3},{"element_id":4}]`)}, "takes 3 elements, 4 were given"},
		"image to video takes no ratio":   {"kling", "kling-v3", image, flags("aspect-ratio", "1:1"), nil, "takes the shape of the image"},
		"cometapi tighter prompt":         {"cometapi", "kling-v2-master", image, flags("prompt", long(501)), nil, "at most 500"},
		"cometapi tighter negative":       {"cometapi", "kling-v2-1", image, flags("negative-prompt", long(201)), nil, "at most 200"},
		"newapi without a prompt":         {"newapi", "kling-v2-1-master", image, flags("prompt", ""), nil, "--prompt is required"},
		"newapi last frame alone":         {"newapi", "kling-v2-1-master", image, flags("image", "", "tail-image", "t.png"), nil, "--image is required"},
		"newapi drops sound":              {"newapi", "kling-v1-6", image, flags("sound", "on"), nil, "is dropped by new-api"},
		"kie 2.1 pro last frame":          {"kie", "kling/v2-1-pro", image, flags("tail-image", "t.png"), nil, ""},
		"kie 2.5 turbo prompt":            {"kie", "kling/v2-5-turbo-image-to-video-pro", image, flags("prompt", long(2501)), nil, "at most 2500"},
		"kie 3.0 two frames":              {"kie", "kling-3.0/video", image, flags("tail-image", "t.png", "duration", "15", "mode", "4K"), nil, ""},
		"kie 3.0 shots, one frame only":   {"kie", "kling-3.0/video", image, flags("tail-image", "t.png"), []catalog.Set{set("multi_shots", "true"), set("multi_prompt", `[{"prompt":"x","duration":5}]`)}, "--tail-image cannot be combined"},
		"kie 3.0 a shot of 13 s":          {"kie", "kling-3.0/video", text, nil, []catalog.Set{set("multi_shots", "true"), set("multi_prompt", `[{"prompt":"x","duration":13}]`)}, "must be within 1..12"},
		"kie 3.0 shots without a list":    {"kie", "kling-3.0/video", text, nil, []catalog.Set{set("multi_shots", "true")}, "needs multi_prompt"},
		"aimlapi 2.6 without a prompt":    {"aimlapi", "klingai/video-v2-6-pro-image-to-video", image, flags("prompt", ""), nil, "--prompt is required"},
		"aimlapi 2.1 standard last frame": {"aimlapi", "kling-video/v2.1/standard/image-to-video", image, flags("tail-image", "t.png"), nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := choose(t, c, test.provider, test.model, test.kind)
			given := minimal(m)
			for flag, values := range test.flags {
				given[flag] = values
				if values[0] == "" {
					delete(given, flag)
				}
			}
			_, err := m.Prepare(t.Context(), catalog.Input{Flags: given, Sets: test.sets}, sized(nil))
			var want []string
			if test.want != "" {
				want = []string{test.want}
			}
			got := lines(t, err)
			if strings.HasPrefix(name, "v1 camera from an image") {
				got = got[:1] // both parameters are refused in the same words
			}
			eachOnce(t, got, want)
		})
	}
}

// TestTheGuideNamesEverything keeps docs/adding-a-model.md in step.
func TestTheGuideNamesEverything(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "adding-a-model.md"))
	if err != nil {
		t.Fatal(err)
	}
	words := append(catalog.Flags(), catalog.Checks()...)
	words = append(words, "x-flag", "x-values", "x-media", "x-in", "x-ours", "x-message", "x-note", "x-refused")
	for _, word := range words {
		if !strings.Contains(string(text), "`"+word) {
			t.Errorf("the guide does not name %s", word)
		}
	}
}
