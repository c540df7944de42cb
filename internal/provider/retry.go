package provider

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/transport"
)

// leastBusy is the first pause after a busy answer that asks for none.
const leastBusy = time.Second

// passing reports whether a fault of this kind may be gone a little later.
func passing(kind fault.Kind) bool {
	return kind == fault.Busy || kind == fault.Unavailable
}

// Backoff is full jitter, see transport.Backoff: for callers that come back by
// themselves.
func Backoff(try int, share float64) time.Duration { return transport.Backoff(try, share) }

// pause is how long to wait before the next try: what the provider asked for,
// and jitter of our own on top; after a busy answer never less than a second.
func (c *Client) pause(failure *fault.Error, try int) time.Duration {
	jitter := Backoff(try, rand.Float64()) //nolint:gosec // spreads load, guards nothing
	if failure.Kind == fault.Busy {
		return max(failure.RetryAfter, leastBusy<<(try-1)) + jitter/4
	}
	return max(failure.RetryAfter, jitter)
}

// withRetryAfter adds what the answer's header says to a fault.
func (c *Client) withRetryAfter(err error, reply dialect.Reply) error {
	failure := fault.Of(err)
	if failure == nil || failure.RetryAfter > 0 {
		return err
	}
	wait, ok := transport.RetryAfter(reply.HeaderValue("Retry-After"), c.wiring.Now())
	if !ok {
		return err
	}
	complete := *failure
	complete.RetryAfter = wait
	return &complete
}

// beyond reports whether a moment lies past the context's deadline.
func beyond(ctx context.Context, moment time.Time) bool {
	deadline, ok := ctx.Deadline()
	return ok && moment.After(deadline)
}

// late is a fault whose remedy lies beyond the time there is.
func late(failure *fault.Error, when time.Time) *fault.Error {
	complete := *failure
	if complete.RetryAfter > 0 && complete.Hint == "" {
		complete.Hint = "try again after " + when.UTC().Format(time.RFC3339)
	}
	return &complete
}

// Budget bounds retries over the whole process: under total failure they add
// at most a tenth of the first tries and ten.
type Budget struct {
	mu     sync.Mutex
	tokens float64
}

const (
	budgetStart = 10
	budgetEarn  = 0.1
)

// NewBudget makes a full budget.
func NewBudget() *Budget { return &Budget{tokens: budgetStart} }

func (b *Budget) first() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens += budgetEarn
}

func (b *Budget) retry() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
