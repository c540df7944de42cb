package ledger

import (
	"context"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

// Settle records what a job cost in truth, in units of a millionth. In the
// unit of the reservation it replaces the reservation; in another one both
// count, each in its own. A later settlement replaces an earlier one. Update
// settles by itself when a job with a cost ends. A job that nothing was
// reserved for is left as it is; an unknown id is fault.NotFound.
func (s *Store) Settle(ctx context.Context, id, unit string, micros int64, now time.Time) error {
	const op = "settle the cost of a job"
	if !validUnit(unit) || micros < 0 || micros > maxMicros {
		return s.fault(op, errPrice)
	}
	return s.amend(ctx, op, id, now, func(e entry) entry { return e.settle(unit, micros) })
}

// Release gives back what was reserved for a job that does not exist at its
// provider. Update releases by itself when a job is refused. What was settled
// stays: a provider told that it was spent. An unknown id is fault.NotFound.
func (s *Store) Release(ctx context.Context, id string, now time.Time) error {
	return s.amend(ctx, "release the reservation of a job", id, now, entry.release)
}

func (s *Store) amend(ctx context.Context, op, id string, now time.Time, change func(entry) entry) error {
	return s.change(ctx, op, func(t tx) error {
		e, found, err := t.entry(id)
		if err != nil {
			return s.fault(op, err)
		}
		if !found {
			_, _, err := s.load(t, op, id)
			return err
		}
		return s.fault(op, t.restate(e, change(e), now))
	})
}

// follow lets the entry of a job follow what became of the job. It is part of
// every update, so that no reservation is forgotten.
func (t tx) follow(job kling.Job, now time.Time) error {
	before, found, err := t.entry(job.ID)
	if err != nil || !found {
		return err
	}
	after := before
	unit, micros, told := costOf(job)
	switch {
	case job.State.Terminal() && told:
		after = before.settle(unit, micros)
	case job.State == kling.Refused || job.State == kling.Draft:
		after = before.release()
	case before.standing == released:
		after.standing = reserved // it exists after all
	}
	return t.restate(before, after, now)
}

func (e entry) settle(unit string, micros int64) entry {
	e.standing, e.actualUnit, e.actual = settled, unit, micros
	return e
}

func (e entry) release() entry {
	if e.standing == reserved {
		e.standing = released
	}
	return e
}

// costOf reads what a provider said. Text that is no amount tells nothing, and
// what is finer than a millionth counts as a whole one.
func costOf(job kling.Job) (unit string, micros int64, told bool) {
	if job.Cost == nil || !validUnit(job.Cost.Unit) {
		return "", 0, false
	}
	micros, rest, err := decimal(job.Cost.Amount)
	if err != nil {
		return "", 0, false
	}
	if rest {
		micros++
	}
	return job.Cost.Unit, micros, true
}
