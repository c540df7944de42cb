package job

import (
	"context"
	"slices"
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/kling"
)

const (
	// historySize is how many past jobs are looked at.
	historySize = 50
	// enoughHistory is from how many on they count for more than what the
	// provider's documents say.
	enoughHistory = 5
)

// usual is the time that jobs like this one take: the middle eighty per cent
// of the user's own, else what the catalog says.
func (s *Service) usual(ctx context.Context, job kling.Job) catalog.Span {
	past := s.past(ctx, job)
	if len(past) < enoughHistory {
		return s.expected(job)
	}
	slices.Sort(past)
	return middle(past)
}

// past tells how long the user's own jobs like this one took. A ledger that
// does not say so in time has no say.
func (s *Service) past(ctx context.Context, job kling.Job) []time.Duration {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	past, err := s.Ledger.Durations(ctx, job.Ref.Provider, job.Model, job.Seconds, historySize)
	if err != nil {
		return nil
	}
	return past
}

// expected is the time that the catalog says.
func (s *Service) expected(job kling.Job) catalog.Span {
	if s.Expect == nil {
		return catalog.Span{}
	}
	return s.Expect(job)
}
