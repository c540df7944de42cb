package batch

import (
	"context"
	"encoding/json"

	"github.com/riverqueue/river"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

// inserted is how many rows go into the queue in one transaction.
const inserted = 1000

// Queued is what Add came to, in rows.
type Queued struct {
	// Added are in the queue since now, There were in it before, Over need
	// nothing any more.
	Added, There, Over int
}

// Add puts the rows of a batch into the queue that Run would still work on.
func (q *Queue) Add(ctx context.Context, service *job.Service, o Options) (Queued, error) {
	known, err := standings(ctx, service, o.ID)
	if err != nil {
		return Queued{}, err
	}
	c := newCarrier(service, o, known)
	var sum Queued
	var params []river.InsertManyParams
	for i, row := range o.Rows {
		instead, over := c.wanted(ctx, i)
		if over {
			sum.Over++
		} else {
			if row.Provider == "" {
				row.Provider = o.Lane(row) // a worker with other keys must not choose anew
			}
			says, err := encodeRow(row)
			if err != nil {
				return sum, &fault.Error{Kind: fault.Usage, Op: "queue the row", Subject: fault.SafeText(row.ID), Charged: fault.NotCharged, Err: err}
			}
			params = append(params, river.InsertManyParams{
				Args:       rowArgs{Batch: o.ID, ID: row.ID, Row: says, Instead: instead},
				InsertOpts: &river.InsertOpts{Queue: queueOf(o.Lane(row)), Metadata: ofBatch(o.ID)},
			})
		}
		if len(params) == inserted || i == len(o.Rows)-1 {
			if err := q.insert(ctx, params, &sum); err != nil {
				return sum, err
			}
			params = params[:0]
		}
	}
	return sum, nil
}

// wanted reports a row that needs nothing any more, else the job that another
// one may follow.
func (c *carrier) wanted(ctx context.Context, i int) (instead string, over bool) {
	have := c.known[i]
	switch {
	case have.over():
		return have.id, !c.RetryFailed
	case have.state == kling.Succeeded && c.RedoChanged && c.changed(ctx, i):
		return have.id, false
	}
	return "", have.saved
}

func (q *Queue) insert(ctx context.Context, params []river.InsertManyParams, sum *Queued) error {
	if len(params) == 0 {
		return nil
	}
	results, err := q.client.InsertMany(ctx, params)
	if err != nil {
		return queueFault("queue the rows", err)
	}
	for i, result := range results {
		if !result.UniqueSkippedAsDuplicate {
			sum.Added++
			continue
		}
		again, err := q.replace(ctx, result.Job.ID, result.Job.EncodedArgs, params[i])
		if err != nil {
			return err
		}
		if again {
			sum.Added++
		} else {
			sum.There++
		}
	}
	return nil
}

// replace puts a row that was changed in the place of what waits of it. One
// that a worker has in hand stays as it is.
func (q *Queue) replace(ctx context.Context, id int64, encoded []byte, params river.InsertManyParams) (bool, error) {
	asked, ok := params.Args.(rowArgs)
	var have rowArgs
	if readable := ok && json.Unmarshal(encoded, &have) == nil; !readable || same(have, asked) {
		return false, nil
	}
	// No row comes back where it is being worked on, or is over.
	if gone, _ := q.client.JobDelete(ctx, id); gone == nil {
		return false, nil
	}
	_, err := q.client.Insert(ctx, params.Args, params.InsertOpts)
	return err == nil, queueFault("queue the rows", err)
}

// same compares what rows say: a database stores keys in an order of its own.
func same(a, b rowArgs) bool {
	x, err := decodeRow(a.Row)
	y, yErr := decodeRow(b.Row)
	if err != nil || yErr != nil || a.Instead != b.Instead {
		return false
	}
	left, err := json.Marshal(x)
	right, yErr := json.Marshal(y)
	return err == nil && yErr == nil && string(left) == string(right)
}
