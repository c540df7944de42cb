package job

import (
	"context"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// Work is what somebody who carries many jobs wants made.
type Work struct {
	// Order makes the order, asked for only when something is to be bought;
	// release gives back what it holds and is never nil.
	Order func(ctx context.Context) (order Order, release func(), err error)
	// Output is where the videos go.
	Output Output
}

// Then is what is to be done with a job after a step.
type Then struct {
	// Look tells that the job is under way at its provider: look at it.
	Look bool
	// After, when positive, is when to step again: nothing can be done before.
	After time.Duration
}

// Over reports that no step is left.
func (t Then) Over() bool { return !t.Look && t.After <= 0 }

// Step moves a job by one safe step other than a look: what was never sent is
// ordered and sent, what is unknown is reconciled, what has succeeded is saved.
// The zero Job is one that is to be ordered. Any number of processes may step
// one job at once: each effect follows a change of the ledger that only one of
// them can make. A step that did not go through gives an error, beside what is
// known of the job and when to try again; where that is never, Over is true.
func (s *Service) Step(ctx context.Context, job kling.Job, work Work) (kling.Job, Then, error) {
	switch job.State {
	case "", kling.Draft:
		return s.stepOrder(ctx, job, work)
	case kling.Submitting:
		if _, err := s.Ledger.Sweep(ctx, s.Now()); err != nil {
			return job, Then{}, err
		}
		return s.again(ctx, job, liveCreate)
	case kling.Unknown:
		return s.stepUnknown(ctx, job)
	case kling.Queued, kling.Running:
		return job, Then{Look: true}, nil
	case kling.Succeeded:
		saved, err := s.Save(ctx, job, work.Output)
		return saved, Then{}, err
	case kling.Failed, kling.Refused, kling.Lost:
	}
	return job, Then{}, nil
}

// stepOrder sends what was not sent yet.
func (s *Service) stepOrder(ctx context.Context, job kling.Job, work Work) (kling.Job, Then, error) {
	order, release, err := work.Order(ctx)
	defer release()
	if err != nil {
		return job, Then{}, err
	}
	made, err := s.ordered(ctx, order, job)
	switch {
	case made.State == kling.Unknown:
		return made, s.untilKnown(made), err
	case made.State.InFlight():
		return made, Then{Look: true}, err
	case fault.Is(err, fault.Held) && made.ID == "":
		// Another process may be carrying this very row.
		if twin, ok := s.rival(ctx, order); ok {
			return s.again(ctx, twin, liveCreate)
		}
	case fault.Is(err, fault.Busy, fault.Unavailable) && ctx.Err() == nil:
		return made, Then{After: max(liveCreate, fault.Of(err).RetryAfter)}, err
	}
	return made, Then{}, err
}

// ordered submits an order, on the draft that an earlier try of it left.
func (s *Service) ordered(ctx context.Context, order Order, draft kling.Job) (kling.Job, error) {
	key, err := KeyOf(order)
	if err != nil {
		return draft, err
	}
	if draft.ID != "" && draft.Key != key {
		// The row was changed before it was ever sent.
		if err := s.Ledger.Drop(ctx, draft.ID); err != nil {
			return draft, err
		}
		draft = kling.Job{}
	}
	if draft.ID == "" {
		return s.Submit(ctx, order)
	}
	client, err := s.Connect(order.Settings)
	if err != nil {
		return draft, err
	}
	if draft.ExternalID != "" {
		// By it a lost answer is looked up: a create without it would count as
		// proved absent, and be bought again.
		order.Prepared.Set("external-id", draft.ExternalID)
	}
	return s.send(ctx, order, draft, client)
}

// rival is the job by which another process is carrying the same row, or has.
func (s *Service) rival(ctx context.Context, order Order) (kling.Job, bool) {
	if order.Batch == "" {
		return kling.Job{}, false
	}
	key, err := KeyOf(order)
	if err != nil {
		return kling.Job{}, false
	}
	twin, err := s.Ledger.Twin(ctx, kling.Job{Key: key, Sandbox: order.Sandbox}, order.Guard.Window, s.Now())
	if err != nil || twin == nil {
		return kling.Job{}, false
	}
	return *twin, true
}

// again reads a job anew and says what is to be done with it.
func (s *Service) again(ctx context.Context, job kling.Job, pause time.Duration) (kling.Job, Then, error) {
	stored, err := s.Ledger.Get(ctx, job.ID)
	switch {
	case err != nil:
		return job, Then{}, err
	case stored.State.InFlight():
		return stored, Then{Look: true}, nil
	}
	return stored, Then{After: pause}, nil
}

// stepUnknown looks for a job whose create got no clear answer, without waiting
// for the moment from which on its absence means something.
func (s *Service) stepUnknown(ctx context.Context, job kling.Job) (kling.Job, Then, error) {
	ask := s.Reconcile
	wait := s.sentAt(job).Add(knownAfter).Sub(s.Now())
	if wait > 0 {
		ask = s.Settle
	}
	settled, err := ask(ctx, job)
	switch {
	case settled.State.InFlight():
		return settled, Then{Look: true}, err
	case settled.State != kling.Unknown:
		return settled, Then{After: 1}, err
	case wait > 0:
		return settled, s.untilKnown(settled), err
	}
	return settled, Then{}, err
}

// untilKnown is how long to leave an unknown job alone; for ever where no
// question can settle it.
func (s *Service) untilKnown(job kling.Job) Then {
	settings, err := SettingsOf(job)
	if err != nil || job.ExternalID == "" || settings.Lookup != "yes" {
		return Then{}
	}
	return Then{After: max(liveCreate, s.sentAt(job).Add(knownAfter).Sub(s.Now()))}
}

// nothingMade begins the message of a job that was given up because nothing of
// it exists, though no provider turned it down.
const nothingMade = "nothing was made"

// NeverMade reports a refused job that may be ordered again as if for the first
// time: its create was lost before it reached anybody.
func NeverMade(job kling.Job) bool {
	return job.State == kling.Refused && strings.HasPrefix(job.Message, nothingMade)
}

// GiveUp settles a job that was never made, often enough: it counts as refused
// from now on, and is ordered again only on purpose.
func (s *Service) GiveUp(ctx context.Context, job kling.Job) (kling.Job, error) {
	return s.update(context.WithoutCancel(ctx), job, func(have kling.Job) (kling.Job, error) {
		if NeverMade(have) {
			have.Message = "no create came through: " + have.Message
		}
		return have, nil
	})
}

// Ordered hands on every job that a batch ordered, the newest first.
func (s *Service) Ordered(ctx context.Context, batch string, do func(kling.Job) error) error {
	return s.Ledger.Each(ctx, ledger.Filter{Batch: batch}, do)
}
