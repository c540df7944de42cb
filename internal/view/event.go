package view

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// What a line of --events tells. Kinds may be added: a reader passes over
// those that it does not know.
const (
	// EventHosting: a local image is being made reachable by address.
	EventHosting = "job.hosting"
	// EventSubmitting: the intent is on disk and the create is about to leave.
	EventSubmitting = "job.submitting"
	// EventSubmitted: the job was bought; it carries the whole record.
	EventSubmitted = "job.submitted"
	// EventState: the state or the provider's word for it changed.
	EventState = "job.state"
	// EventProgress: bytes of a file have arrived, at most once a second a file.
	EventProgress = "file.progress"
	// EventSaved: a checked file stands under its name.
	EventSaved = "file.saved"
	// EventExec: the command of --exec has ended for a file.
	EventExec = "exec.done"
	// EventNotice: something that a person should read.
	EventNotice = "notice"
	// EventEnded: nothing more will be done about the job; it carries the
	// whole record, and the error if there was one.
	EventEnded = "job.ended"
	// EventError: the command itself went wrong.
	EventError = "error"
	// EventSummary: the last line.
	EventSummary = "summary"
)

// EventHead begins every line of --events.
type EventHead struct {
	SchemaVersion int `json:"schema_version"`
	// Event is one of the kinds above.
	Event string `json:"event"`
	// At is when it happened, in milliseconds.
	At time.Time `json:"at"`
}

// EventJob says which job a line is about; its keys are those of a record.
type EventJob struct {
	ID            string `json:"id,omitempty"`
	Ref           string `json:"ref,omitempty"`
	Provider      string `json:"provider"`
	State         string `json:"state"`
	ProviderState string `json:"provider_state,omitempty"`
}

// JobEvent is a step of a job.
type JobEvent struct {
	EventHead
	Job EventJob `json:"job"`
	// Path is the image that is being hosted.
	Path string `json:"path,omitempty"`
	// Usual is how long such jobs take, in seconds since they were submitted.
	Usual *Span `json:"usual,omitempty"`
}

// RecordEvent is a job with its whole record.
type RecordEvent struct {
	EventHead
	Job Job `json:"job"`
}

// FileEvent is news of a download.
type FileEvent struct {
	EventHead
	Job  EventJob  `json:"job"`
	File EventFile `json:"file"`
}

// EventFile is a file and how much of it is there.
type EventFile struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
	// Total is the size of the whole in bytes, absent when unknown.
	Total int64 `json:"total,omitempty"`
	// SHA256 is the lower-case hex digest of a saved file.
	SHA256 string `json:"sha256,omitempty"`
}

// ExecEvent is how the command of --exec ended.
type ExecEvent struct {
	EventHead
	Job  EventJob `json:"job"`
	Path string   `json:"path"`
	// ExitCode is -1 for a command that could not be started or that a signal
	// ended.
	ExitCode int    `json:"exit_code"`
	Error    string `json:"error,omitempty"`
}

// NoticeEvent is a text for people, about a job where one is concerned.
type NoticeEvent struct {
	EventHead
	Job  *EventJob `json:"job,omitempty"`
	Text string    `json:"text"`
}

// ErrorEvent is why the command went wrong: the error of --json.
type ErrorEvent struct {
	EventHead
	Error Problem `json:"error"`
}

// SummaryEvent is how the command ended.
type SummaryEvent struct {
	EventHead
	ExitCode int         `json:"exit_code"`
	Jobs     EventCounts `json:"jobs"`
	// Files were saved by this command.
	Files int `json:"files"`
}

// EventCounts is how many jobs there were and how they stand.
type EventCounts struct {
	Total     int `json:"total"`
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`
	// Open jobs go on at their providers.
	Open    int `json:"open"`
	Unknown int `json:"unknown"`
	// Refused counts lost ones as well.
	Refused int `json:"refused"`
}

// Add counts a job in a state.
func (c *EventCounts) Add(state kling.State) {
	c.Total++
	switch state {
	case kling.Succeeded:
		c.Succeeded++
	case kling.Failed:
		c.Failed++
	case kling.Unknown:
		c.Unknown++
	case kling.Refused, kling.Lost:
		c.Refused++
	case kling.Draft, kling.Submitting, kling.Queued, kling.Running:
		c.Open++
	}
}

// NewEventHead begins a line of a kind.
func NewEventHead(at time.Time, kind string) EventHead {
	return EventHead{SchemaVersion: SchemaVersion, Event: kind, At: at.UTC().Truncate(time.Millisecond)}
}

// NewEventJob says which job a line is about.
func NewEventJob(job kling.Job) EventJob {
	return EventJob{
		ID: job.ID, Ref: job.Ref.String(), Provider: job.Ref.Provider,
		State: string(job.State), ProviderState: fault.SafeText(job.Word),
	}
}

// EventLine is a record on one line, with its end. Nothing in it can steer a
// terminal.
func EventLine(record any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(record); err != nil {
		return nil, err
	}
	return Inert(text.Bytes()), nil
}
