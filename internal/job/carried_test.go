package job_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/ledger"
)

// Who does not wait for room is told at once when to come back, and leaves
// nothing behind.
func TestNoWaitLeavesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		order := s.order(t, "kling", "a boat")
		order.Pace = ledger.Pace{InFlight: 1}
		if _, err := s.Submit(t.Context(), order); err != nil {
			t.Fatal(err)
		}
		second, since := s.order(t, "kling", "a ship"), time.Now()
		second.Pace, second.NoWait = order.Pace, true
		made, err := s.Submit(t.Context(), second)
		if !fault.Is(err, fault.Busy) || !errors.Is(err, job.ErrNoRoom) || fault.Of(err).RetryAfter <= 0 || made.ID != "" {
			t.Errorf("%+v: %v, want Busy with when to come back", made, err)
		}
		if waited := time.Since(since); waited > 0 {
			t.Errorf("it waited %v", waited)
		}
		s.wantJournal(t, 1, 1)
		s.wantRows(t, 1)
	})
}
