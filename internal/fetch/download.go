package fetch

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/url"
	"syscall"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/transport"
)

// progressBytes is what a connection must bring to count as alive, and a try
// to count as progress.
const progressBytes = 1 << 10

// longestWait is what a server may ask for when the caller set no deadline.
const longestWait = 10 * time.Minute

// download is one Fetch.
type download struct {
	*Fetcher
	part    *part
	source  Source
	address *url.URL
	target  string
	// resumed is what the part held before the first request.
	resumed int64
	// refreshed tells that the one fresh link was asked for.
	refreshed bool
	// endedAt is where the last answer without an error ended too early, -1
	// before there was one.
	endedAt int64
}

// run makes attempts until one brings the whole file, and gives it its name.
func (d *download) run(ctx context.Context, hooks Hooks) (Result, error) {
	best, fruitless := d.part.size, 0
	for {
		result, failed := d.attempt(ctx)
		if failed == nil {
			return d.finish(ctx, result, hooks)
		}
		if stop := stopped(ctx); stop != nil {
			return Result{}, stop
		}
		if failed.next == askAgain && d.source.Refresh != nil && !d.refreshed {
			if err := d.refresh(ctx); err != nil {
				return Result{}, err
			}
			continue
		}
		if failed.next == startOver {
			if err := d.forget(); err != nil {
				return Result{}, localFault(d.target, err)
			}
		}
		// Bytes that were there before are no progress.
		if d.part.size >= best+progressBytes {
			best, fruitless = d.part.size, 0
		}
		fruitless++
		if failed.next == giveUp || failed.next == askAgain || fruitless >= d.options.Attempts {
			return Result{}, d.fail(failed)
		}
		pause := max(failed.wait, transport.Backoff(fruitless, rand.Float64())) //nolint:gosec // spreads load, guards nothing
		if tooLate(ctx, pause) {
			return Result{}, d.fail(failed)
		}
		if err := transport.Sleep(ctx, pause); err != nil {
			return Result{}, stopped(ctx)
		}
	}
}

// tooLate reports a pause that nobody will sit through.
func tooLate(ctx context.Context, pause time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok {
		return time.Now().Add(pause).After(deadline)
	}
	return pause > longestWait
}

// refresh puts a fresh link in the place of a dead one.
func (d *download) refresh(ctx context.Context) error {
	d.refreshed = true
	link, err := d.source.Refresh(ctx)
	if err != nil {
		if stop := stopped(ctx); stop != nil {
			return stop
		}
		return &fault.Error{
			Kind: fault.Download, Op: "download", Subject: transport.Redact(d.address),
			Detail: "the link is dead and there is no fresh one", Err: err,
		}
	}
	address, err := d.options.parse(link)
	if err != nil {
		return refusedFault(err)
	}
	d.address = address
	return nil
}

// endsHereAgain reports a second early end at the same byte, with no error of the
// connection. That is no accident of the network: the server has no more.
func (d *download) endsHereAgain() bool {
	again := d.part.size == d.endedAt
	d.endedAt = d.part.size
	return again
}

// forget empties the part, to start over.
func (d *download) forget() error {
	d.resumed = 0
	return d.part.clear()
}

// fail turns the last attempt's trouble into the fault that the caller sees.
func (d *download) fail(t *trouble) error {
	if t.useless || t.local && errors.Is(t.err, syscall.ENOSPC) {
		// On a full disk the ledger needs the room more.
		d.part.remove()
	}
	if t.local {
		return localFault(d.target, t.err)
	}
	out := &fault.Error{
		Kind: fault.Download, Op: "download", Subject: transport.Redact(d.address),
		Detail: t.detail, RetryAfter: t.wait, Err: t.err,
	}
	if d.part.worthKeeping() {
		out.Detail = joined(out.Detail, kept(d.target, d.part.size))
	}
	return out
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
