package ledger

import (
	"context"
	"slices"
	"strings"
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

// query is the page of at most size jobs behind the last one seen.
func (f Filter) query(last *kling.Job, size int) (string, []any) {
	var where []string
	var args []any
	add := func(condition string, values ...any) {
		where = append(where, condition)
		args = append(args, values...)
	}
	if states := slices.Compact(slices.Sorted(slices.Values(f.States))); len(states) == 1 {
		add("state = ?", string(states[0]))
	} else if len(states) > 1 {
		marks := strings.Repeat("?,", len(states))
		add("state IN (" + marks[:len(marks)-1] + ")")
		for _, state := range states {
			args = append(args, string(state))
		}
	}
	if f.Provider != "" {
		add("provider = ?", f.Provider)
	}
	if f.Key != "" {
		add("key = ?", f.Key)
	}
	if f.Batch != "" {
		add("batch = ? AND batch <> ''", f.Batch) // as in the index, to the letter
	}
	if f.Row != "" {
		add("row = ?", f.Row)
	}
	if !f.Since.IsZero() {
		add("created_at >= ?", f.Since.UnixMilli())
	}
	if f.Unsaved {
		add("unsaved > 0") // as in the index, to the letter
	}
	if last != nil {
		add("(created_at, id) < (?, ?)", last.CreatedAt.UnixMilli(), last.ID)
	}
	text := "SELECT " + columns + " FROM jobs"
	if len(where) > 0 {
		text += " WHERE " + strings.Join(where, " AND ")
	}
	return text + " ORDER BY created_at DESC, id DESC LIMIT ?", append(args, size)
}
