package aimlapi

import (
	"strings"

	"github.com/klingctl/klingctl/internal/kling"
)

// stateOf translates a state word in any case of letters, of the current
// documents and of older ones; any other word means running.
func stateOf(word string) (state kling.State, known bool) {
	switch strings.ToLower(word) {
	case "queued", "waiting":
		return kling.Queued, true
	case "generating", "active":
		return kling.Running, true
	case "completed", "succeeded":
		return kling.Succeeded, true
	case "error", "failed", "cancelled":
		return kling.Failed, true
	default:
		return kling.Running, false
	}
}
