package createtask

import (
	"strings"

	"github.com/klingctl/klingctl/internal/kling"
)

// stateOf translates a state word in any case of letters; a word that is not
// documented means running.
func stateOf(word string) (state kling.State, known bool) {
	switch strings.ToLower(word) {
	case "waiting", "queuing":
		return kling.Queued, true
	case "generating":
		return kling.Running, true
	case "success":
		return kling.Succeeded, true
	case "fail":
		return kling.Failed, true
	default:
		return kling.Running, false
	}
}
