package job

import (
	"context"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// OrderedRow gives every job that one row of a batch ordered, the newest first.
func (s *Service) OrderedRow(ctx context.Context, batch, row string) ([]kling.Job, error) {
	return s.Ledger.List(ctx, ledger.Filter{Batch: batch, Row: row})
}

// UnderWay hands on the jobs that batches have in flight at a provider, those
// made since a moment, or all with the zero time.
func (s *Service) UnderWay(ctx context.Context, provider string, since time.Time, do func(kling.Job) error) error {
	return s.ofBatches(ctx, ledger.Filter{
		Provider: provider, States: []kling.State{kling.Queued, kling.Running}, Since: since,
	}, do)
}

// Unsaved hands on the succeeded jobs of batches whose files are not all there.
func (s *Service) Unsaved(ctx context.Context, provider string, do func(kling.Job) error) error {
	return s.ofBatches(ctx, ledger.Filter{Provider: provider, Unsaved: true}, do)
}

// UnsavedOf hands on the succeeded jobs of one batch whose files are not all
// there.
func (s *Service) UnsavedOf(ctx context.Context, batch string, do func(kling.Job) error) error {
	return s.Ledger.Each(ctx, ledger.Filter{Batch: batch, Unsaved: true}, do)
}

func (s *Service) ofBatches(ctx context.Context, filter ledger.Filter, do func(kling.Job) error) error {
	return s.Ledger.Each(ctx, filter, func(job kling.Job) error {
		if job.Batch == "" {
			return nil
		}
		return do(job)
	})
}

// Standing counts the jobs of a batch by their states.
func (s *Service) Standing(ctx context.Context, batch string) (map[kling.State]int, error) {
	return s.Ledger.Counts(ctx, ledger.Filter{Batch: batch})
}
