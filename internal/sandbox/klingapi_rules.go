package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// klingOrder checks a create body against Kling's tables (F.2) and the limits
// a gateway adds; why is empty when it is allowed.
func (c *call) klingOrder(videoKind string, body object) (o order, k *checker, why string) {
	k = c.s.check(body, klingFields(c.at.provider, videoKind))
	if len(k.mistakes) > 0 {
		return o, k, k.mistakes[0].String()
	}
	for _, name := range slices.Sorted(maps.Keys(k.pictures)) {
		for _, p := range k.pictures[name] {
			if wrong := c.s.klingPicture(p); wrong != "" {
				return o, k, name + " " + wrong
			}
		}
	}
	if why := klingGroups(videoKind, body); why != "" {
		return o, k, why
	}
	o = order{
		kind:       videoKind,
		model:      textOf(body, "model_name"),
		mode:       textOf(body, "mode"),
		prompt:     textOf(body, "prompt"),
		seconds:    secondsOf(body),
		pictures:   append(k.pictures["image"], k.pictures["image_tail"]...),
		externalID: textOf(body, "external_task_id"),
		callback:   textOf(body, "callback_url"),
		body:       body,
	}
	if o.model == "" {
		o.model = "kling-v1" // also when the old name model was sent (F.2)
	}
	if mark, ok := body["watermark_info"].(object); ok {
		o.watermark, _ = mark["enabled"].(bool)
	}
	o.cost = unitPrice(o.model, o.mode, textOf(body, "sound") == "on", o.seconds)
	o.newID = func() string {
		if c.at.provider == kling {
			return "sbx" + digitsText(18)
		}
		return "sbx_task_" + random(alphanumeric, 16)
	}
	return o, k, ""
}

func klingFields(p provider, videoKind string) []rule {
	promptMax, negativeMax := 2500, 2500
	durations := threeToFifteen()
	modes := []string{"std", "pro", "4k"}
	if p == cometapi { // the limits of its own page (D.9)
		promptMax, negativeMax = 500, 200
		durations, modes = []string{"5", "10"}, []string{"std", "pro"}
	}
	shot := []rule{
		{name: "index", kind: whole},
		{name: "prompt", kind: text, max: 512},
		{name: "duration", kind: text},
	}
	table := []rule{
		{name: "model_name", kind: text},
		{name: "prompt", kind: text, max: promptMax},
		{name: "negative_prompt", kind: text, max: negativeMax},
		{name: "cfg_scale", kind: number, lo: 0, hi: 1},
		{name: "mode", kind: text, enum: modes},
		{name: "duration", kind: text, enum: durations},
		{name: "sound", kind: text, enum: []string{"on", "off"}},
		{name: "voice_list", kind: list, max: 2, item: &rule{kind: nested, of: []rule{{name: "voice_id", kind: text, required: true}}}},
		{name: "multi_shot", kind: boolean},
		{name: "shot_type", kind: text, enum: []string{"customize", "intelligence"}},
		{name: "multi_prompt", kind: list, min: 1, max: 6, item: &rule{kind: nested, of: shot}},
		{name: "camera_control", kind: nested, of: klingCamera()},
		{name: "watermark_info", kind: nested, of: []rule{{name: "enabled", kind: boolean}}},
		{name: "callback_url", kind: text},
		{name: "external_task_id", kind: text},
	}
	if videoKind == textToVideo {
		return append(table, rule{name: "aspect_ratio", kind: text, enum: []string{"16:9", "9:16", "1:1"}})
	}
	return append(table,
		rule{name: "image", kind: pictured, form: byURLOrRaw},
		rule{name: "image_tail", kind: pictured, form: byURLOrRaw},
		rule{name: "static_mask", kind: pictured, form: byURLOrRaw},
		rule{name: "dynamic_masks", kind: list, max: 6, item: &rule{kind: nested, of: klingMask(byURLOrRaw)}},
		rule{name: "element_list", kind: list, max: 3, item: &rule{kind: nested, of: []rule{{name: "element_id", kind: whole, required: true}}}},
	)
}

func klingCamera() []rule {
	var axes []rule
	for _, name := range []string{"horizontal", "vertical", "pan", "tilt", "roll", "zoom"} {
		axes = append(axes, rule{name: name, kind: number, lo: -10, hi: 10})
	}
	return []rule{
		{name: "type", kind: text, enum: []string{"simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward"}},
		{name: "config", kind: nested, of: axes},
	}
}

func klingMask(f form) []rule {
	return []rule{
		{name: "mask", kind: pictured, required: true, form: f},
		{name: "trajectories", kind: list, required: true, min: 2, max: 77, item: &rule{kind: nested, of: []rule{
			{name: "x", kind: whole, required: true},
			{name: "y", kind: whole, required: true},
		}}},
	}
}

// klingGroups checks what holds between fields (F.2).
func klingGroups(videoKind string, body object) string {
	has := func(name string) bool { v, ok := body[name]; return ok && v != "" }
	shots, _ := body["multi_shot"].(bool)
	shotType := textOf(body, "shot_type")
	masks := has("static_mask") || has("dynamic_masks")
	switch {
	case videoKind == imageToVideo && !has("image") && !has("image_tail"):
		return "image or image_tail is required"
	case videoKind == textToVideo && textOf(body, "prompt") == "" && !shots:
		return "prompt is required"
	case has("image_tail") && (masks || has("camera_control")), masks && has("camera_control"):
		return "image_tail, masks and camera_control exclude each other"
	case has("element_list") && has("voice_list"):
		return "element_list and voice_list exclude each other"
	case has("voice_list") && textOf(body, "sound") != "on":
		return "voice_list needs sound on"
	case shots && shotType == "":
		return "shot_type is required with multi_shot"
	case shots && shotType == "intelligence" && textOf(body, "prompt") == "":
		return "prompt is required with shot_type intelligence"
	case shots && shotType == "customize" && !has("multi_prompt"):
		return "multi_prompt is required with shot_type customize"
	}
	if shots && shotType == "customize" {
		if why := klingShots(body); why != "" {
			return why
		}
	}
	return klingAxes(body)
}

// klingShots: the shots of a video fill its duration exactly.
func klingShots(body object) string {
	shots, _ := body["multi_prompt"].([]any)
	sum := 0
	for i, s := range shots {
		shot, _ := s.(object)
		n, err := strconv.Atoi(textOf(shot, "duration"))
		if err != nil || n < 1 {
			return fmt.Sprintf("multi_prompt[%d].duration must be 1 or more", i)
		}
		sum += n
	}
	if float64(sum) != secondsOf(body) {
		return "the shots must last as long as the video"
	}
	return ""
}

// klingAxes: a simple camera moves along exactly one axis, others have none.
func klingAxes(body object) string {
	camera, ok := body["camera_control"].(object)
	if !ok {
		return ""
	}
	config, has := camera["config"].(object)
	if textOf(camera, "type") != "simple" {
		if has {
			return "camera_control.config belongs to type simple"
		}
		return ""
	}
	moving := 0
	for name := range config {
		if n, err := numberOf(config, name); err == nil && n != 0 {
			moving++
		}
	}
	if moving != 1 {
		return "camera_control.config must have exactly one axis that is not zero"
	}
	return ""
}

// klingModel tells the documented names of a kind (F.2, F.9).
func klingModel(videoKind, model string) bool {
	names := []string{"kling-v1", "kling-v1-6", "kling-v2-master", "kling-v2-1-master", "kling-v2-5-turbo", "kling-v2-6", "kling-v3"}
	if videoKind == imageToVideo {
		names = append(names, "kling-v1-5", "kling-v2-1")
	}
	return slices.Contains(names, model)
}
