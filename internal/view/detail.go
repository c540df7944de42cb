package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

// JobDetail is the record of a job with everything that is remembered of it.
type JobDetail struct {
	Job
	// Request is the normalised request, images by name and digest.
	Request json.RawMessage `json:"request"`
	Events  []Event         `json:"events"`
}

// Event is one change in a job's history.
type Event struct {
	At      time.Time `json:"at"`
	State   string    `json:"state"`
	Word    string    `json:"provider_state,omitempty"`
	Message string    `json:"message,omitempty"`
}

// NewEvent makes the record of a change.
func NewEvent(at time.Time, state, word, message string) Event {
	return Event{At: utc(at), State: state, Word: fault.SafeText(word), Message: fault.SafeText(message)}
}

// Lines is the detail for people.
func (d JobDetail) Lines() []string {
	var lines []string
	say := func(name, value string) {
		if value != "" {
			lines = append(lines, fmt.Sprintf("%-12s %s", name, fault.SafeText(value)))
		}
	}
	say("id", d.ID)
	say("ref", d.Ref)
	say("state", d.State)
	say("charged", d.Charged)
	say("provider", d.Provider)
	say("model", d.Model)
	say("prompt", d.Prompt)
	say("external id", d.ExternalID)
	say("request id", d.RequestID)
	say("code", d.Code)
	say("message", d.Message)
	if d.Cost != nil {
		say("cost", d.Cost.Amount+" "+d.Cost.Unit)
	}
	for _, artifact := range d.Artifacts {
		say(artifact.Kind, artifact.Path)
		if !artifact.ExpiresAt.IsZero() {
			say("expires", artifact.ExpiresAt.Format(time.RFC3339))
		}
		say("sha256", artifact.SHA256)
	}
	lines = append(lines, "")
	for _, event := range d.Events {
		lines = append(lines, event.At.Format(time.RFC3339)+"  "+event.State+note(event.Word)+note(event.Message))
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, d.Request, "", "  ") == nil {
		lines = append(lines, "", pretty.String())
	}
	return lines
}

func note(text string) string {
	if text == "" {
		return ""
	}
	return "  " + text
}
