package sandbox

import (
	"encoding/json"
	"strconv"
)

// textOf is a string field, empty when there is none.
func textOf(o object, name string) string {
	s, _ := o[name].(string)
	return s
}

// secondsOf reads the duration, a string or a number; 5 when there is none.
func secondsOf(o object) float64 {
	var digits string
	switch v := o["duration"].(type) {
	case string:
		digits = v
	case json.Number:
		digits = v.String()
	}
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || n < 1 || n > 60 {
		return 5
	}
	return n
}

// creditPrice is what KIE took for five seconds in its price list of
// 2026-06-09 (A.8), in credits, scaled to the duration.
func creditPrice(model string, input object) float64 {
	five := 55.0
	switch model {
	case "kling/v2-1-master-image-to-video", "kling/v2-1-master-text-to-video":
		five = 160
	case "kling/v2-1-pro":
		five = 50
	case "kling/v2-1-standard":
		five = 25
	}
	if sound, _ := input["sound"].(bool); sound {
		five *= 2
	}
	return five / 5 * secondsOf(input)
}

// unitPrice is Kling's price in units (F.8): a rate per second by model, mode
// and sound.
func unitPrice(model, mode string, sound bool, seconds float64) float64 {
	pro := mode == "pro" || mode == "4k"
	rate := 0.4
	switch model {
	case "kling-v2-1-master", "kling-v2-master":
		rate = 2.0
	case "kling-v2-5-turbo", "kling-v2-6":
		rate = 0.3
		if pro {
			rate = 0.5
		}
		if sound {
			rate = 1.0
		}
	case "kling-v3":
		rate = 0.6
		if pro {
			rate = 0.8
		}
		if sound {
			rate += 0.3
		}
		if mode == "4k" {
			rate = 3.0
		}
	default:
		if pro {
			rate = 0.7
		}
	}
	return rate * seconds
}
