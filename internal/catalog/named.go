package catalog

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/media"
)

// A named check is a rule that JSON Schema cannot say. A model file lists
// those that hold for it.
type namedCheck func(m *Model, input map[string]any, slots []Slot, out *collector)

// Checks lists the names that a model file may use.
func Checks() []string { return []string{"mask-ratio", "mask-size", "one-axis", "shots-sum"} }

// checkNamed finds a named check; nil for an unknown name.
func checkNamed(name string) namedCheck {
	switch name {
	case "shots-sum":
		return shotsSum
	case "one-axis":
		return oneAxis
	case "mask-ratio":
		return maskRatio
	case "mask-size":
		return maskSize
	}
	return nil
}

// shotsSum: every shot lasts at least 1 s and all together as long as the
// video.
func shotsSum(m *Model, input map[string]any, _ []Slot, out *collector) {
	shots, ok := input["multi_prompt"].([]any)
	if !ok || len(shots) == 0 {
		return
	}
	total := new(big.Rat)
	for i := range shots {
		shot, isObject := shots[i].(map[string]any)
		if !isObject {
			return
		}
		at := fmt.Sprintf("multi_prompt[%d].duration", i)
		seconds, valid := rational(shot["duration"])
		switch {
		case !valid && !out.has(at):
			out.add(m.problem(at, shot["duration"], "must be a number of seconds"))
			return
		case !valid:
			return
		case seconds.Cmp(big.NewRat(1, 1)) < 0:
			out.add(m.problem(at, shot["duration"], "is too short: a shot lasts at least 1 second"))
		}
		total.Add(total, seconds)
	}
	want, valid := rational(input["duration"])
	if valid && total.Cmp(want) != 0 {
		out.add(m.problem("multi_prompt", nil, fmt.Sprintf(
			"has shots of %s seconds in all, --duration is %s: they must be equal",
			strings.TrimSuffix(total.FloatString(1), ".0"), plainText(input["duration"]))))
	}
}

// oneAxis: exactly one axis of a simple camera movement is not zero.
func oneAxis(m *Model, input map[string]any, _ []Slot, out *collector) {
	camera, _ := input["camera_control"].(map[string]any)
	config, ok := camera["config"].(map[string]any)
	if !ok || camera["type"] != "simple" {
		return
	}
	moving := 0
	for _, value := range config {
		if amount, valid := rational(value); valid && amount.Sign() != 0 {
			moving++
		}
	}
	if moving != 1 && !out.has("camera_control.config") {
		out.add(m.problem("camera_control.config", nil, fmt.Sprintf("must move exactly one axis, not %d", moving)))
	}
}

// maskRatio: a mask has the shape of the image that it lies on.
func maskRatio(m *Model, _ map[string]any, slots []Slot, out *collector) {
	at := slices.IndexFunc(slots, func(s Slot) bool { return s.Property == "image" })
	if at < 0 || slots[at].Image.Height == 0 {
		return
	}
	image := slots[at].Image
	for _, s := range masks(slots) {
		if s.Image.Width*image.Height != s.Image.Height*image.Width {
			out.add(m.problem(s.Property, s.Source, fmt.Sprintf("is %s, the image is %s: the aspect ratios must be equal",
				pixels(s.Image), pixels(image))))
		}
	}
}

// maskSize: all masks have one resolution.
func maskSize(m *Model, _ map[string]any, slots []Slot, out *collector) {
	found := masks(slots)
	for _, s := range found {
		if s.Image.Width != found[0].Image.Width || s.Image.Height != found[0].Image.Height {
			out.add(m.problem(s.Property, s.Source, fmt.Sprintf("is %s, %s is %s: all masks must have one size",
				pixels(s.Image), found[0].Property, pixels(found[0].Image))))
		}
	}
}

// masks picks the masks whose pixels are known.
func masks(slots []Slot) []Slot {
	return slices.DeleteFunc(slices.Clone(slots), func(s Slot) bool {
		return s.Image.Height == 0 || s.Property != "static_mask" && !strings.HasPrefix(s.Property, "dynamic_masks[")
	})
}

func pixels(image media.Image) string { return fmt.Sprintf("%dx%d", image.Width, image.Height) }

// rational reads a number on the wire, or the text of one.
func rational(value any) (*big.Rat, bool) {
	text := ""
	switch v := value.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	}
	if checkNumber(text) != nil {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}
