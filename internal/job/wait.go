package job

import (
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
	// liveCreate is the pause between glances at a row whose create is under
	// way in another process.
	liveCreate = time.Second
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
	return s.Bring(ctx, jobs, Errand{Interval: interval})
}

// step looks at one job once and says when to come back.
func (s *Service) step(ctx context.Context, one *watched, client *provider.Client, w *Watch) {
	switch one.job.State {
	case kling.Unknown:
		one.job, one.heard = s.Settle(ctx, one.job)
	case kling.Draft, kling.Submitting:
		if !w.once {
			s.await(ctx, one)
			return
		}
		one.heard = nil
	case kling.Queued, kling.Running, kling.Succeeded, kling.Failed, kling.Refused, kling.Lost:
		tries := 1
		if w.once {
			tries = patience
		}
		one.heard = nil
		if one.job.Ref.Task != "" {
			one.job, one.heard = s.lookWith(ctx, client, one.job, tries)
		}
	}
	s.judge(ctx, one, w)
}

// judge decides whether what was heard of a job ends the waiting for it, else
// when to look again.
func (s *Service) judge(ctx context.Context, one *watched, w *Watch) {
	failure := fault.Of(one.heard)
	one.err, one.done = one.heard, false
	switch {
	case one.heard == nil:
		one.odd, one.fails = 0, 0
		one.done = one.job.State.Terminal() || w.once
	case ctx.Err() != nil:
		one.err = nil // the Watch says why it stops
	case w.once, one.job.State == kling.Unknown:
		one.done = true
	case fault.Is(one.heard, fault.Unavailable, fault.Busy), failure != nil && dialect.IsPage(failure.Err):
		one.fails++
	case fault.Is(one.heard, fault.NotFound) && !one.job.State.Terminal():
		one.fails++
		one.done = !s.tooNew(one.job)
	case fault.Is(one.heard, fault.Answer):
		one.fails++
		one.odd++
		one.done = one.odd >= maxOdd
	default:
		one.done = true
	}
	if !one.done {
		one.at = s.nextLook(ctx, one, w.plans)
		return
	}
	if one.job.State == kling.Succeeded {
		w.plans.ended(one.job)
	}
	one.err = s.finished(one.job, one.err)
}

// await watches a row whose create is under way in another process.
func (s *Service) await(ctx context.Context, one *watched) {
	one.heard, one.at = nil, s.Now().Round(0).Add(liveCreate)
	_, err := s.Ledger.Sweep(ctx, s.Now())
	job := one.job
	if err == nil {
		job, err = s.Ledger.Get(ctx, one.job.ID)
	}
	if err != nil {
		// A context that is done is for the Watch to tell.
		one.err, one.done = withJob(err, one.job), ctx.Err() == nil
		return
	}
	one.job, one.err, one.done = job, nil, job.State.Terminal()
	if job.State == kling.Draft && s.Now().Sub(job.CreatedAt) > paceTime+createTime {
		one.done = true
		one.err = &fault.Error{
			Kind: fault.Usage, Op: "wait for job", Subject: job.ID, Charged: fault.NotCharged, Job: job.ID,
			Detail: "it was never sent, and the process that meant to is gone", Hint: "submit it again",
		}
	}
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
	pause := Next(plans.of(ctx, job), 0)
	// A clock that was set back must not make it longer.
	return now.Add(min(pause, job.SubmittedAt.Add(pause).Sub(now)))
}

// nextLook is when to look again: by the schedule, and after failures not before
// what the provider asked for or a growing pause. Who was in a list before its
// time goes on as if it had been looked at in time, so that those who did not
// begin together stay apart.
func (s *Service) nextLook(ctx context.Context, one *watched, plans *plans) time.Time {
	from := s.Now().Round(0)
	if one.at.After(from) {
		from = one.at
	}
	age := time.Duration(0)
	if !one.job.SubmittedAt.IsZero() {
		age = max(0, from.Sub(one.job.SubmittedAt))
	}
	pause := Next(plans.of(ctx, one.job), age)
	if failure := fault.Of(one.err); one.fails > 0 && failure != nil {
		pause = max(failure.RetryAfter, pause, provider.Backoff(one.fails, rand.Float64())) //nolint:gosec // spreads load, guards nothing
	}
	return from.Add(pause)
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
