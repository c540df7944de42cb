package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// Pace is how fast creates may go to one provider. A zero value limits
// nothing.
type Pace struct {
	// Count creates at most in any span of Per. Both or neither.
	Count int
	Per   time.Duration
	// InFlight jobs at most that are submitting, queued, running or unknown.
	InFlight int
	// Younger is the age at which the provider has given up: jobs intended
	// longer ago do not count as in flight.
	Younger time.Duration
}

// maxSlowDown bounds what a provider can ask for, and tells a time that was
// set by a wrong clock.
const maxSlowDown = 24 * time.Hour

// maxRecent bounds the row: a pace with more creates than this is kept as the
// same rate over a shorter span, which implies the longer one.
const maxRecent = 100

const (
	selectPace = "SELECT not_before, recent FROM pace WHERE provider = ? AND sandbox = ?"

	upsertPace = `INSERT INTO pace (provider, sandbox, not_before, recent) VALUES (?, ?, ?, ?)
		ON CONFLICT (provider, sandbox) DO UPDATE SET not_before = excluded.not_before, recent = excluded.recent`
)

// window is what is remembered of a provider's recent creates. It keeps their
// times rather than one theoretical arrival time: that alone lets the first
// ones go at once and still never lets one too many into any span.
type window struct {
	notBefore sql.NullInt64
	recent    []int64
}

// take reports how long a create must wait, or the window with it inside.
func (w window) take(now time.Time, pace Pace) (window, time.Duration) {
	at := now.UnixMilli()
	if w.notBefore.Valid {
		left := w.notBefore.Int64 - at
		if left > 0 && left <= maxSlowDown.Milliseconds() {
			return w, time.Duration(left) * time.Millisecond
		}
	}
	w.notBefore = sql.NullInt64{}
	if pace.Count <= 0 || pace.Per <= 0 {
		return w, 0
	}
	count, span := narrow(pace)
	recent := make([]int64, 0, count)
	for _, then := range w.recent {
		// A time ahead of now comes from a clock that was set back.
		if then = min(then, at); at-then < span {
			recent = append(recent, then)
		}
	}
	if over := len(recent) - count; over >= 0 {
		return w, time.Duration(recent[over]+span-at) * time.Millisecond
	}
	w.recent = append(recent, at)
	return w, 0
}

// narrow gives the count and the span in milliseconds that are enforced.
func narrow(pace Pace) (count int, span int64) {
	parts := (pace.Count + maxRecent - 1) / maxRecent
	part := time.Duration(parts) * time.Millisecond
	return pace.Count / parts, int64((pace.Per + part - 1) / part)
}

func (t tx) loadPace(provider string, sandbox bool) (window, error) {
	var w window
	recent := ""
	err := t.row(selectPace, []any{provider, flag(sandbox)}, &w.notBefore, &recent)
	if errors.Is(err, sql.ErrNoRows) {
		return window{}, nil
	}
	if err != nil {
		return window{}, err
	}
	if json.Unmarshal([]byte(recent), &w.recent) != nil {
		w.recent = nil // worth no refusal: it is filled again at once
	}
	return w, nil
}

func (t tx) savePace(provider string, sandbox bool, w window) error {
	if w.recent == nil {
		w.recent = []int64{}
	}
	recent, err := json.Marshal(w.recent)
	if err != nil {
		return err
	}
	return t.exec(upsertPace, provider, flag(sandbox), w.notBefore, string(recent))
}

// SlowDown keeps every process from creating at a provider before now plus
// until: what a busy answer asks for, at most a day. It never shortens what
// was asked before.
func (s *Store) SlowDown(ctx context.Context, provider string, sandbox bool, now time.Time, until time.Duration) error {
	const op = "slow down a provider"
	if until <= 0 {
		return nil
	}
	later := now.Add(min(until, maxSlowDown)).UnixMilli()
	return s.decide(ctx, op, func(t tx) error {
		w, err := t.loadPace(provider, sandbox)
		if err != nil {
			return s.fault(op, err)
		}
		ahead := w.notBefore.Int64 - now.UnixMilli()
		if w.notBefore.Valid && w.notBefore.Int64 >= later && ahead <= maxSlowDown.Milliseconds() {
			return nil
		}
		w.notBefore = sql.NullInt64{Int64: later, Valid: true}
		return s.fault(op, t.savePace(provider, sandbox, w))
	})
}
