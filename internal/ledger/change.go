package ledger

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

const (
	selectJob = "SELECT " + columns + " FROM jobs WHERE id = ?"

	insertJob = "INSERT INTO jobs (" + columns + `, unsaved, begun_at)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO NOTHING`

	updateJob = `UPDATE jobs SET id = ?, provider = ?, path = ?, task = ?, model = ?, kind = ?, sandbox = ?,
		prompt = ?, key = ?, external_id = ?, request = ?, settings = ?, seconds = ?, state = ?, word = ?,
		code = ?, message = ?, request_id = ?, cost = ?, artifacts = ?, created_at = ?, updated_at = ?,
		submitted_at = ?, finished_at = ?, create_deadline = ?, batch = ?, row = ?, unsaved = ? WHERE id = ?`
)

var (
	errIdentity = errors.New("the id and the time of creation of a job cannot change")
	errSameID   = errors.New("there is a job with this id")
)

// Add stores a new job, normally a draft, and its first event.
func (s *Store) Add(ctx context.Context, job kling.Job) error {
	const op = "add a job to the ledger"
	r, err := encode(job)
	if err != nil {
		return s.fault(op, err)
	}
	return s.change(ctx, op, func(t tx) error {
		return s.fault(op, t.add(r, job))
	})
}

// AddAll stores many new jobs and their first events, a few hundred in each
// transaction. The first job that cannot be stored ends it: of the jobs of that
// transaction none is there, those of the ones before are.
func (s *Store) AddAll(ctx context.Context, jobs []kling.Job) error {
	const op = "add jobs to the ledger"
	for chunk := range slices.Chunk(jobs, maxGroup) {
		rows := make([]row, len(chunk))
		for i, job := range chunk {
			var err error
			if rows[i], err = encode(job); err != nil {
				return s.fault(op, err)
			}
		}
		err := s.change(ctx, op, func(t tx) error {
			for i, job := range chunk {
				if err := t.add(rows[i], job); err != nil {
					return s.fault(op, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (t tx) add(r row, job kling.Job) error {
	var begun sql.NullInt64
	if job.State != kling.Draft {
		begun = millis(job.CreatedAt)
	}
	added, err := t.on.exec(t.ctx, insertJob, append(r.values(), unsaved(job), begun)...)
	if err != nil {
		return err
	}
	if added == 0 {
		return errSameID
	}
	return t.note(job.CreatedAt, job)
}

// Update applies a pure function to a job and stores what it gives, both under
// a lock that all processes share; where that has to be tried again, the
// function is called again, with the job as it then is. A result that differs
// in nothing but UpdatedAt writes nothing; else UpdatedAt becomes now, and a
// change of state, word or message adds an event. The id and the time of
// creation may not change. An error of the function leaves the row as it was
// and is returned as it is; an unknown id is fault.NotFound. The job returned is
// the one stored, its times cut to milliseconds.
//
// A context that ends before the change began prevents it; afterwards the
// change is finished. Who must save something gives context.WithoutCancel.
func (s *Store) Update(ctx context.Context, id string, now time.Time, change func(kling.Job) (kling.Job, error)) (kling.Job, error) {
	const op = "update a job in the ledger"
	var stored kling.Job
	err := s.change(ctx, op, func(t tx) error {
		before, job, err := s.load(t, op, id)
		if err != nil {
			return err
		}
		next, err := change(job)
		if err != nil {
			return err
		}
		stored, err = s.replace(t, op, before, next, now)
		return err
	})
	if err != nil {
		return kling.Job{}, err
	}
	return stored, nil
}

// load reads the row of a job inside a transaction.
func (s *Store) load(t tx, op, id string) (row, kling.Job, error) {
	var r row
	if err := t.keep(selectJob, []any{id}, r.into()...); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return row{}, kling.Job{}, s.unknown(op, id)
		}
		return row{}, kling.Job{}, s.fault(op, err)
	}
	job, err := s.decode(r)
	return r, job, err
}

// replace writes the next version of a row where it differs, and what follows
// from it for the money.
func (s *Store) replace(t tx, op string, before row, next kling.Job, now time.Time) (kling.Job, error) {
	after, err := encode(next)
	if err != nil {
		return kling.Job{}, s.fault(op, err)
	}
	if after.id != before.id || after.created != before.created {
		return kling.Job{}, s.fault(op, errIdentity)
	}
	after.updated = before.updated
	if after != before {
		after.updated = millis(now)
		if err := t.exec(updateJob, append(after.values(), unsaved(next), after.id)...); err != nil {
			return kling.Job{}, s.fault(op, err)
		}
	}
	if after.state != before.state || after.word != before.word || after.message != before.message {
		if err := t.note(now, next); err != nil {
			return kling.Job{}, s.fault(op, err)
		}
	}
	if after.state != before.state || after.cost != before.cost {
		if err := t.follow(next, now); err != nil {
			return kling.Job{}, s.fault(op, err)
		}
	}
	return s.decode(after)
}

// unknown is the fault of an id that is not in the ledger.
func (s *Store) unknown(op, id string) error {
	return &fault.Error{
		Kind: fault.NotFound, Op: op, Subject: fault.SafeText(id), Detail: "there is no such job in the ledger",
		Hint: "klingctl jobs list shows what is remembered",
	}
}
