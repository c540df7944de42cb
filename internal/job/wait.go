package job

import (
	"container/heap"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

const (
	// looksAtOnce is how many looks are under way at a time.
	looksAtOnce = 8
	// liveCreate is the pause between glances at a row whose create is under
	// way in another process.
	liveCreate = time.Second
	// clockCheck is how often the clock is looked at, which jumps when the
	// machine was asleep while timers stood still.
	clockCheck = 30 * time.Second
	// maxOdd is how often in a row an answer may be beyond understanding
	// before waiting ends with that.
	maxOdd = 5
)

// Outcome is how waiting for one job ended.
type Outcome struct {
	Job kling.Job
	// Err is nil for a job that ended, whatever its end; a Deadline or
	// Interrupted fault for one that still goes on.
	Err error
}

// Wait looks at jobs until each has ended, failed to be looked at, or the
// context is done. Outcomes come in the order of the jobs. interval, when
// positive, is a fixed pace.
func (s *Service) Wait(ctx context.Context, jobs []kling.Job, interval time.Duration) []Outcome {
	outcomes := make([]Outcome, len(jobs))
	round := &round{service: s, results: make(chan watched), plans: s.plans(interval)}
	for i, job := range jobs {
		heap.Push(&round.due, &watched{index: i, job: job, at: s.firstLook(ctx, job, round.plans)})
	}
	round.run(ctx, func(w *watched) { outcomes[w.index] = Outcome{Job: w.job, Err: w.err} })
	return outcomes
}

// watched is one job in the heap.
type watched struct {
	index int
	job   kling.Job
	at    time.Time
	odd   int
	fails int
	err   error
	done  bool
}

// round is one call of Wait.
type round struct {
	service *Service
	plans   *plans
	due     dueHeap
	results chan watched
	running int
}

// run is the one loop for any number of jobs: it starts looks that are due,
// takes in their results, and sleeps until the next is due.
func (r *round) run(ctx context.Context, end func(*watched)) {
	for len(r.due) > 0 || r.running > 0 {
		for ctx.Err() == nil && len(r.due) > 0 && r.running < looksAtOnce && !r.due[0].at.After(r.service.Now()) {
			next, _ := heap.Pop(&r.due).(*watched)
			r.running++
			go func() { r.results <- r.service.step(ctx, *next, r.plans) }()
		}
		r.wait(ctx, end)
		if ctx.Err() != nil {
			r.stop(ctx, end)
			return
		}
	}
}

func (r *round) wait(ctx context.Context, end func(*watched)) {
	pause := clockCheck
	if len(r.due) > 0 && r.running < looksAtOnce {
		pause = min(pause, max(0, r.due[0].at.Sub(r.service.Now())))
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case result := <-r.results:
		r.take(&result, end)
	}
}

func (r *round) take(result *watched, end func(*watched)) {
	r.running--
	if result.done {
		end(result)
		return
	}
	heap.Push(&r.due, result)
}

// stop takes in what is still under way and says why the rest goes on.
func (r *round) stop(ctx context.Context, end func(*watched)) {
	for r.running > 0 {
		result := <-r.results
		r.take(&result, end)
	}
	for _, left := range r.due {
		if left.job.State.Terminal() {
			end(left)
			continue
		}
		left.err = stopped(ctx, left.job)
		end(left)
	}
}

// step looks at one job once and says when to come back.
func (s *Service) step(ctx context.Context, w watched, plans *plans) watched {
	switch w.job.State {
	case kling.Unknown:
		w.job, w.err = s.Settle(ctx, w.job)
		w.done = w.err != nil || w.job.State.Terminal()
	case kling.Draft, kling.Submitting:
		return s.await(ctx, w)
	case kling.Queued, kling.Running, kling.Succeeded, kling.Failed, kling.Refused, kling.Lost:
		w.job, w.err = s.Look(ctx, w.job, 1)
		w = s.judged(ctx, w)
	}
	if w.done {
		if w.job.State == kling.Succeeded {
			plans.ended(w.job)
		}
		w.err = s.finished(w.job, w.err)
		return w
	}
	w.at = s.Now().Add(s.pause(ctx, w, plans))
	return w
}

// judged decides whether a failed look ends the waiting for this job.
func (s *Service) judged(ctx context.Context, w watched) watched {
	failure := fault.Of(w.err)
	switch {
	case w.err == nil:
		w.odd, w.fails = 0, 0
		w.done = w.job.State.Terminal()
	case ctx.Err() != nil:
		w.err = nil // the round says why it stops
	case fault.Is(w.err, fault.Unavailable, fault.Busy), failure != nil && dialect.IsPage(failure.Err):
		w.fails++
	case fault.Is(w.err, fault.NotFound) && !w.job.State.Terminal():
		w.fails++
		w.done = !s.tooNew(w.job)
	case fault.Is(w.err, fault.Answer):
		w.fails++
		w.odd++
		w.done = w.odd >= maxOdd
	default:
		w.done = true
	}
	return w
}

// await watches a row whose create is under way in another process.
func (s *Service) await(ctx context.Context, w watched) watched {
	_, err := s.Ledger.Sweep(ctx, s.Now())
	job := w.job
	if err == nil {
		job, err = s.Ledger.Get(ctx, w.job.ID)
	}
	if err != nil {
		// A context that is done is for the round to tell.
		w.err, w.done = withJob(err, w.job), ctx.Err() == nil
		return w
	}
	w.job = job
	w.done = job.State.Terminal()
	w.at = s.Now().Add(liveCreate)
	if job.State == kling.Draft && s.Now().Sub(job.CreatedAt) > paceTime+createTime {
		w.done = true
		w.err = &fault.Error{
			Kind: fault.Usage, Op: "wait for job", Subject: job.ID, Charged: fault.NotCharged, Job: job.ID,
			Detail: "it was never sent, and the process that meant to is gone", Hint: "submit it again",
		}
	}
	return w
}

// finished is the error of a job that ended in a way that is none of its
// states: a success without a video.
func (s *Service) finished(job kling.Job, err error) error {
	if err == nil && job.State == kling.Succeeded && len(job.Artifacts) == 0 {
		return &fault.Error{
			Kind: fault.Answer, Op: "wait for job", Subject: Name(job), Charged: fault.Charged, Job: Name(job),
			Detail: "it finished without a video", RequestID: job.RequestID,
			Hint: "ask the provider about task " + job.Ref.String(),
		}
	}
	return err
}

// firstLook is when to look for the first time: at once, unless the task is too
// young to have ended.
func (s *Service) firstLook(ctx context.Context, job kling.Job, plans *plans) time.Time {
	now := s.Now()
	if job.SubmittedAt.IsZero() || !job.State.InFlight() {
		return now
	}
	pause := jittered(plans.of(ctx, job), 0)
	// A clock that was set back must not make it longer.
	return now.Add(min(pause, job.SubmittedAt.Add(pause).Sub(now)))
}

// pause is when to look again: the schedule, and after failures what the
// provider asked for or a growing pause, whichever is longest.
func (s *Service) pause(ctx context.Context, w watched, plans *plans) time.Duration {
	age := time.Duration(0)
	if !w.job.SubmittedAt.IsZero() {
		age = max(0, s.Now().Sub(w.job.SubmittedAt))
	}
	pause := jittered(plans.of(ctx, w.job), age)
	failure := fault.Of(w.err)
	if w.fails == 0 || failure == nil {
		return pause
	}
	return max(failure.RetryAfter, pause, provider.Backoff(w.fails, rand.Float64())) //nolint:gosec // spreads load, guards nothing
}

// jittered is the plan's pause, up to a tenth longer so that many who began
// together do not look together; a pace that the user fixed stays as it is.
func jittered(plan Plan, age time.Duration) time.Duration {
	pause := Next(plan, age)
	if plan.Fixed > 0 {
		return pause
	}
	return pause + rand.N(pause/10+1) //nolint:gosec // spreads load, guards nothing
}

// stopped is why a job is no longer waited for although it goes on.
func stopped(ctx context.Context, job kling.Job) error {
	kind, detail := fault.Deadline, "it is still "+string(job.State)+"; the time to wait is over"
	var cause error
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		kind, detail, cause = fault.Interrupted, "stopped waiting; the job goes on at "+job.Ref.Provider, context.Cause(ctx)
	}
	if job.State == kling.Unknown {
		kind = fault.Ambiguous
	}
	return &fault.Error{
		Kind: kind, Op: "wait for job", Subject: Name(job), Detail: detail, Charged: ChargedBy(job),
		Job: Name(job), Hint: "klingctl wait " + Name(job), Err: cause,
	}
}

// dueHeap orders watched jobs by the time of their next look.
type dueHeap []*watched

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *dueHeap) Push(x any) {
	if w, ok := x.(*watched); ok {
		*h = append(*h, w)
	}
}

// Pop implements heap.Interface.
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
