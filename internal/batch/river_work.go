package batch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

const (
	// stepTime is how long a step of a row or of a file has. A create may take
	// longer, and is let: cut, it could be a job that nobody can find.
	stepTime = 90 * time.Second
	// rescueAfter is when others look after a step. Where it is not one of a
	// dead worker, but a create that takes its time, the ledger tells them.
	rescueAfter = stepTime + 10*time.Second
	// elsewhere is the pause between glances at a create under way in another
	// worker, or in a dead one.
	elsewhere = 5 * time.Second
	// staleTime is more than any step can take, also one of a machine that was
	// asleep in its middle.
	staleTime = 24 * time.Hour
	// drainTime is how long steps under way may go on after a worker was told
	// to end. What is cut then is found out about by another worker.
	drainTime = 5 * time.Second
	// standsBy is how long a row may wait for its provider inside a step.
	standsBy = 15 * time.Second
	// mostRetry bounds the pause after a step that failed.
	mostRetry = time.Minute
)

// Desk is what a worker must know of a batch to carry its rows.
type Desk struct {
	// Order makes the order of a row. release is never nil.
	Order func(ctx context.Context, row Row) (order job.Order, release func(), err error)
	// Output is where videos go.
	Output job.Output
	// Saved is called after the files of a row are in their places; nil does
	// nothing.
	Saved func(ctx context.Context, j kling.Job) error
	// MaxFailures stops buying after so many rows in trouble, 0 never does.
	MaxFailures int
	// Until is when buying ends; the zero time is never.
	Until time.Time
}

// WorkOptions say how a worker works.
type WorkOptions struct {
	// Providers are those that this worker may talk to; rows of others are
	// left to other workers.
	Providers []string
	// Rows is how many steps go on at once at each provider, Files how many
	// jobs have their files saved at a time.
	Rows, Files int
	// Interval is a fixed pace of looks, 0 for the schedule.
	Interval time.Duration
	// Desk reads the options that a batch was begun with.
	Desk func(id string, options []byte) (Desk, error)
	// Logger is told what goes wrong with the queue itself; Notice what a
	// person should read. nil is told nothing.
	Logger *slog.Logger
	Notice func(text string)
}

// worker works in the queue.
type worker struct {
	WorkOptions

	queue   *Queue
	service *job.Service
	gates   *gates
	// stopped is closed when no new row shall be begun; send is the context of
	// creates, which ends a little later.
	stopped <-chan struct{}
	send    context.Context //nolint:containedctx // belongs to the worker, like everything here

	mu    sync.Mutex
	desks map[string]openDesk
}

// openDesk is a desk and the run of the batch that it belongs to.
type openDesk struct {
	Desk

	round     int64
	cancelled bool
}

// Work takes rows out of the queue until the context is done, then lets the
// steps under way end. It may be killed at any moment: what it had in hand is
// taken up by another worker within two minutes, and nothing is bought twice.
func (q *Queue) Work(ctx context.Context, service *job.Service, o WorkOptions) error {
	send, cut := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cut(nil)
	defer context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(drainTime, func() { cut(context.Cause(ctx)) })
		context.AfterFunc(send, func() { timer.Stop() })
	})()
	w := &worker{
		WorkOptions: o, queue: q, service: service, gates: newGates(service.Now),
		stopped: ctx.Done(), send: send, desks: map[string]openDesk{},
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &rowWorker{worker: w})
	river.AddWorker(workers, &fileWorker{worker: w})
	queues := map[string]river.QueueConfig{
		rowQueue: {MaxWorkers: 1}, fileQueue: {MaxWorkers: max(1, o.Files)},
	}
	for _, name := range o.Providers {
		queues[queueOf(name)] = river.QueueConfig{MaxWorkers: max(1, o.Rows)}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	client, err := river.NewClient(riverpgxv5.New(q.pool), &river.Config{
		Schema: q.schema, Logger: o.Logger, Queues: queues, Workers: workers,
		JobTimeout: stepTime, RescueStuckJobsAfter: rescueAfter, SoftStopTimeout: drainTime,
	})
	if err != nil {
		return queueFault("begin to work", err)
	}
	if err := client.Start(ctx); err != nil {
		return queueFault("begin to work", err)
	}
	var looking sync.WaitGroup
	looking.Go(func() { w.lookOut(ctx) })
	<-client.Stopped()
	looking.Wait()
	if ctx.Err() != nil {
		return &fault.Error{
			Kind: fault.Interrupted, Op: "work", Err: context.Cause(ctx),
			Detail: "what is under way is left to other workers, or to this one when it is started again",
		}
	}
	return nil
}

// deskOf is the desk of a batch as it was last begun.
func (w *worker) deskOf(ctx context.Context, id string) (openDesk, error) {
	b, err := w.service.Ledger.Batch(ctx, id)
	if err != nil {
		return openDesk{}, err
	}
	round := b.BegunAt.UnixMilli()
	w.mu.Lock()
	defer w.mu.Unlock()
	have, open := w.desks[id]
	if !open || have.round != round {
		desk, err := w.Desk(id, b.Options)
		if err != nil {
			return openDesk{}, err
		}
		have = openDesk{Desk: desk, round: round}
		w.desks[id] = have
	}
	have.cancelled = !b.CancelledAt.IsZero()
	return have, nil
}

func (w *worker) notice(text string) {
	if w.Notice != nil {
		w.Notice(text)
	}
}

// retryAt is when a step that failed is tried again.
func (w *worker) retryAt(attempt int) time.Time {
	return w.service.Now().Add(min(time.Second<<min(max(attempt, 1), 10), mostRetry))
}
