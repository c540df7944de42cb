package upload

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/transport"
)

const (
	// maxTries bounds how often one upload is tried.
	maxTries = 3
	// maxPause is the longest pause that a place may ask for; beyond it the
	// fault is returned, with the time to come back.
	maxPause = time.Minute
)

// again repeats what may be repeated at no cost, while its failures may pass.
func again[T any](ctx context.Context, try func() (T, error)) (T, error) {
	for n := 1; ; n++ {
		got, err := try()
		if err == nil || n == maxTries || ctx.Err() != nil || !fault.Is(err, fault.Busy, fault.Unavailable) {
			return got, err
		}
		asked := fault.Of(err).RetryAfter
		pause := max(asked, transport.Backoff(n, rand.Float64())) //nolint:gosec // spreads load, guards nothing
		deadline, bounded := ctx.Deadline()
		if asked > maxPause || bounded && time.Until(deadline) < pause {
			return got, err
		}
		if transport.Sleep(ctx, pause) != nil {
			return got, err
		}
	}
}
