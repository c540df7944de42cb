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
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	past, err := s.Ledger.Durations(ctx, job.Ref.Provider, job.Model, job.Seconds, historySize)
	if err == nil && len(past) >= enoughHistory {
		slices.Sort(past)
		return catalog.Span{Low: past[len(past)/10], High: past[len(past)*9/10]}
	}
	if s.Expect == nil {
		return catalog.Span{}
	}
	return s.Expect(job)
}
