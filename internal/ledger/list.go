package ledger

import (
	"context"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

// page is how many jobs are held at once while all are walked through.
const page = 200

// Filter chooses jobs; its zero value chooses all.
type Filter struct {
	// States, any of them; none means every state.
	States []kling.State
	// Provider by its configured name; Key, Batch and Row as in kling.Job, Row
	// only beside Batch.
	Provider, Key, Batch, Row string
	// Since is the earliest creation.
	Since time.Time
	// Limit bounds the answer, 0 does not.
	Limit int
	// Unsaved leaves only succeeded jobs with artifacts not on disk.
	Unsaved bool
}

// List reads the chosen jobs, newest first.
func (s *Store) List(ctx context.Context, f Filter) ([]kling.Job, error) {
	var jobs []kling.Job
	err := s.Each(ctx, f, func(job kling.Job) error {
		jobs = append(jobs, job)
		return nil
	})
	return jobs, err
}

// Each hands the chosen jobs to do, newest first, and stops at its first
// error, which it returns as it is. No more than a page of jobs is in memory,
// and no lock is held while do runs: it may change the ledger. A job added
// meanwhile is not seen.
func (s *Store) Each(ctx context.Context, f Filter, do func(kling.Job) error) error {
	const op = "list the jobs of the ledger"
	var last *kling.Job
	for left := f.Limit; ; {
		size := page
		if f.Limit > 0 {
			size = min(page, left)
		}
		text, args := f.query(last, size)
		jobs, err := s.query(ctx, op, text, args...)
		if err != nil {
			return err
		}
		for _, job := range jobs {
			if err := do(job); err != nil {
				return err
			}
		}
		left -= len(jobs)
		if len(jobs) < size || f.Limit > 0 && left <= 0 {
			return nil
		}
		last = &jobs[len(jobs)-1]
	}
}

// Counts tells how many of the chosen jobs are in each state; one that nobody
// is in is missing. Limit does not bound it. For a batch and for all jobs it is
// answered from an index.
func (s *Store) Counts(ctx context.Context, f Filter) (map[kling.State]int, error) {
	const op = "count the jobs of the ledger"
	query, args := f.counting()
	found, err := s.engine.query(ctx, query, args...)
	if err != nil {
		return nil, s.fault(op, err)
	}
	defer func() { _ = found.Close() }()
	counts := make(map[kling.State]int)
	for found.Next() {
		var state kling.State
		count := 0
		if err := found.Scan(&state, &count); err != nil {
			return nil, s.fault(op, err)
		}
		counts[state] = count
	}
	return counts, s.fault(op, found.Err())
}
