package ledger

import (
	"context"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

const (
	// maxShown is how many ids an ambiguous prefix is answered with.
	maxShown = 5

	// '~' sorts behind every character of an id.
	selectPrefix = "SELECT " + columns + " FROM jobs WHERE id >= ? AND id < ? ORDER BY id LIMIT 6"

	selectRef = "SELECT " + columns + ` FROM jobs WHERE task = ? AND provider = ? AND path = ?
		ORDER BY created_at DESC, id DESC LIMIT 1`

	selectDurations = `SELECT finished_at - submitted_at FROM jobs
		WHERE provider = ? AND model = ? AND seconds = ? AND state = 'succeeded' AND finished_at > submitted_at
		ORDER BY finished_at DESC LIMIT ?`
)

// Get reads the job with exactly this id; fault.NotFound when there is none.
func (s *Store) Get(ctx context.Context, id string) (kling.Job, error) {
	const op = "read a job from the ledger"
	jobs, err := s.query(ctx, op, selectJob, id)
	if err != nil {
		return kling.Job{}, err
	}
	if len(jobs) == 0 {
		return kling.Job{}, s.unknown(op, id)
	}
	return jobs[0], nil
}

// Find reads the only job whose id begins with a prefix of 4 characters or
// more. A malformed or ambiguous prefix is fault.Usage, naming up to 5 ids; an
// unknown one fault.NotFound.
func (s *Store) Find(ctx context.Context, prefix string) (kling.Job, error) {
	const op = "find a job"
	prefix = strings.ToLower(prefix)
	if !kling.ValidIDPrefix(prefix) {
		return kling.Job{}, &fault.Error{
			Kind: fault.Usage, Op: op, Subject: fault.SafeText(prefix),
			Detail: "it is no id: an id has 12 letters and digits, of which 4 are enough when no other job begins with them",
			Hint:   "klingctl jobs list shows what is remembered",
		}
	}
	jobs, err := s.query(ctx, op, selectPrefix, prefix, prefix+"~")
	if err != nil {
		return kling.Job{}, err
	}
	switch len(jobs) {
	case 0:
		return kling.Job{}, s.unknown(op, prefix)
	case 1:
		return jobs[0], nil
	}
	ids := make([]string, 0, maxShown+1)
	for _, job := range jobs[:min(len(jobs), maxShown)] {
		ids = append(ids, job.ID)
	}
	if len(jobs) > maxShown {
		ids = append(ids, "and more")
	}
	return kling.Job{}, &fault.Error{
		Kind: fault.Usage, Op: op, Subject: prefix, Detail: "several jobs begin with it: " + strings.Join(ids, ", "),
		Hint: "give more of the id",
	}
}

// FindRef reads the job of a task at a provider, the newest when a provider
// gave one task id to several.
func (s *Store) FindRef(ctx context.Context, ref kling.Ref) (kling.Job, bool, error) {
	if ref.Task == "" {
		return kling.Job{}, false, nil
	}
	jobs, err := s.query(ctx, "find a task", selectRef, ref.Task, ref.Provider, ref.Path)
	if err != nil || len(jobs) == 0 {
		return kling.Job{}, false, err
	}
	return jobs[0], true, nil
}

// Durations tells how long the last succeeded jobs of a model took from
// submission to the result, newest first.
func (s *Store) Durations(ctx context.Context, provider, model string, seconds, limit int) ([]time.Duration, error) {
	const op = "read past durations"
	rows, err := s.engine.query(ctx, selectDurations, provider, model, seconds, limit)
	if err != nil {
		return nil, s.fault(op, err)
	}
	defer func() { _ = rows.Close() }()
	var durations []time.Duration
	for rows.Next() {
		var took int64
		if err := rows.Scan(&took); err != nil {
			return nil, s.fault(op, err)
		}
		durations = append(durations, time.Duration(took)*time.Millisecond)
	}
	return durations, s.fault(op, rows.Err())
}

// query reads jobs through the pool and closes the statement's rows before it
// returns: an open one would hold up writers where there is no WAL.
func (s *Store) query(ctx context.Context, op, query string, args ...any) ([]kling.Job, error) {
	rows, err := s.engine.query(ctx, query, args...)
	if err != nil {
		return nil, s.fault(op, err)
	}
	defer func() { _ = rows.Close() }()
	var jobs []kling.Job
	for rows.Next() {
		var r row
		if err := rows.Scan(r.into()...); err != nil {
			return nil, s.fault(op, err)
		}
		job, err := s.decode(r)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, job)
	}
	return jobs, s.fault(op, rows.Err())
}
