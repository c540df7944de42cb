package job

import (
	"context"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

const (
	// clockCheck is how often the clock is looked at, which jumps when the
	// machine was asleep while timers stood still.
	clockCheck = 30 * time.Second
	// clockNoise is how far a clock may go back without being set back.
	clockNoise = time.Second
)

// Watch looks at any number of jobs until each has ended. Jobs may join while
// it runs. It is one loop over the times at which looks are due: what talks to
// a provider or the ledger runs beside the loop and hands its result back.
type Watch struct {
	service *Service
	plans   *plans
	// once ends the watching of a job after one look.
	once bool

	mu     sync.Mutex
	joined []*watched
	closed bool
	// wake tells the loop that somebody joined, or that nobody will.
	wake chan struct{}

	// Everything below belongs to the loop.
	sites []*site
	// bySettings finds the site of a job without reading its settings again.
	bySettings map[string]*site
	// results are what looks hand back, to be run by the loop.
	results chan func()
	// open counts jobs that have not ended, under what runs beside the loop.
	open, under int
	ended       func(kling.Job, error)
	clock       time.Time
}

// NewWatch makes a Watch of no jobs. interval, when positive, is a fixed pause
// between the looks at a job; else its schedule decides.
func (s *Service) NewWatch(interval time.Duration) *Watch {
	return &Watch{
		service: s, plans: s.plans(interval), wake: make(chan struct{}, 1),
		bySettings: map[string]*site{}, results: make(chan func()),
	}
}

// Add has a job watched. It may be called from any goroutine, before Run and
// while it runs, until Close. After Run has returned it does nothing.
func (w *Watch) Add(ctx context.Context, job kling.Job) {
	one := &watched{job: job, place: -1, at: w.service.firstLook(ctx, job, w.plans).Round(0)}
	if w.once {
		one.at = w.now()
	}
	w.mu.Lock()
	w.joined = append(w.joined, one)
	w.mu.Unlock()
	w.rouse()
}

// Close says that no more jobs join: Run returns when all have ended.
func (w *Watch) Close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.rouse()
}

func (w *Watch) rouse() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run looks at the jobs until all have ended and the Watch is closed, or the
// context is done. ended is called from Run's goroutine, once a job: without an
// error for a job that ended, whatever its end; with the reason for one that
// cannot be looked at any more; for one that still goes on when the context is
// done, with a Deadline or Interrupted fault. A key that a provider refuses
// ends the watching of all jobs there.
func (w *Watch) Run(ctx context.Context, ended func(kling.Job, error)) {
	w.ended = ended
	for {
		more := w.join()
		switch {
		case ctx.Err() != nil:
			w.stop(ctx)
			return
		case !more && w.open == 0 && w.under == 0:
			return
		}
		w.turned()
		for _, at := range w.sites {
			w.startAt(ctx, at)
		}
		w.sleep(ctx)
	}
}

// now is the time by the clock, which goes on while the machine sleeps; the
// reading that timers go by does not.
func (w *Watch) now() time.Time { return w.service.Now().Round(0) }

// join takes in who was added; more reports whether others may come.
func (w *Watch) join() (more bool) {
	w.mu.Lock()
	joined := w.joined
	w.joined, more = nil, !w.closed
	w.mu.Unlock()
	for _, one := range joined {
		w.open++
		at := w.siteOf(one.job)
		switch {
		case one.job.State.Terminal():
			one.err = w.service.finished(one.job, nil)
			w.end(at, one)
		case at.refused != nil:
			one.err = withJob(at.refused, one.job)
			w.end(at, one)
		default:
			at.push(one)
		}
	}
	return more
}

// siteOf finds where a job is looked at.
func (w *Watch) siteOf(job kling.Job) *site {
	if at := w.bySettings[string(job.Settings)]; at != nil {
		return at
	}
	settings, err := SettingsOf(job)
	if err != nil {
		// The look will say so.
		settings = provider.Settings{}
	}
	for _, at := range w.sites {
		if at.same(settings) {
			w.bySettings[string(job.Settings)] = at
			return at
		}
	}
	at := newSite(settings)
	w.sites = append(w.sites, at)
	w.bySettings[string(job.Settings)] = at
	return at
}

// sleep waits for the next look that may leave, the next result, the next job,
// or the end.
func (w *Watch) sleep(ctx context.Context) {
	pause, now := clockCheck, w.now()
	for _, at := range w.sites {
		if next, ok := at.next(); ok {
			pause = min(pause, max(0, next.Sub(now)))
		}
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-w.wake:
	case result := <-w.results:
		result()
	}
}

// beside runs what takes time beside the loop; the function that it gives runs
// in the loop.
func (w *Watch) beside(work func() func()) {
	w.under++
	go func() {
		result := work()
		w.results <- func() {
			w.under--
			result()
		}
	}()
}

// end tells what became of a job.
func (w *Watch) end(at *site, one *watched) {
	w.open--
	at.forget(one)
	w.ended(one.job, one.err)
}

// stop takes in what is still under way and says why the rest goes on.
func (w *Watch) stop(ctx context.Context) {
	for w.under > 0 {
		result := <-w.results
		result()
	}
	w.join()
	for _, at := range w.sites {
		for _, left := range at.empty() {
			left.err = stopped(ctx, left.job)
			w.end(at, left)
		}
	}
}

// turned keeps a clock that was set back from holding up every look.
func (w *Watch) turned() {
	now := w.now()
	if by := w.clock.Sub(now); by > clockNoise {
		for _, at := range w.sites {
			at.turned(by)
		}
	}
	w.clock = now
}
