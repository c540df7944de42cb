package view

import (
	"path/filepath"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// Sidecar is the record that stands beside a file and says how it was made. It
// holds no key, no link, and no bytes of an image.
type Sidecar struct {
	SchemaVersion int `json:"schema_version"`
	// Klingctl is the version of the program that wrote the record.
	Klingctl string `json:"klingctl"`
	// Output is the file itself.
	Output   SidecarOutput `json:"output"`
	ID       string        `json:"id,omitempty"`
	Task     string        `json:"task,omitempty"`
	Provider string        `json:"provider"`
	Model    string        `json:"model,omitempty"`
	Kind     string        `json:"kind,omitempty"`
	Sandbox  bool          `json:"sandbox"`
	// Input and Envelope are the provider's own, defaults filled, images by
	// their source, without external id and callback. A job that was named by
	// a bare reference has none.
	Input       map[string]any `json:"input,omitempty"`
	Envelope    map[string]any `json:"envelope,omitempty"`
	Images      []SidecarImage `json:"images,omitempty"`
	ExternalID  string         `json:"external_id,omitempty"`
	Cost        *Cost          `json:"cost,omitempty"`
	CreatedAt   time.Time      `json:"created_at,omitzero"`
	SubmittedAt time.Time      `json:"submitted_at,omitzero"`
	FinishedAt  time.Time      `json:"finished_at,omitzero"`
}

// SidecarImage is an image of the request.
type SidecarImage struct {
	// Property is the place in the input.
	Property string `json:"property"`
	// Source is an address, an absolute path, or "-" for standard input.
	Source string `json:"source"`
	// SHA256 is the lower-case hex digest of what was sent, "" for an address.
	SHA256 string `json:"sha256,omitempty"`
}

// SidecarOutput is the file that a sidecar stands beside.
type SidecarOutput struct {
	// File is its name without a folder: both move together.
	File   string `json:"file"`
	Kind   string `json:"kind"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
	// Seconds is the duration that the provider states, 0 when it does not.
	Seconds float64 `json:"seconds,omitempty"`
}

// NewSidecar makes the record of one result of a job; the request is for the
// caller to add.
func NewSidecar(version string, job kling.Job, artifact kling.Artifact) Sidecar {
	record := Sidecar{
		SchemaVersion: SchemaVersion, Klingctl: version, ID: job.ID, Task: job.Ref.String(),
		Provider: job.Ref.Provider, Model: job.Model, Kind: string(job.Kind), Sandbox: job.Sandbox,
		ExternalID: job.ExternalID,
		Output: SidecarOutput{
			File: filepath.Base(artifact.Path), Kind: string(artifact.Kind), SHA256: artifact.SHA256,
			Bytes: artifact.Bytes, Seconds: artifact.Seconds,
		},
		CreatedAt: utc(job.CreatedAt), SubmittedAt: utc(job.SubmittedAt), FinishedAt: utc(job.FinishedAt),
	}
	if job.Cost != nil {
		record.Cost = &Cost{Amount: fault.SafeText(job.Cost.Amount), Unit: job.Cost.Unit}
	}
	return record
}
