package job

import (
	"context"
	"slices"
	"sync"
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
	// usualAge is how long a usual time is good for what people see.
	usualAge = time.Minute
)

// usuals remember the usual times, so that not every look reads the history.
// The zero value is ready for use.
type usuals struct {
	mu    sync.Mutex
	known map[kind]usually
}

type usually struct {
	span catalog.Span
	read time.Time
}

// usual is the time that jobs like this one take: the middle eighty per cent
// of the user's own, else what the catalog says. It is up to usualAge old.
func (s *Service) usual(ctx context.Context, job kling.Job) catalog.Span {
	now, expected := s.Now(), s.expected(job)
	key := kind{provider: job.Ref.Provider, model: job.Model, seconds: job.Seconds, expected: expected}
	s.usuals.mu.Lock()
	defer s.usuals.mu.Unlock()
	have, known := s.usuals.known[key]
	if age := now.Sub(have.read); known && age >= 0 && age < usualAge {
		return have.span
	}
	have = usually{span: expected, read: now}
	if past := s.past(ctx, job); len(past) >= enoughHistory {
		slices.Sort(past)
		have.span = middle(past)
	}
	if s.usuals.known == nil {
		s.usuals.known = map[kind]usually{}
	}
	s.usuals.known[key] = have
	return have.span
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
