package klingapi

import (
	"strings"

	"github.com/klingctl/klingctl/internal/kling"
)

// stateOf reads a status word, in whatever case. The words are those of
// Kling's old and new task objects, new-api's generic task, OpenAI's video
// object, and the simple object of some gateways. An empty word is what early
// new-api builds answer to a create.
//
// A word that is not documented is never terminal. "unknown" is documented and
// still tells nothing, so it is shown like one that is not.
func stateOf(word string) (state kling.State, recognised bool) {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "", "submitted", "queued", "not_start":
		return kling.Queued, true
	case "processing", "in_progress":
		return kling.Running, true
	case "succeed", "success", "succeeded", "completed":
		return kling.Succeeded, true
	case "failed", "failure":
		return kling.Failed, true
	default:
		return kling.Running, false
	}
}
