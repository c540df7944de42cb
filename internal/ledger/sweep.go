package ledger

import (
	"context"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// grace is how long past its deadline a create is still left alone.
const grace = 5 * time.Second

// draftAge is how old an untouched draft must be before it may be deleted.
const draftAge = time.Hour

// A row that was made submitting by another way than Intend has no deadline.
const selectStale = "SELECT " + columns + ` FROM jobs
	WHERE state = 'submitting' AND COALESCE(create_deadline, updated_at, created_at) < ? ORDER BY created_at, id`

// Sweep makes unknown what has been submitting for more than 5 seconds past
// the deadline of its create: the process that would have told the outcome is
// gone. It returns these jobs. With nothing to do it is one look at an index.
func (s *Store) Sweep(ctx context.Context, now time.Time) ([]kling.Job, error) {
	const op = "look for creates that nobody finished"
	before := now.Add(-grace)
	stale, err := s.query(ctx, op, selectStale, before.UnixMilli())
	if err != nil || len(stale) == 0 {
		return nil, err
	}
	var swept []kling.Job
	for _, job := range stale {
		left := false
		job, err := s.Update(ctx, job.ID, now, func(job kling.Job) (kling.Job, error) {
			if left = abandoned(job, before); left {
				job.State = kling.Unknown
				job.Message = "the process ended while the request was on its way"
			}
			return job, nil
		})
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return swept, err
		}
		if left {
			swept = append(swept, job)
		}
	}
	return swept, nil
}

// abandoned says again what selectStale says, of the row as it is now.
func abandoned(job kling.Job, before time.Time) bool {
	deadline := job.CreateDeadline
	if deadline.IsZero() {
		deadline = job.UpdatedAt
	}
	if deadline.IsZero() {
		deadline = job.CreatedAt
	}
	return job.State == kling.Submitting && deadline.Before(before)
}

// Delete forgets a job that is over, or a draft that nobody touched for an
// hour. Any other is fault.Held, an unknown id fault.NotFound.
func (s *Store) Delete(ctx context.Context, id string) error {
	const op = "delete a job from the ledger"
	return s.change(ctx, op, func(t tx) error {
		_, job, err := s.load(t, op, id)
		if err != nil {
			return err
		}
		touched := job.UpdatedAt
		if touched.IsZero() {
			touched = job.CreatedAt
		}
		old := job.State == kling.Draft && time.Since(touched) > draftAge
		if !job.State.Terminal() && !old {
			return &fault.Error{
				Kind: fault.Held, Op: op, Subject: id, Job: id,
				Detail: "the job is " + string(job.State) + "; only what is over can be forgotten, and drafts older than an hour",
				Hint:   "klingctl wait " + id,
			}
		}
		return s.fault(op, t.forget(id))
	})
}

// Drop forgets a draft at once. It is for who made the draft and was held
// back: nobody else can tell that it is not about to be sent. A job that is no
// draft is fault.Held, an unknown id fault.NotFound.
func (s *Store) Drop(ctx context.Context, id string) error {
	const op = "drop a draft from the ledger"
	return s.change(ctx, op, func(t tx) error {
		_, job, err := s.load(t, op, id)
		if err != nil {
			return err
		}
		if job.State != kling.Draft {
			return &fault.Error{
				Kind: fault.Held, Op: op, Subject: id, Job: id,
				Detail: "the job is " + string(job.State) + ", no draft any more",
				Hint:   "klingctl status " + id,
			}
		}
		return s.fault(op, t.forget(id))
	})
}

// forget removes a job. What it cost stays in the book of spending.
func (t tx) forget(id string) error {
	for _, query := range []string{
		"DELETE FROM events WHERE job = ?",
		"DELETE FROM jobs WHERE id = ?",
		"DELETE FROM spend WHERE job = ? AND standing = 'released'", // it is in no sum
	} {
		if err := t.exec(query, id); err != nil {
			return err
		}
	}
	return nil
}
