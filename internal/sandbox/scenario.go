package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scenario is what a job plays.
type scenario struct {
	Name string `json:"name,omitempty"`
	Arg  string `json:"arg,omitempty"`
}

func (sc scenario) String() string {
	if sc.Arg == "" {
		return sc.Name
	}
	return sc.Name + ":" + sc.Arg
}

// count is the first argument as a number, or the fallback.
func (sc scenario) count(fallback int) int {
	first, _, _ := strings.Cut(sc.Arg, ":")
	n, err := strconv.Atoi(first)
	if err != nil || n < 0 {
		return fallback
	}
	return n
}

// retryAfter is the second argument of a rate limit: seconds, or the word date
// for the HTTP date two seconds from now.
func (sc scenario) retryAfter(now time.Time) string {
	_, second, _ := strings.Cut(sc.Arg, ":")
	switch second {
	case "":
		return "1"
	case "date":
		return now.Add(2 * time.Second).UTC().Format(http.TimeFormat)
	default:
		return second
	}
}

// duration is the argument as a time span, or the fallback.
func (sc scenario) duration(fallback time.Duration) time.Duration {
	d, err := time.ParseDuration(sc.Arg)
	if err != nil || d <= 0 {
		return fallback
	}
	return d
}

// parseScenario reads name or name:argument; empty means succeed.
func parseScenario(text string) (scenario, bool) {
	if text == "" {
		return scenario{Name: "succeed"}, true
	}
	name, arg, _ := strings.Cut(text, ":")
	known := slices.ContainsFunc(Scenarios(), func(d ScenarioDoc) bool { return d.Name == name })
	return scenario{Name: name, Arg: arg}, known && name != shapeMarker
}

// shapeMarker is the marker that chooses a gateway's answer shape.
const shapeMarker = "shape"

// readMarkers finds [[name:argument]] in a prompt. An unknown name is reported
// and otherwise ignored, because a prompt may hold such brackets for itself.
func readMarkers(prompt string) (play scenario, found bool, sh shape, odd string) {
	for {
		_, rest, ok := strings.Cut(prompt, "[[")
		if !ok {
			return play, found, sh, odd
		}
		inside, after, ok := strings.Cut(rest, "]]")
		if !ok {
			return play, found, sh, odd
		}
		prompt = after
		if arg, is := strings.CutPrefix(inside, shapeMarker+":"); is && slices.Contains(shapes(), shape(arg)) {
			sh = shape(arg)
			continue
		}
		if sc, ok := parseScenario(inside); ok && inside != "" {
			play, found = sc, true
			continue
		}
		odd = "unknown scenario marker [[" + elide(inside) + "]]"
	}
}
