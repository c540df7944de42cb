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

// Intend declares that a create is about to be sent. When it returns no error
// and no wait, the row is submitting and that is on the disk: exactly one
// caller, in all processes, gets this answer for a draft, and only then may
// the request leave. The deadline is until when the create may be live.
//
// A wait above zero means that the pace does not allow it yet: nothing was
// changed, try again after the wait. A row that is no draft is fault.Held and
// names its state; an unknown id is fault.NotFound.
func (s *Store) Intend(ctx context.Context, id string, now, deadline time.Time, pace Pace) (kling.Job, time.Duration, error) {
	const op = "begin the create of a job"
	if !deadline.After(now) {
		return kling.Job{}, 0, s.fault(op, errDeadline)
	}
	var job kling.Job
	var wait time.Duration
	err := s.change(ctx, op, func(t tx) error {
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
		wait, err = t.admit(draft, now, pace)
		if err != nil || wait > 0 {
			job = draft
			return s.fault(op, err)
		}
		if err := t.exec(markBegun, now.UnixMilli(), id); err != nil {
			return s.fault(op, err)
		}
		draft.State, draft.CreateDeadline = kling.Submitting, deadline
		job, err = s.replace(t, op, before, draft, now)
		return err
	})
	if err != nil {
		return kling.Job{}, 0, err
	}
	return job, wait, nil
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
