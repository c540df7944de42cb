package batch

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

const (
	// lookoutPause is how often a worker tries to become the one that looks,
	// and whether it still is.
	lookoutPause = 2 * time.Second
	// joinPause is how often the one that looks asks the ledger for new jobs,
	// allPause how often for all that are under way.
	joinPause = time.Second
	allPause  = 30 * time.Second
	// young is how old a job may be that was bought since the last time.
	young = 5 * time.Minute
)

// lookOut has this worker look at the jobs of each provider that no other
// worker looks at. Who looks holds a lock of the database that dies with its
// connection: a worker that is killed is followed by another at once. All jobs
// of a provider have one to look at them, by one schedule and in few requests.
func (w *worker) lookOut(ctx context.Context) {
	for ctx.Err() == nil {
		if err := w.lookOutOn(ctx); err != nil && ctx.Err() == nil {
			w.notice("the database is out of reach: " + err.Error())
		}
		w.pause(ctx, lookoutPause)
	}
}

// lookOutOn does it over one connection, until that is lost.
func (w *worker) lookOutOn(ctx context.Context) error {
	conn, err := w.queue.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	// Its locks must not go back into the pool with it.
	defer func() { _ = conn.Hijack().Close(context.WithoutCancel(ctx)) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ours := map[string]chan struct{}{}
	defer func() {
		cancel()
		for _, done := range ours {
			<-done
		}
	}()
	for {
		for _, name := range w.Providers {
			if err := w.tryLook(ctx, conn, name, ours); err != nil {
				return err
			}
		}
		if !w.pause(ctx, lookoutPause) {
			return ctx.Err()
		}
		if err := conn.Ping(ctx); err != nil {
			return err
		}
	}
}

// tryLook begins to look at a provider's jobs where nobody else does.
func (w *worker) tryLook(ctx context.Context, conn *pgxpool.Conn, name string, ours map[string]chan struct{}) error {
	if _, already := ours[name]; already {
		return nil
	}
	taken, err := w.queue.tryLock(ctx, conn, "look "+name)
	if err != nil || !taken {
		return err
	}
	done := make(chan struct{})
	ours[name] = done
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			w.look(ctx, name)
			w.pause(ctx, allPause)
		}
	}()
	return nil
}

// look watches the jobs of a provider until the context is done, or the
// provider refuses the key.
func (w *worker) look(ctx context.Context, name string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &lookout{worker: w, name: name, watch: w.service.NewWatch(w.Interval), over: make(chan kling.Job), keyless: cancel}
	joined := make(chan struct{})
	go func() { defer close(joined); l.join(ctx) }()
	l.watch.Run(ctx, func(j kling.Job, err error) { l.ended(ctx, j, err) })
	<-joined
}

// lookout is one time of looking at a provider's jobs.
type lookout struct {
	*worker

	name  string
	watch *job.Watch
	// over takes jobs that are watched no more.
	over chan kling.Job
	// keyless ends it all.
	keyless func()
	// carried are the batches that are known to be carried by workers, or not.
	carried map[string]bool
}

// ended is told by the watch that a job is looked at no more.
func (l *lookout) ended(ctx context.Context, j kling.Job, err error) {
	if ctx.Err() != nil {
		return
	}
	if fault.Is(err, fault.Auth) {
		l.notice(err.Error())
		l.keyless()
		return
	}
	select {
	case l.over <- j:
	case <-ctx.Done():
	}
}

// join brings the jobs that are under way to the watch, each once, and has the
// files saved of those that have succeeded. One that could not be looked at
// joins again, should it still be under way.
func (l *lookout) join(ctx context.Context) {
	ticker := time.NewTicker(joinPause)
	defer ticker.Stop()
	watched := map[string]bool{}
	var all time.Time
	for {
		var over []kling.Job
		now := l.service.Now()
		since := now.Add(-young)
		if now.Sub(all) >= allPause {
			all, since, l.carried = now, time.Time{}, map[string]bool{}
			l.told(ctx, l.service.Unsaved(ctx, l.name, func(j kling.Job) error {
				over = append(over, j)
				return nil
			}))
		}
		l.told(ctx, l.service.UnderWay(ctx, l.name, since, func(j kling.Job) error {
			if !watched[j.ID] && l.carries(ctx, j.Batch) {
				watched[j.ID] = true
				l.watch.Add(ctx, j)
			}
			return nil
		}))
		for waiting := true; waiting; {
			select {
			case j := <-l.over:
				delete(watched, j.ID)
				over = append(over, j)
			case <-ticker.C:
				waiting = false
			case <-ctx.Done():
				return
			}
		}
		l.told(ctx, l.saveLater(ctx, over...))
	}
}

// carries reports a batch whose rows are for workers. Who carries one of the
// others looks at its jobs.
func (l *lookout) carries(ctx context.Context, batch string) bool {
	carried, known := l.carried[batch]
	if !known {
		desk, err := l.deskOf(ctx, batch)
		carried = err == nil && desk.Order != nil
		l.carried[batch] = carried
	}
	return carried
}

func (l *lookout) told(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		l.notice("looking at the jobs of " + l.name + ": " + err.Error())
	}
}
