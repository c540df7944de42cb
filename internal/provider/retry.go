package provider

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

const (
	backoffBase   = time.Second
	backoffCap    = 20 * time.Second
	maxRetryAfter = 7 * 24 * time.Hour
)

// passing reports whether a fault of this kind may be gone a little later.
func passing(kind fault.Kind) bool {
	return kind == fault.Busy || kind == fault.Unavailable
}

// Backoff is full jitter: a random share of base doubled per try, capped. try
// counts from 1; share is in [0, 1).
func Backoff(try int, share float64) time.Duration {
	ceiling := backoffCap
	if doubled := time.Duration(float64(backoffBase) * math.Pow(2, float64(try-1))); doubled < ceiling && doubled > 0 {
		ceiling = doubled
	}
	return time.Duration(share * float64(ceiling))
}

// pause is how long to wait before the next try: what the provider asked for,
// and jitter of our own on top; after a busy answer never less than a second.
func (c *Client) pause(failure *fault.Error, try int) time.Duration {
	jitter := Backoff(try, rand.Float64()) //nolint:gosec // spreads load, guards nothing
	if failure.Kind == fault.Busy {
		return max(failure.RetryAfter, backoffBase<<(try-1)) + jitter/4
	}
	return max(failure.RetryAfter, jitter)
}

// withRetryAfter adds what the answer's header says to a fault.
func (c *Client) withRetryAfter(err error, reply dialect.Reply) error {
	failure := fault.Of(err)
	if failure == nil || failure.RetryAfter > 0 {
		return err
	}
	wait, ok := RetryAfter(reply.HeaderValue("Retry-After"), c.wiring.Now())
	if !ok {
		return err
	}
	complete := *failure
	complete.RetryAfter = wait
	return &complete
}

// RetryAfter reads the header of that name: whole seconds or an HTTP date
// (RFC 9110, 10.2.3). Values beyond a week are cut to a week.
func RetryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0, false
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(date.Sub(now), 0), maxRetryAfter), true
}

// beyond reports whether a moment lies past the context's deadline.
func beyond(ctx context.Context, moment time.Time) bool {
	deadline, ok := ctx.Deadline()
	return ok && moment.After(deadline)
}

// late is a fault whose remedy lies beyond the time there is.
func late(failure *fault.Error, when time.Time) *fault.Error {
	complete := *failure
	if complete.Hint == "" {
		complete.Hint = "try again after " + when.UTC().Format(time.RFC3339)
	}
	return &complete
}

// sleep waits with a timer that a cancelled context ends.
func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
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
