package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

// Batch is one batch, beside its jobs, which name it.
type Batch struct {
	ID string
	// Sandbox marks a batch of the offline emulator.
	Sandbox bool
	// Source is what it reads and Output where it writes, as the user says it.
	Source, Output string
	// Rows is how many rows its last run was given.
	Rows int
	// Options are what a worker needs to know to carry a row, as JSON; nil for
	// a batch that no worker carries.
	Options []byte
	// CreatedAt is when it was first begun, BegunAt when last.
	CreatedAt, BegunAt time.Time
	// CancelledAt is when it was told to buy no more; the zero time where it
	// was not.
	CancelledAt time.Time
}

const (
	batchColumns = "id, sandbox, source, output, total, options, created_at, begun_at, cancelled_at"

	upsertBatch = "INSERT INTO batches (" + batchColumns + `) VALUES (?,?,?,?,?,?,?,?,NULL)
		ON CONFLICT (id) DO UPDATE SET sandbox = excluded.sandbox, source = excluded.source, output = excluded.output,
		total = excluded.total, options = excluded.options, begun_at = excluded.begun_at, cancelled_at = NULL`

	selectBatch   = "SELECT " + batchColumns + " FROM batches WHERE id = ?"
	selectBatches = "SELECT " + batchColumns + " FROM batches ORDER BY begun_at DESC, id DESC LIMIT ?"
	cancelBatch   = "UPDATE batches SET cancelled_at = ? WHERE id = ?"
)

var errNoBatch = errors.New("a batch needs an id")

// BeginBatch remembers that a batch begins, or goes on. One that was cancelled
// is so no more.
func (s *Store) BeginBatch(ctx context.Context, b Batch, now time.Time) error {
	const op = "begin a batch"
	if b.ID == "" {
		return s.fault(op, errNoBatch)
	}
	return s.change(ctx, op, func(t tx) error {
		return s.fault(op, t.exec(upsertBatch, b.ID, flag(b.Sandbox), b.Source, b.Output, b.Rows, text(b.Options),
			now.UnixMilli(), now.UnixMilli()))
	})
}

// CancelBatch tells whoever carries a batch to buy no more. An unknown id is
// fault.NotFound.
func (s *Store) CancelBatch(ctx context.Context, id string, now time.Time) (Batch, error) {
	const op = "cancel a batch"
	var b Batch
	err := s.change(ctx, op, func(t tx) error {
		found, err := t.query(selectBatch, id)
		if err != nil {
			return s.fault(op, err)
		}
		if b, err = s.oneBatch(op, id, found); err != nil {
			return err
		}
		b.CancelledAt = time.UnixMilli(now.UnixMilli()).UTC()
		return s.fault(op, t.exec(cancelBatch, now.UnixMilli(), id))
	})
	return b, err
}

// Batch reads one batch; an unknown id is fault.NotFound.
func (s *Store) Batch(ctx context.Context, id string) (Batch, error) {
	const op = "find a batch"
	found, err := s.engine.query(ctx, selectBatch, id)
	if err != nil {
		return Batch{}, s.fault(op, err)
	}
	return s.oneBatch(op, id, found)
}

// Batches reads the batches that were begun last, at most limit.
func (s *Store) Batches(ctx context.Context, limit int) ([]Batch, error) {
	const op = "list the batches"
	found, err := s.engine.query(ctx, selectBatches, limit)
	if err != nil {
		return nil, s.fault(op, err)
	}
	defer func() { _ = found.Close() }()
	var all []Batch
	for found.Next() {
		b, err := scanBatch(found)
		if err != nil {
			return nil, s.fault(op, err)
		}
		all = append(all, b)
	}
	return all, s.fault(op, found.Err())
}

// oneBatch reads the only row of a cursor, and closes it.
func (s *Store) oneBatch(op, id string, found cursor) (Batch, error) {
	defer func() { _ = found.Close() }()
	if !found.Next() {
		if err := found.Err(); err != nil {
			return Batch{}, s.fault(op, err)
		}
		return Batch{}, &fault.Error{
			Kind: fault.NotFound, Op: op, Subject: fault.SafeText(id), Detail: "there is no such batch in the ledger",
			Hint: "klingctl batch list shows what is remembered",
		}
	}
	b, err := scanBatch(found)
	if err != nil {
		return Batch{}, s.fault(op, err)
	}
	return b, s.fault(op, found.Close())
}

func scanBatch(found cursor) (Batch, error) {
	var b Batch
	var options sql.NullString
	var created, begun, cancelled sql.NullInt64
	err := found.Scan(&b.ID, &b.Sandbox, &b.Source, &b.Output, &b.Rows, &options, &created, &begun, &cancelled)
	b.Options = raw(options)
	b.CreatedAt, b.BegunAt, b.CancelledAt = moment(created), moment(begun), moment(cancelled)
	return b, err
}
