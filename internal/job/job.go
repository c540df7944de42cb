// Package job is the life of one job: submit, look, wait, save, reconcile.
//
// It knows the order of things: that the intent is on disk before a create
// leaves, that what a provider said is stored before anything is built on it,
// and that a job is looked at until it ends. It must not know flags, columns,
// colours or any vendor.
package job

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/upload"
)

// Hoster makes a local image reachable by URL for a provider, see upload.Host.
type Hoster interface {
	Host(ctx context.Context, image media.Image) (upload.Link, error)
	// Delete tells that nobody needs an image any more.
	Delete(ctx context.Context, link upload.Link) error
	// Name is the stable identity of the place.
	Name() string
}

// Service carries jobs through their lives. It is safe for concurrent use.
type Service struct {
	// Ledger remembers; it is never nil.
	Ledger *ledger.Store
	// Connect makes a client for settings, with the key that belongs to
	// them. It fails with an Auth fault when there is none.
	Connect func(provider.Settings) (*provider.Client, error)
	// Fetcher makes a downloader for results of a provider.
	Fetcher func(provider.Settings) *fetch.Fetcher
	// Hoster hosts local images for a provider; a nil Hoster means that
	// nothing does.
	Hoster func(provider.Settings) Hoster
	// DeleteHosted has a hosted image deleted once its job has succeeded and
	// no other job needs it.
	DeleteHosted bool
	// Expect is the usual generation time of a job's model; the zero Span
	// when nothing is known.
	Expect func(kling.Job) catalog.Span
	// Observe is told what happens, also from several goroutines at once; nil
	// means nobody watches.
	Observe func(Event)
	// Now is the clock, Random the source of ids.
	Now    func() time.Time
	Random io.Reader

	files  files
	usuals usuals
}

// Stage is what an Event is about.
type Stage string

const (
	// Hosting means that a local image is being made reachable.
	Hosting Stage = "hosting"
	// Submitting means that the create is about to leave.
	Submitting Stage = "submitting"
	// Moved means that a look brought a state; also sent when nothing changed.
	Moved Stage = "moved"
	// Saving means that bytes of a result have arrived, Done of Total.
	Saving Stage = "saving"
	// Saved means that a checked file is in its place.
	Saved Stage = "saved"
	// Ended means that the outcome of a job in Wait or Bring is final: it
	// ended, its files are in place, or it was given up, with Err.
	Ended Stage = "ended"
	// Notice is something that a person should read, in Text.
	Notice Stage = "notice"
)

// Event is one thing that happened to a job.
type Event struct {
	Stage Stage
	Job   kling.Job
	// Usual is the time that such jobs take.
	Usual catalog.Span
	// Done and Total are bytes; Total is -1 when unknown.
	Done, Total int64
	// Path is the file concerned.
	Path string
	Text string
	// Err is why a job was given up, nil for one that ended well or ill.
	Err error
}

func (s *Service) observe(event Event) {
	if s.Observe != nil {
		s.Observe(event)
	}
}

func (s *Service) notice(job kling.Job, text string) {
	s.observe(Event{Stage: Notice, Job: job, Text: text})
}

// SettingsOf reads the provider settings that a job was made with.
func SettingsOf(job kling.Job) (provider.Settings, error) {
	var settings provider.Settings
	if err := json.Unmarshal(job.Settings, &settings); err != nil {
		return settings, &fault.Error{Kind: fault.Local, Op: "read the settings of job", Subject: job.ID, Err: err}
	}
	return settings, nil
}

func (s *Service) client(job kling.Job) (*provider.Client, provider.Settings, error) {
	settings, err := SettingsOf(job)
	if err != nil {
		return nil, settings, withJob(err, job)
	}
	client, err := s.Connect(settings)
	if err != nil {
		return nil, settings, withJob(err, job)
	}
	return client, settings, nil
}

// update changes a job in the ledger, or in memory only for one that was
// named by a bare reference.
func (s *Service) update(ctx context.Context, job kling.Job, change func(kling.Job) (kling.Job, error)) (kling.Job, error) {
	if job.ID == "" {
		return change(job)
	}
	stored, err := s.Ledger.Update(ctx, job.ID, s.Now(), change)
	if err != nil {
		return job, fmt.Errorf("remember job %s: %w", job.ID, err)
	}
	return stored, nil
}

// withJob completes a fault with the job it is about. What is known to exist
// was charged; a bare reference that nobody has found yet proves nothing.
func withJob(err error, job kling.Job) error {
	failure := fault.Of(err)
	if failure == nil {
		return err
	}
	complete := *failure
	if complete.Job == "" {
		complete.Job = Name(job)
	}
	known := job.ID != "" || !job.SubmittedAt.IsZero()
	if known && complete.Spent() == fault.NotCharged {
		complete.Charged = ChargedBy(job)
	}
	return &complete
}

// Name is how to call a job on the next command line: its local id, else its
// reference.
func Name(job kling.Job) string {
	if job.ID != "" {
		return job.ID
	}
	return job.Ref.String()
}
