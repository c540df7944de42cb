// Package view is the output contract: the records that --json prints, and
// the same as text. Fields may be added, never changed or taken away.
//
// It knows names of columns and keys that scripts rely on. It must not know
// where records come from, flags, or exit codes.
package view

import (
	"net/url"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// SchemaVersion is the version of every record; it grows only if a key ever
// changed its meaning.
const SchemaVersion = 1

// Job is the record of a job.
type Job struct {
	SchemaVersion int        `json:"schema_version"`
	ID            string     `json:"id,omitempty"`
	Ref           string     `json:"ref,omitempty"`
	Provider      string     `json:"provider"`
	Model         string     `json:"model,omitempty"`
	Kind          string     `json:"kind,omitempty"`
	Sandbox       bool       `json:"sandbox"`
	State         string     `json:"state"`
	ProviderState string     `json:"provider_state,omitempty"`
	Charged       string     `json:"charged"`
	Code          string     `json:"code,omitempty"`
	Message       string     `json:"message,omitempty"`
	Prompt        string     `json:"prompt,omitempty"`
	Seconds       int        `json:"duration,omitempty"`
	ExternalID    string     `json:"external_id,omitempty"`
	Batch         string     `json:"batch,omitempty"`
	Row           string     `json:"row,omitempty"`
	RequestID     string     `json:"request_id,omitempty"`
	Cost          *Cost      `json:"cost,omitempty"`
	Artifacts     []Artifact `json:"artifacts"`
	CreatedAt     time.Time  `json:"created_at,omitzero"`
	UpdatedAt     time.Time  `json:"updated_at,omitzero"`
	SubmittedAt   time.Time  `json:"submitted_at,omitzero"`
	FinishedAt    time.Time  `json:"finished_at,omitzero"`
	// Error is set in lists, where one job's failure does not end the rest.
	Error *Problem `json:"error,omitempty"`
}

// Cost is an amount in the provider's own unit.
type Cost struct {
	Amount string `json:"amount"`
	Unit   string `json:"unit"`
}

// Artifact is the record of one result.
type Artifact struct {
	Kind      string    `json:"kind"`
	URL       string    `json:"url,omitempty"`
	Seconds   float64   `json:"seconds,omitempty"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	Path      string    `json:"path,omitempty"`
	SHA256    string    `json:"sha256,omitempty"`
	Bytes     int64     `json:"bytes,omitempty"`
}

// NewJob makes the record of a job. charged is what its state means for money.
func NewJob(job kling.Job, charged fault.Charge) Job {
	record := Job{
		SchemaVersion: SchemaVersion, ID: job.ID, Ref: job.Ref.String(),
		Provider: job.Ref.Provider, Model: job.Model, Kind: string(job.Kind), Sandbox: job.Sandbox,
		State: string(job.State), ProviderState: fault.SafeText(job.Word), Charged: string(charged),
		Code: fault.SafeText(job.Code), Message: fault.SafeText(job.Message), Prompt: job.Prompt,
		Seconds: job.Seconds, ExternalID: job.ExternalID, Batch: job.Batch, Row: job.Row, RequestID: fault.SafeText(job.RequestID),
		Artifacts: make([]Artifact, 0, len(job.Artifacts)),
		CreatedAt: utc(job.CreatedAt), UpdatedAt: utc(job.UpdatedAt),
		SubmittedAt: utc(job.SubmittedAt), FinishedAt: utc(job.FinishedAt),
	}
	if job.Cost != nil {
		record.Cost = &Cost{Amount: fault.SafeText(job.Cost.Amount), Unit: job.Cost.Unit}
	}
	for _, a := range job.Artifacts {
		record.Artifacts = append(record.Artifacts, Artifact{
			Kind: string(a.Kind), URL: shownURL(a.URL), Seconds: a.Seconds, ExpiresAt: utc(a.ExpiresAt),
			Path: a.Path, SHA256: a.SHA256, Bytes: a.Bytes,
		})
	}
	return record
}

// shownURL is a link without a user and password, which no download uses and
// nobody is to be told.
func shownURL(link string) string {
	parsed, err := url.Parse(link)
	switch {
	case err != nil && strings.Contains(link, "@"):
		return "" // nobody knows what of it is a password
	case err != nil, parsed.User == nil:
		return link
	}
	parsed.User = nil
	return parsed.String()
}

// utc is a time in whole seconds and UTC, as RFC 3339 shows it.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Second)
}
