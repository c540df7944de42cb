package job

import (
	"context"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

const (
	// leastBusy is how long a busy answer that names no time holds creates
	// back.
	leastBusy = time.Second
	// mostBusy bounds what one answer can do to every later submit.
	mostBusy = time.Hour
)

// slowDown has creates of all processes wait for a provider whose last word
// was that it is busy. The emulator is left out unless its pace is limited.
func (s *Service) slowDown(ctx context.Context, order Order, busy error) {
	if order.Sandbox && order.Pace.Count == 0 && order.Pace.InFlight == 0 {
		return
	}
	until := leastBusy
	if failure := fault.Of(busy); failure != nil {
		until = min(max(failure.RetryAfter, leastBusy), mostBusy)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), afterwards)
	defer cancel()
	// It is a courtesy: a ledger that fails is told where it matters.
	_ = s.Ledger.SlowDown(ctx, order.Settings.Name, order.Sandbox, s.Now(), until)
}
