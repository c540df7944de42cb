package batch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/riverqueue/river"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

// rowWorker carries a row until it is under way at its provider, or is over.
type rowWorker struct {
	river.WorkerDefaults[rowArgs]
	*worker
}

// NextRetry implements river.Worker.
func (w *rowWorker) NextRetry(r *river.Job[rowArgs]) time.Time { return w.retryAt(r.Attempt) }

// Work implements river.Worker. River may run a row twice: what keeps it from
// being bought twice is the ledger.
func (w *rowWorker) Work(ctx context.Context, r *river.Job[rowArgs]) error {
	desk, err := w.deskOf(ctx, r.Args.Batch)
	if err != nil {
		return err
	}
	row, err := decodeRow(r.Args.Row)
	if err != nil {
		return w.giveUp(ctx, Bad, err)
	}
	end := w.service.Now().Add(standsBy)
	for {
		j, tried, since, err := w.standing(ctx, r.Args)
		if err != nil {
			return err
		}
		closed, err := w.advance(ctx, r, desk, row, j, tried, since)
		if err != nil || closed <= 0 {
			return err
		}
		left := end.Sub(w.service.Now())
		if !w.pause(ctx, min(closed, left)) || left <= closed {
			return later(closed)
		}
	}
}

// standing is the job that decides about a row, the zero Job where none does,
// and how many creates of it came to nothing. What was read may be old by the
// time it is acted on: no other job of the row may have ended since.
func (w *rowWorker) standing(ctx context.Context, args rowArgs) (decides kling.Job, tried int, since time.Time, err error) {
	jobs, err := w.service.OrderedRow(ctx, args.Batch, args.ID)
	since = w.service.Now().Add(-staleTime)
	for i, j := range jobs {
		if j.ID == args.Instead {
			if since = j.FinishedAt; since.IsZero() {
				since = j.UpdatedAt
			}
			break // from there on it is history
		}
		if job.NeverMade(j) {
			tried++
		}
		if i == 0 || !bought(decides) && bought(j) {
			decides = j
		}
	}
	return decides, tried, since, err
}

// advance moves a row by one step. closed is for how long its provider takes
// none, 0 when no step is left for now.
func (w *rowWorker) advance(
	ctx context.Context, r *river.Job[rowArgs], desk openDesk, row Row, j kling.Job, tried int, since time.Time,
) (closed time.Duration, err error) {
	have := standing{state: j.State, never: job.NeverMade(j)}
	switch {
	case j.State == kling.Succeeded:
		return 0, w.saveLater(ctx, j)
	case j.State.InFlight(), have.over():
		return 0, nil
	case have.never && tried >= creates:
		_, err := w.service.GiveUp(ctx, j)
		return 0, err
	}
	if have.never {
		j = kling.Job{}
	}
	window := time.Duration(0)
	if j.State == "" || j.State == kling.Draft {
		// Another worker may have carried the row to its end since we looked.
		window = w.service.Now().Sub(since)
	}
	if buys := j.State == "" || j.State == kling.Draft; buys {
		if err := w.mayBuy(ctx, desk, r.Args.Batch); err != nil {
			return 0, w.giveUp(ctx, Waiting, err)
		}
		if w.stopping() {
			return 0, later(0)
		}
		if wait := w.gates.wait(r.Queue); wait > 0 {
			return wait, nil
		}
	}
	made, then, err := w.service.Step(w.send, j, job.Work{ //nolint:contextcheck // a create outlives the time of its step
		Output: desk.Output,
		Order: func(ctx context.Context) (job.Order, func(), error) {
			order, release, err := desk.Order(ctx, row)
			order.Batch, order.Row, order.Patient, order.NoWait = r.Args.Batch, row.ID, true, true
			order.Guard.Window = window
			return order, release, err
		},
	})
	return w.stepped(ctx, r, row, made, then, err)
}

// stepped judges what a step came to.
func (w *rowWorker) stepped(
	ctx context.Context, r *river.Job[rowArgs], row Row, made kling.Job, then job.Then, err error,
) (time.Duration, error) {
	switch {
	case then.Look:
		w.gates.open(r.Queue)
		return 0, nil
	case w.send.Err() != nil:
		return 0, river.JobSnooze(0) // at once, for any other worker
	case fault.Is(err, fault.Busy, fault.Unavailable) && made.State != kling.Unknown:
		return w.gates.busy(r.Queue, fault.Of(err).RetryAfter, !errors.Is(err, job.ErrNoRoom)), nil
	case then.After > 0:
		return 0, later(max(then.After, elsewhere))
	case fault.Is(err, fault.Held):
		return 0, w.giveUp(ctx, Waiting, err)
	case fault.Is(err, fault.Usage) && !missing(row):
		return 0, w.giveUp(ctx, Bad, err)
	case fault.Is(err, fault.Usage):
		// Another worker may see the file.
		return 0, w.tried(ctx, Bad, fmt.Errorf("%w; the workers need the image under the path that batch run saw", err))
	case made.State == kling.Unknown && fault.Of(err) != nil && fault.Is(fault.Of(err).Err, fault.Busy, fault.Unavailable):
		return 0, w.tried(ctx, Doubtful, err) // nobody could be asked
	case err != nil && (stops(err) || made.State == "" || made.State == kling.Draft):
		return 0, w.tried(ctx, Waiting, err)
	}
	// It failed, was refused, or is unknown for good: the ledger says so.
	return 0, nil
}

// missing reports a row one of whose images is not on this machine.
func missing(row Row) bool {
	for _, flag := range []string{"image", "tail-image", "static-mask"} {
		for _, path := range row.Flags[flag] {
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				return true
			}
		}
	}
	return false
}

// mayBuy asks whether anybody stopped the buying.
func (w *rowWorker) mayBuy(ctx context.Context, desk openDesk, batch string) error {
	switch {
	case desk.cancelled:
		return cancelled()
	case !desk.Until.IsZero() && w.service.Now().After(desk.Until):
		return &fault.Error{Kind: fault.Deadline, Op: "go on with the batch", Charged: fault.NotCharged, Detail: "the time is over"}
	case desk.MaxFailures <= 0:
		return nil
	}
	counts, err := w.service.Standing(ctx, batch)
	if err != nil {
		return nil //nolint:nilerr // the step will meet the same ledger, and say so
	}
	trouble := counts[kling.Failed] + counts[kling.Refused] + counts[kling.Lost] + counts[kling.Unknown]
	if trouble >= desk.MaxFailures {
		return tooMany(trouble)
	}
	return nil
}

// stopping reports that the worker was told to end.
func (w *worker) stopping() bool {
	select {
	case <-w.stopped:
		return true
	default:
		return false
	}
}

// pause waits; false says that the worker ends.
func (w *worker) pause(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-w.stopped:
	case <-timer.C:
		return true
	}
	return false
}

// later puts a row back, which counts as no try.
func later(wait time.Duration) error {
	return river.JobSnooze(min(wait, mostPause))
}
