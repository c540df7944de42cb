package sandbox

// createTaskInput is the table of input fields of a model (A.2), transcribed
// from the pages of Apikley and KIE; false for a model they do not list.
func createTaskInput(model string) ([]rule, bool) {
	short := []string{"5", "10"}
	image := rule{name: "image_url", kind: pictured, required: true, form: byURL}
	tail := rule{name: "tail_image_url", kind: pictured, form: byURL}
	duration := rule{name: "duration", kind: text, enum: short}
	negative := rule{name: "negative_prompt", kind: text, max: 500}
	scale := rule{name: "cfg_scale", kind: number, lo: 0, hi: 1}
	ratio := rule{name: "aspect_ratio", kind: text, enum: []string{"16:9", "9:16", "1:1"}}
	prompt := func(n int) rule { return rule{name: "prompt", kind: text, required: true, max: n} }
	sound := rule{name: "sound", kind: boolean, required: true}
	fixed := rule{name: "duration", kind: text, required: true, enum: short}

	switch model {
	case "kling/v2-1-master-image-to-video", "kling/v2-1-standard":
		return []rule{prompt(5000), image, duration, negative, scale}, true
	case "kling/v2-1-pro":
		return []rule{prompt(5000), image, tail, duration, negative, scale}, true
	case "kling/v2-5-turbo-image-to-video-pro":
		return []rule{prompt(2500), image, tail, duration, negative, scale}, true
	case "kling/v2-1-master-text-to-video":
		return []rule{prompt(5000), duration, ratio, negative, scale}, true
	case "kling-2.6/image-to-video":
		images := rule{name: "image_urls", kind: list, required: true, min: 1, max: 1, item: &rule{kind: pictured, form: byURL}}
		return []rule{prompt(1000), images, sound, fixed}, true
	case "kling-2.6/text-to-video":
		return []rule{prompt(1000), sound, ratio, fixed}, true
	case "kling-3.0/video":
		return kling30Input(ratio), true
	default:
		return nil, false
	}
}

func kling30Input(ratio rule) []rule {
	return []rule{
		{name: "prompt", kind: text, max: 2500},
		{name: "image_urls", kind: list, max: 2, item: &rule{kind: pictured, form: byURL}},
		{name: "sound", kind: boolean},
		{name: "duration", kind: text, enum: threeToFifteen()},
		ratio,
		{name: "mode", kind: text, enum: []string{"std", "pro", "4K"}},
		{name: "multi_shots", kind: boolean},
		{name: "multi_prompt", kind: list, item: &rule{kind: nested, of: []rule{
			{name: "prompt", kind: text},
			{name: "duration", kind: whole, lo: 1, hi: 12},
		}}},
		{name: "kling_elements", kind: list, item: &rule{kind: nested, of: []rule{
			{name: "name", kind: text},
			{name: "description", kind: text},
			{name: "element_input_urls", kind: list, item: &rule{kind: pictured, form: byURL}},
		}}},
	}
}

func threeToFifteen() []string {
	return []string{"3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"}
}
