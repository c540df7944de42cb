package ledger

import (
	"context"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

// Event is one line of a job's story: what it became, and when.
type Event struct {
	// At is when the ledger was told.
	At time.Time
	// State is the state from then on, Word the provider's word for it.
	State kling.State
	// Word and Message are those of the job at that time.
	Word, Message string
}

const (
	insertEvent = `INSERT INTO events (job, seq, at, state, word, message)
		SELECT ?, COALESCE(MAX(seq), 0) + 1, ?, ?, ?, ? FROM events WHERE job = ?`

	selectEvents = "SELECT at, state, word, message FROM events WHERE job = ? ORDER BY seq"
)

// note adds the event that a job is now as it is.
func (t tx) note(at time.Time, job kling.Job) error {
	return t.exec(insertEvent, job.ID, at.UnixMilli(), string(job.State), job.Word, job.Message, job.ID)
}

// Events tells the story of a job, oldest first; none for an unknown id.
func (s *Store) Events(ctx context.Context, id string) ([]Event, error) {
	const op = "read the events of a job"
	rows, err := s.engine.query(ctx, selectEvents, id)
	if err != nil {
		return nil, s.fault(op, err)
	}
	defer func() { _ = rows.Close() }()
	var events []Event
	for rows.Next() {
		var at int64
		var event Event
		if err := rows.Scan(&at, &event.State, &event.Word, &event.Message); err != nil {
			return nil, s.fault(op, err)
		}
		event.At = time.UnixMilli(at).UTC()
		events = append(events, event)
	}
	return events, s.fault(op, rows.Err())
}
