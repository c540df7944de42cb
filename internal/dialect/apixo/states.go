package apixo

import (
	"strings"

	"github.com/klingctl/klingctl/internal/kling"
)

// stateOf translates a state word in any case of letters; a word that is not
// documented means running.
func stateOf(word string) (state kling.State, known bool) {
	switch strings.ToLower(word) {
	case "pending":
		return kling.Queued, true
	case "processing":
		return kling.Running, true
	case "success":
		return kling.Succeeded, true
	case "failed":
		return kling.Failed, true
	default:
		return kling.Running, false
	}
}
