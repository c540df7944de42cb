package job

import (
	"context"
	"slices"

	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// Finished asks about every open job that a filter names and returns the
// succeeded ones whose files are not on disk, the one whose links die first in
// front. A job that cannot be asked about is told to failed and left out.
func (s *Service) Finished(ctx context.Context, filter ledger.Filter, failed func(kling.Job, error)) ([]kling.Job, error) {
	if _, err := s.Ledger.Sweep(ctx, s.Now()); err != nil {
		return nil, err
	}
	open := filter
	open.States = []kling.State{kling.Queued, kling.Running, kling.Unknown}
	waiting, err := s.Ledger.List(ctx, open)
	if err != nil {
		return nil, err
	}
	for _, job := range waiting {
		if err := ctx.Err(); err != nil {
			return nil, stopped(ctx, job)
		}
		if err := s.glance(ctx, job); err != nil {
			failed(job, err)
		}
	}
	done := filter
	done.Unsaved = true
	found, err := s.Ledger.List(ctx, done)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b kling.Job) int { return Expiry(a).Compare(Expiry(b)) })
	return found, nil
}

// glance asks about one open job once.
func (s *Service) glance(ctx context.Context, job kling.Job) error {
	var err error
	if job.State == kling.Unknown {
		_, err = s.Settle(ctx, job)
	} else {
		_, err = s.Look(ctx, job, patience)
	}
	return err
}
