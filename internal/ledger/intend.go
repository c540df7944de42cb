package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// inFlightPause is how long to wait when a provider holds as many jobs as it
// may: nobody knows when one of them ends.
const inFlightPause = 2 * time.Second

const (
	countInFlight = `SELECT COUNT(*) FROM jobs WHERE provider = ? AND sandbox = ?
		AND state IN ('submitting', 'queued', 'running', 'unknown') AND begun_at > ?`

	markBegun = "UPDATE jobs SET begun_at = ? WHERE id = ?"
)

var errDeadline = errors.New("the deadline of a create must lie ahead")

// Intent is a create that somebody wants to send.
type Intent struct {
	// Now is when, Deadline until when the create may be live.
	Now, Deadline time.Time
	// Pace, Guard and Budget are what may keep it from going now, or at all.
	Pace   Pace
	Guard  Guard
	Budget Budget
}

// Granted is what became of an intent. Where Twin and Over are nil and Wait is
// 0 the job is submitting; else nothing was changed and the job is the draft.
type Granted struct {
	Job kling.Job
	// Wait is how long the pace does not allow it yet: try again after it.
	Wait time.Duration
	// Twin is the job for whose sake the guard held this one.
	Twin *kling.Job
	// Over is the cap of the budget that this one would have passed.
	Over *Excess
}

// Intend declares that a create is about to be sent. When it grants that, the
// row is submitting, its price is reserved, and both are on the disk: exactly
// one caller, in all processes, gets this answer for a draft, and only then
// may the request leave. The guard is asked first, then the budget, then the
// pace, and all of it is one transaction: whatever other processes intend at
// the same time, equal requests and caps hold.
//
// To be held or to have to wait is no error, see Granted. A row that is no
// draft is fault.Held and names its state; an unknown id is fault.NotFound.
func (s *Store) Intend(ctx context.Context, id string, in Intent) (Granted, error) {
	const op = "begin the create of a job"
	if !in.Deadline.After(in.Now) {
		return Granted{}, s.fault(op, errDeadline)
	}
	if err := in.Budget.valid(); err != nil {
		return Granted{}, s.fault(op, err)
	}
	var granted Granted
	err := s.decide(ctx, op, func(t tx) error {
		before, draft, err := s.load(t, op, id)
		if err != nil {
			return err
		}
		if draft.State != kling.Draft {
			return &fault.Error{
				Kind: fault.Held, Op: op, Subject: id, Job: id,
				Detail: "the job is " + string(draft.State) + ", no draft any more",
				Hint:   "klingctl status " + id,
			}
		}
		asked := reservation(draft, in)
		granted, err = s.hindrance(t, op, draft, asked, in)
		if err != nil || granted.Twin != nil || granted.Over != nil || granted.Wait > 0 {
			return err
		}
		if err := t.exec(markBegun, in.Now.UnixMilli(), id); err != nil {
			return s.fault(op, err)
		}
		draft.State, draft.CreateDeadline = kling.Submitting, in.Deadline
		if granted.Job, err = s.replace(t, op, before, draft, in.Now); err != nil {
			return err
		}
		return s.fault(op, t.reserve(asked))
	})
	if err != nil {
		return Granted{}, err
	}
	return granted, nil
}

// hindrance asks in turn what may keep a create from going. With none, the
// create has its place in the pace.
func (s *Store) hindrance(t tx, op string, draft kling.Job, asked entry, in Intent) (Granted, error) {
	held := Granted{Job: draft}
	var err error
	if !in.Guard.Off {
		if held.Twin, err = s.twin(t, op, draft, in.Guard.Window, in.Now); err != nil || held.Twin != nil {
			return held, err
		}
	}
	if held.Over, err = t.exceeded(asked, in.Budget); err != nil || held.Over != nil {
		return held, s.fault(op, err)
	}
	held.Wait, err = t.admit(draft, in.Now, in.Pace)
	return held, s.fault(op, err)
}

// admit decides whether a create fits the pace, and takes its place if so.
func (t tx) admit(job kling.Job, now time.Time, pace Pace) (time.Duration, error) {
	if pace.InFlight > 0 {
		oldest := int64(-1)
		if pace.Younger > 0 {
			oldest = now.Add(-pace.Younger).UnixMilli()
		}
		held := 0
		args := []any{job.Ref.Provider, flag(job.Sandbox), oldest}
		if err := t.row(countInFlight, args, &held); err != nil {
			return 0, err
		}
		if held >= pace.InFlight {
			return inFlightPause, nil
		}
	}
	kept, err := t.loadPace(job.Ref.Provider, job.Sandbox)
	if err != nil {
		return 0, err
	}
	next, wait := kept.take(now, pace)
	if wait > 0 {
		return wait, nil
	}
	return 0, t.savePace(job.Ref.Provider, job.Sandbox, next)
}
