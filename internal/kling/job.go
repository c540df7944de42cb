package kling

import "time"

// Cost is an amount in the provider's own unit.
type Cost struct {
	// Amount as decimal text, so that no cent is lost to binary fractions.
	Amount string `json:"amount"`
	// Unit is "credits", "units" or a currency such as "USD".
	Unit string `json:"unit"`
}

// Job is one order of a video and all that is remembered of it.
type Job struct {
	// ID is the local id: 12 random lower-case Crockford characters. Set by
	// submit, never changed.
	ID string
	// Ref finds the task at its provider; Ref.Task is empty until a create
	// was answered. Ref.Provider and Ref.Path are set at submit.
	Ref Ref
	// Model, Kind: the offer that was chosen. Set at submit.
	Model string
	Kind  Kind
	// Sandbox marks a job of the offline emulator. Set at submit.
	Sandbox bool
	// Prompt is the text of the request, for messages and lists.
	Prompt string
	// Key identifies equal requests: a hex SHA-256 over what is bought.
	Key string
	// ExternalID is our own id in the provider's external_task_id, where the
	// dialect has one.
	ExternalID string
	// Request is the normalised request as JSON, image bytes left out. Set
	// at submit.
	Request []byte
	// Settings are the provider settings that the job was made with, as
	// JSON, no secret among them: a later change of the configuration never
	// sends an old task id to a new backend. Set at submit.
	Settings []byte
	// Seconds is the duration asked for, 0 when the model chooses.
	Seconds int
	// Batch and Row are the batch that ordered the job and the row of it, both
	// empty outside batches. Set at submit, never changed.
	Batch, Row string

	// State and Word: where it stands, and the provider's own word for it.
	State State
	Word  string
	// Code and Message say why a job failed, was refused, or is unknown.
	Code, Message string
	// RequestID is the provider's id of the exchange last seen.
	RequestID string
	// Cost is what the provider says it took; nil when it does not say.
	Cost *Cost
	// Artifacts are the results, in the provider's order.
	Artifacts []Artifact

	// CreatedAt is when submit stored the job. Set once.
	CreatedAt time.Time
	// UpdatedAt is the last change of the row.
	UpdatedAt time.Time
	// SubmittedAt is when the create was answered with a task.
	SubmittedAt time.Time
	// FinishedAt is when a terminal state was first seen.
	FinishedAt time.Time
	// CreateDeadline is until when a create of this row may be live in some
	// process; 5 s after it anybody may declare the row unknown.
	CreateDeadline time.Time
}

// Files counts the artifacts that have a checked file.
func (j Job) Files() int {
	n := 0
	for _, a := range j.Artifacts {
		if a.OnDisk() {
			n++
		}
	}
	return n
}
