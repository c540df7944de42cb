package ledger

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

// Guard holds a create back while an equal one is open, or was a short time
// ago: a job with the same key that is submitting, queued, running or unknown,
// or that succeeded, failed or was lost within the window. What was refused
// never existed, and a draft may never be sent: neither holds anything.
type Guard struct {
	// Off buys again on purpose.
	Off bool
	// Window is how long after its end a job still holds its equals; 0 lets
	// them go at once.
	Window time.Duration
}

// An open twin is told before one that is over: it can be waited for.
const selectTwin = "SELECT " + columns + ` FROM jobs
	WHERE key = ? AND key <> '' AND sandbox = ? AND id <> ? AND (
		state IN ('submitting', 'queued', 'running', 'unknown') OR
		state IN ('succeeded', 'failed', 'lost') AND COALESCE(finished_at, updated_at, created_at) > ?)
	ORDER BY state IN ('succeeded', 'failed', 'lost'), created_at DESC, id DESC LIMIT 1`

// Twin answers early what the guard of Intend decides for good: it reads the
// job that would hold this one, nil when there is none. The job need not be in
// the ledger. A job without a key has no twin.
func (s *Store) Twin(ctx context.Context, job kling.Job, window time.Duration, now time.Time) (*kling.Job, error) {
	found, err := s.query(ctx, "look for an equal job", selectTwin, twinOf(job, window, now)...)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func (s *Store) twin(t tx, op string, job kling.Job, window time.Duration, now time.Time) (*kling.Job, error) {
	var r row
	err := t.row(selectTwin, twinOf(job, window, now), r.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, s.fault(op, err)
	}
	found, err := s.decode(r)
	if err != nil {
		return nil, err
	}
	return &found, nil
}

// twinOf are the arguments of selectTwin.
func twinOf(job kling.Job, window time.Duration, now time.Time) []any {
	after := int64(math.MaxInt64)
	if window > 0 {
		after = now.Add(-window).UnixMilli()
	}
	return []any{job.Key, flag(job.Sandbox), job.ID, after}
}
