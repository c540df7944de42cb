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
	watch := s.NewWatch(0)
	watch.once = true
	for _, job := range waiting {
		watch.Add(ctx, job)
	}
	watch.Close()
	watch.Run(ctx, func(job kling.Job, err error) {
		// One without a video has nothing to collect.
		if err != nil && ctx.Err() == nil && job.State != kling.Succeeded {
			failed(job, err)
		}
	})
	if ctx.Err() != nil && len(waiting) > 0 {
		return nil, stopped(ctx, waiting[0])
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
