package catalog_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/kling"
)

const (
	pictureURL = "https://files.example.net/a.png"
	hookURL    = "https://hooks.example.net/k"
)

// long is text of n characters that takes three bytes each.
func long(n int) string { return strings.Repeat("雨", n) }

// TestDocumentedLimits breaks what the five documents state, one by one and
// then together.
func TestDocumentedLimits(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	type try struct {
		flags map[string][]string
		sets  []catalog.Set
		want  []string // one text a problem; none when all is well
	}
	seeds := []struct {
		provider, model string
		kind            kling.Kind
		good            map[string][]string
		cases           map[string]try
	}{
		{
			"apikley", "kling/v2-1-master-image-to-video", kling.ImageToVideo,
			flags("prompt", "rain", "image", pictureURL),
			map[string]try{
				"prompt at the limit, in characters": {flags: flags("prompt", long(5000))},
				"prompt one too long":                {flags: flags("prompt", long(5001)), want: []string{"is 5001 characters long, at most 5000"}},
				"negative prompt at the limit":       {flags: flags("negative-prompt", long(500))},
				"negative prompt one too long":       {flags: flags("negative-prompt", long(501)), want: []string{"is 501 characters long, at most 500"}},
				"duration 10":                        {flags: flags("duration", "10")},
				"duration 7":                         {flags: flags("duration", "7"), want: []string{`--duration "7" is not allowed; it takes 5, 10`}},
				"duration 5.0":                       {flags: flags("duration", "5.0"), want: []string{`--duration "5.0"`}},
				"duration 05":                        {flags: flags("duration", "05"), want: []string{`--duration "05"`}},
				"cfg at both ends":                   {flags: flags("cfg-scale", "0")},
				"cfg one":                            {flags: flags("cfg-scale", "1")},
				"cfg between the steps of the prose": {flags: flags("cfg-scale", "0.55")},
				"cfg above":                          {flags: flags("cfg-scale", "1.01"), want: []string{`--cfg-scale "1.01" must be within 0..1`}},
				"cfg below":                          {flags: flags("cfg-scale", "-0.1"), want: []string{`--cfg-scale "-0.1"`}},
				"cfg NaN":                            {flags: flags("cfg-scale", "NaN"), want: []string{`--cfg-scale "NaN" is not a number`}},
				"cfg tiny":                           {flags: flags("cfg-scale", "1e-400"), want: []string{`"1e-400" is not a number of a usable size`}},
				"cfg huge":                           {flags: flags("cfg-scale", "1e10000000"), want: []string{`"1e10000000"`}},
				"cfg hexadecimal":                    {flags: flags("cfg-scale", "0x1p-2"), want: []string{`"0x1p-2" is not a number`}},
				"cfg with a comma":                   {flags: flags("cfg-scale", "0,5"), want: []string{`"0,5" is not a number`}},
				"cfg a hair above, beyond a float":   {flags: flags("cfg-scale", "1.00000000000000000001"), want: []string{`--cfg-scale`}},
				"no prompt":                          {flags: flags("prompt", ""), want: []string{"--prompt is required"}},
				"no image":                           {flags: flags("image", ""), want: []string{"--image is required"}},
				"two images":                         {flags: map[string][]string{"image": {pictureURL, pictureURL}}, want: []string{"--image takes 1 image, 2 were given"}},
				"a last frame":                       {flags: flags("tail-image", pictureURL), want: []string{"--tail-image is not taken by"}},
				"sound":                              {flags: flags("sound", "on"), want: []string{"--sound is not taken by"}},
				"an address without a host":          {flags: flags("image", "https:///x.png"), want: []string{"must be a full http or https address"}},
				"an address with a password":         {flags: flags("image", "https://u:p@x.net/a.png"), want: []string{"must not carry a user name"}},
				"a data URI":                         {flags: flags("image", "data:image/png;base64,AAAA"), want: []string{"not a data URI"}},
				"another scheme":                     {flags: flags("image", "ftp://x.net/a.png"), want: []string{"must be a full http or https address"}},
				"a callback":                         {flags: flags("callback-url", hookURL)},
				"a callback that is no address":      {flags: flags("callback-url", "hooks.example.net"), want: []string{`--callback-url "hooks.example.net" must be a full`}},
				"an unknown parameter, near a known": {sets: []catalog.Set{set("negativ_prompt", "x")}, want: []string{"negativ_prompt is not a parameter of this model; near it: negative_prompt"}},
				"a number where text is wanted":      {sets: []catalog.Set{{Path: "duration", JSON: json.RawMessage("5")}}, want: []string{`--duration "5" takes a string (5, 10), not a whole number`}},
				"everything at once": {
					flags: flags("prompt", long(5001), "image", "", "duration", "7", "cfg-scale", "1.01",
						"negative-prompt", long(501), "sound", "on", "callback-url", "x"),
					sets: []catalog.Set{set("seed", "1")},
					want: []string{"5001", "--image is required", `"7"`, `"1.01"`, "501", "--sound", "--callback-url", "seed"},
				},
			},
		},
		{
			"apikley", "kling-2.6/image-to-video", kling.ImageToVideo,
			flags("prompt", "rain", "image", pictureURL),
			map[string]try{
				"prompt at the limit":  {flags: flags("prompt", long(1000))},
				"prompt one too long":  {flags: flags("prompt", long(1001)), want: []string{"at most 1000"}},
				"sound as true":        {flags: flags("sound", "true")},
				"sound as a word":      {flags: flags("sound", "loud"), want: []string{`--sound "loud" takes true or false`}},
				"duration 15":          {flags: flags("duration", "15"), want: []string{`"15"`}},
				"two images":           {flags: map[string][]string{"image": {pictureURL, pictureURL}}, want: []string{"--image takes 1 image, 2 were given"}},
				"no image":             {flags: flags("image", ""), want: []string{"--image is required"}},
				"an empty list":        {flags: flags("image", ""), sets: []catalog.Set{set("image_urls", "[]")}, want: []string{"--image needs at least 1 image, 0 were given"}},
				"negative prompt":      {flags: flags("negative-prompt", "x"), want: []string{"--negative-prompt is not taken by"}},
				"cfg scale":            {flags: flags("cfg-scale", "0.5"), want: []string{"--cfg-scale is not taken by"}},
				"mode":                 {flags: flags("mode", "pro"), want: []string{"--mode is not taken by"}},
				"aspect ratio":         {flags: flags("aspect-ratio", "16:9"), want: []string{"--aspect-ratio is not taken by"}},
				"sound as text inside": {sets: []catalog.Set{{Path: "sound", JSON: json.RawMessage(`"true"`)}}, want: []string{`takes true or false, not a string`}},
				"everything at once": {
					flags: map[string][]string{"image": {pictureURL, pictureURL}, "prompt": {long(1001)}, "duration": {"6"}, "sound": {"x"}, "mode": {"pro"}},
					want:  []string{"1001", "2 were given", `"6"`, `"x"`, "--mode"},
				},
			},
		},
		{
			"aimlapi", "kling-video/v2.1/pro/image-to-video", kling.ImageToVideo,
			flags("image", pictureURL),
			map[string]try{
				"a very long prompt":              {flags: flags("prompt", long(20000))},
				"duration 10":                     {flags: flags("duration", "10")},
				"duration 7":                      {flags: flags("duration", "7"), want: []string{`--duration "7" is not allowed; it takes 5, 10`}},
				"duration 05":                     {flags: flags("duration", "05"), want: []string{`--duration "05" is not a number; it takes 5, 10`}},
				"duration 5.0":                    {flags: flags("duration", "5.0"), want: []string{`takes 5, 10, not 5.0`}},
				"duration as text inside":         {sets: []catalog.Set{{Path: "duration", JSON: json.RawMessage(`"5"`)}}, want: []string{"takes a whole number (5, 10), not a string"}},
				"cfg above":                       {flags: flags("cfg-scale", "1.01"), want: []string{"--cfg-scale"}},
				"no image":                        {flags: flags("image", ""), want: []string{"--image is required"}},
				"two images":                      {flags: map[string][]string{"image": {"a.png", "b.png"}}, want: []string{"--image takes 1 image, 2 were given"}},
				"a last frame":                    {flags: flags("tail-image", pictureURL), want: []string{"--tail-image is not taken by"}},
				"a callback":                      {flags: flags("callback-url", hookURL), want: []string{"--callback-url is not taken by"}},
				"its own id":                      {flags: flags("external-id", "x")},
				"another type":                    {sets: []catalog.Set{set("type", "text-to-video")}, want: []string{"it takes image-to-video"}},
				"seven masks, and one short path": {sets: []catalog.Set{set("dynamic_masks", masksJSON(7, 1))}, want: []string{"takes 6 elements, 7 were given"}},
				"a path of one point":             {sets: []catalog.Set{set("dynamic_masks", masksJSON(1, 1))}, want: []string{"dynamic_masks[0].trajectories needs at least 2 elements, 1 were given"}},
				"a path of 78 points":             {sets: []catalog.Set{set("dynamic_masks", masksJSON(1, 78))}, want: []string{"takes 77 elements, 78 were given"}},
			},
		},
		{
			"apixo", "kling-2-1", kling.ImageToVideo,
			flags("image", pictureURL, "prompt", "rain"),
			map[string]try{
				"prompt at the limit":          {flags: flags("prompt", long(5000))},
				"prompt one too long":          {flags: flags("prompt", long(5001)), want: []string{"at most 5000"}},
				"an empty prompt":              {sets: []catalog.Set{set("prompt", "")}, want: []string{"--prompt is empty"}},
				"standard with a last frame":   {flags: flags("tail-image", pictureURL), want: []string{"--tail-image needs --mode pro-image-to-video"}},
				"pro with a last frame":        {flags: flags("mode", "pro-image-to-video", "tail-image", pictureURL)},
				"master with a last frame":     {flags: flags("mode", "master-image-to-video", "tail-image", pictureURL), want: []string{"--tail-image needs"}},
				"a last frame alone":           {flags: flags("image", "", "mode", "pro-image-to-video", "tail-image", pictureURL), want: []string{"needs --image before it"}},
				"three images":                 {flags: flags("image", "", "mode", "pro-image-to-video"), sets: []catalog.Set{set("image_urls", `["a.png","b.png","c.png"]`)}, want: []string{"takes 2 images, 3 were given"}},
				"two first frames":             {flags: map[string][]string{"image": {"a.png", "b.png"}}, want: []string{"2 were given; the last frame goes into --tail-image"}},
				"the text mode":                {flags: flags("mode", "master-text-to-video"), want: []string{`--mode "master-text-to-video" is not allowed`}},
				"duration 7":                   {flags: flags("duration", "7"), want: []string{"--duration"}},
				"route":                        {flags: flags("route", "official")},
				"an unknown route":             {flags: flags("route", "best"), want: []string{`--route "best" is not allowed; it takes auto, value, official`}},
				"cfg above":                    {flags: flags("cfg-scale", "1.01"), want: []string{"--cfg-scale"}},
				"an aspect ratio":              {flags: flags("aspect-ratio", "16:9"), want: []string{"--aspect-ratio is not taken by"}},
				"negative prompt one too many": {flags: flags("negative-prompt", long(501)), want: []string{"at most 500"}},
			},
		},
		{
			"apixo", "kling-2-1", kling.TextToVideo,
			flags("prompt", "rain"),
			map[string]try{
				"an aspect ratio":      {flags: flags("aspect-ratio", "9:16")},
				"an unknown ratio":     {flags: flags("aspect-ratio", "4:3"), want: []string{`--aspect-ratio "4:3" is not allowed; it takes 16:9, 9:16, 1:1`}},
				"an image":             {flags: flags("image", pictureURL), want: []string{"--image is not taken by"}},
				"the mode by its name": {flags: flags("mode", "master-text-to-video")},
			},
		},
		{
			"powertokens", "kling-v2-1-master", kling.ImageToVideo,
			flags("image", pictureURL, "prompt", "rain"),
			map[string]try{
				"prompt at the limit":           {flags: flags("prompt", long(2500))},
				"prompt one too long":           {flags: flags("prompt", long(2501)), want: []string{"at most 2500"}},
				"negative prompt one too long":  {flags: flags("negative-prompt", long(2501)), want: []string{"at most 2500"}},
				"no prompt":                     {flags: flags("prompt", "")},
				"a last frame alone":            {flags: flags("image", "", "tail-image", pictureURL)},
				"neither frame":                 {flags: flags("image", ""), want: []string{"give --image, --tail-image or both"}},
				"duration 3":                    {flags: flags("duration", "3")},
				"duration 15":                   {flags: flags("duration", "15")},
				"duration 2":                    {flags: flags("duration", "2"), want: []string{`--duration "2"`}},
				"duration 16":                   {flags: flags("duration", "16"), want: []string{`--duration "16"`}},
				"cfg scale":                     {flags: flags("cfg-scale", "0.5"), want: []string{"--cfg-scale is not taken by Kling 2.x"}},
				"cfg scale as a parameter":      {sets: []catalog.Set{set("cfg_scale", "0.5")}, want: []string{"cfg_scale is not taken by Kling 2.x"}},
				"mode 4k":                       {flags: flags("mode", "4k"), want: []string{`--mode "4k" is not allowed; it takes std, pro`}},
				"sound on":                      {flags: flags("sound", "on")},
				"sound as true":                 {flags: flags("sound", "true")},
				"sound as a word":               {flags: flags("sound", "loud"), want: []string{`--sound "loud" is not allowed; it takes on, off`}},
				"last frame and mask":           {flags: flags("tail-image", "t.png", "static-mask", "m.png"), want: []string{"--tail-image cannot be combined"}},
				"last frame and camera":         {flags: flags("tail-image", "t.png"), sets: []catalog.Set{set("camera_control.type", "forward_up")}, want: []string{"--tail-image cannot be combined"}},
				"camera and masks":              {flags: flags("static-mask", "m.png"), sets: []catalog.Set{set("camera_control.type", "forward_up")}, want: []string{"camera_control cannot be combined"}},
				"a camera on one axis":          {sets: []catalog.Set{set("camera_control.type", "simple"), set("camera_control.config.zoom", "-10")}},
				"a camera on two axes":          {sets: []catalog.Set{set("camera_control.type", "simple"), set("camera_control.config", `{"zoom":1,"pan":2}`)}, want: []string{"must move exactly one axis, not 2"}},
				"a camera on no axis":           {sets: []catalog.Set{set("camera_control.type", "simple"), set("camera_control.config", `{"zoom":0.0}`)}, want: []string{"must move exactly one axis, not 0"}},
				"a camera beyond the end":       {sets: []catalog.Set{set("camera_control.type", "simple"), set("camera_control.config.pan", "10.5")}, want: []string{`camera_control.config.pan "10.5" must be within -10..10`}},
				"a ready-made camera with axes": {sets: []catalog.Set{set("camera_control.type", "down_back"), set("camera_control.config.pan", "1")}, want: []string{"config belongs to type simple"}},
				"shots without multi_shot":      {sets: []catalog.Set{set("shot_type", "customize"), set("multi_prompt", shotsJSON("5"))}, want: []string{"need multi_shot=true"}},
				"multi_shot without a type":     {flags: flags("prompt", ""), sets: []catalog.Set{set("multi_shot", "true")}, want: []string{"needs shot_type"}},
				"multi_shot with a prompt":      {sets: []catalog.Set{set("multi_shot", "true"), set("shot_type", "intelligence")}, want: []string{"--prompt has no effect"}},
				"customize without shots":       {flags: flags("prompt", ""), sets: []catalog.Set{set("multi_shot", "true"), set("shot_type", "customize")}, want: []string{"needs multi_prompt"}},
				"shots that sum":                {flags: flags("prompt", "", "duration", "10"), sets: shots(shotsJSON("4", "6"))},
				"shots that do not sum":         {flags: flags("prompt", "", "duration", "10"), sets: shots(shotsJSON("4", "5")), want: []string{"has shots of 9 seconds in all, --duration is 10"}},
				"a shot of no length":           {flags: flags("prompt", ""), sets: shots(shotsJSON("0", "5")), want: []string{"a shot lasts at least 1 second"}},
				"seven shots":                   {flags: flags("prompt", "", "duration", "7"), sets: shots(shotsJSON("1", "1", "1", "1", "1", "1", "1")), want: []string{"takes 6 elements, 7 were given"}},
				"a shot's prompt one too long":  {flags: flags("prompt", ""), sets: append(shots(shotsJSON("5")), set("multi_prompt.0.prompt", long(513))), want: []string{"is 513 characters long, at most 512"}},
				"a shot's length as a number":   {flags: flags("prompt", ""), sets: append(shots(shotsJSON("5")), catalog.Set{Path: "multi_prompt.0.duration", JSON: json.RawMessage("5")}), want: []string{`multi_prompt[0].duration "5" takes a string`}},
				"voices with sound":             {flags: flags("sound", "on"), sets: []catalog.Set{set("voice_list", `[{"voice_id":"a"},{"voice_id":"b"}]`)}},
				"voices without sound":          {sets: []catalog.Set{set("voice_list", `[{"voice_id":"a"}]`)}, want: []string{"voice_list needs --sound on"}},
				"three voices":                  {flags: flags("sound", "on"), sets: []catalog.Set{set("voice_list", `[{"voice_id":"a"},{"voice_id":"b"},{"voice_id":"c"}]`)}, want: []string{"takes 2 elements, 3 were given"}},
				"elements and voices":           {flags: flags("sound", "on"), sets: []catalog.Set{set("voice_list", `[{"voice_id":"a"}]`), set("element_list", `[{"element_id":829836802793406551}]`)}, want: []string{"element_list and voice_list cannot be combined"}},
				"an element id that is text":    {sets: []catalog.Set{set("element_list", `[{"element_id":"829"}]`)}, want: []string{"takes a whole number, not a string"}},
				"a watermark":                   {flags: flags("watermark", "true")},
				"everything at once": {
					flags: flags("image", "", "prompt", long(2501), "negative-prompt", long(2501), "duration", "16", "mode", "4k",
						"sound", "loud", "cfg-scale", "1", "static-mask", "m.png", "tail-image", "t.png", "callback-url", "x"),
					sets: []catalog.Set{set("shot_type", "x"), set("camera_control.type", "forward_up"), set("dynamic_masks", masksJSON(7, 2)), set("seed", "1")},
					want: []string{
						"--prompt", "--negative-prompt", "--duration", "--mode", "--sound", "--cfg-scale", "--callback-url",
						`shot_type "x"`, "dynamic_masks takes", "seed is not", "--tail-image cannot be combined", "camera_control cannot be combined",
						"need multi_shot=true",
					},
				},
			},
		},
	}
	for _, seed := range seeds {
		m := choose(t, c, seed.provider, seed.model, seed.kind)
		for name, test := range seed.cases {
			t.Run(seed.provider+" "+seed.model+" "+name, func(t *testing.T) {
				t.Parallel()
				given := map[string][]string{}
				maps.Copy(given, seed.good)
				for flag, values := range test.flags {
					given[flag] = values
					if values[0] == "" {
						delete(given, flag)
					}
				}
				_, err := m.Prepare(t.Context(), catalog.Input{Flags: given, Sets: test.sets}, nil)
				eachOnce(t, lines(t, err), test.want)
			})
		}
	}
}

// masksJSON writes masks with so many points each.
func masksJSON(masks, points int) string {
	path := make([]map[string]int, points)
	for i := range path {
		path[i] = map[string]int{"x": i, "y": i}
	}
	list := make([]any, masks)
	for i := range list {
		list[i] = map[string]any{"mask": pictureURL, "trajectories": path}
		if masks > 6 {
			list[i] = map[string]any{"mask": pictureURL, "trajectories": []map[string]int{{"x": 1, "y": 1}, {"x": 2, "y": 2}}}
		}
	}
	text, _ := json.Marshal(list) //nolint:errchkjson // ints and strings only
	return string(text)
}

func shotsJSON(seconds ...string) string {
	list := make([]any, len(seconds))
	for i, s := range seconds {
		list[i] = map[string]any{"index": i + 1, "prompt": "rain", "duration": s}
	}
	text, _ := json.Marshal(list) //nolint:errchkjson // ints and strings only
	return string(text)
}

func shots(list string) []catalog.Set {
	return []catalog.Set{set("multi_shot", "true"), set("shot_type", "customize"), set("multi_prompt", list)}
}

// TestWireTypes: the same flag becomes what each document asks for.
func TestWireTypes(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	tests := map[string]struct {
		provider, model string
		flags           map[string][]string
		want            map[string]any
		envelope        map[string]any
	}{
		"text duration, real boolean, list of one": {
			"kie", "kling-2.6/image-to-video", flags("prompt", "rain", "image", pictureURL, "sound", "on", "duration", "10", "callback-url", hookURL),
			map[string]any{"prompt": "rain", "image_urls": []any{pictureURL}, "sound": true, "duration": "10"},
			map[string]any{"callBackUrl": hookURL},
		},
		"whole-number duration": {
			"aimlapi", "kling-video/v2.1/pro/image-to-video", flags("image", pictureURL, "duration", "10"),
			map[string]any{"image_url": pictureURL, "duration": json.Number("10"), "cfg_scale": json.Number("0.5")},
			map[string]any{},
		},
		"a sound flag under another name": {
			"aimlapi", "klingai/video-v2-6-pro-image-to-video", flags("image", pictureURL, "prompt", "rain", "sound", "off"),
			map[string]any{"image_url": pictureURL, "prompt": "rain", "duration": json.Number("5"), "generate_audio": false},
			map[string]any{},
		},
		"images by position, routing beside the input": {
			"apixo", "kling-2-1", flags("image", "a.png", "tail-image", "b.png", "prompt", "rain", "mode", "pro-image-to-video"),
			map[string]any{"mode": "pro-image-to-video", "prompt": "rain", "duration": json.Number("5"), "image_urls": []any{"a.png", "b.png"}},
			map[string]any{"provider": "auto"},
		},
		"sound as a word, a nested flag": {
			"powertokens", "kling-v2-1-master", flags("image", "a,b.png", "sound", "true", "watermark", "on", "external-id", "x1"),
			map[string]any{"image": "a,b.png", "sound": "on", "duration": "5", "watermark_info": map[string]any{"enabled": true}, "external_task_id": "x1"},
			map[string]any{},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := choose(t, c, test.provider, test.model, kling.ImageToVideo)
			p, err := m.Prepare(t.Context(), catalog.Input{Flags: test.flags}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, p.Input); diff != "" {
				t.Errorf("input (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.envelope, p.Envelope); diff != "" {
				t.Errorf("envelope (-want +got):\n%s", diff)
			}
		})
	}
}
