package sandbox

import "strings"

// aimlFields is the table of a model (B.2), the fields of the older pages
// included; false for a model that is not listed.
func aimlFields(model string) ([]rule, bool) {
	prompt := rule{name: "prompt", kind: text}
	table := []rule{
		{name: "model", kind: text, required: true},
		{name: "image_url", kind: pictured, required: true, form: byURLOrData},
		{name: "type", kind: text, enum: []string{"image-to-video"}},
		{name: "static_mask", kind: pictured, form: byURLOrData},
		{name: "dynamic_masks", kind: list, max: 6, item: &rule{kind: nested, of: klingMask(byURLOrData)}},
		{name: "camera_control", kind: nested, of: klingCamera()},
		{name: "negative_prompt", kind: text},
		{name: "duration", kind: whole, enum: []string{"5", "10"}},
		{name: "cfg_scale", kind: number, lo: 0, hi: 1},
		{name: "external_task_id", kind: text},
	}
	tail := rule{name: "tail_image_url", kind: pictured, form: byURLOrData}
	switch model {
	case "kling-video/v2.1/pro/image-to-video":
	case "kling-video/v2.1/standard/image-to-video", "kling-video/v1.6/pro/image-to-video":
		table = append(table, tail)
	case "klingai/v2.1-master-image-to-video", "klingai/v2.5-turbo/pro/image-to-video":
		prompt.required = true
	case "klingai/video-v2-6-pro-image-to-video":
		prompt.required, prompt.max = true, 2500
		table = append(table, rule{name: "generate_audio", kind: boolean})
	default:
		if !strings.HasPrefix(model, "kling-video/v1") || !strings.HasSuffix(model, "/image-to-video") {
			return nil, false
		}
	}
	return append(table, prompt), true
}
