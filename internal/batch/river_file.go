package batch

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/riverqueue/river"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

// fileWorker saves the files of a job that has succeeded.
type fileWorker struct {
	river.WorkerDefaults[fileArgs]
	*worker
}

// NextRetry implements river.Worker.
func (w *fileWorker) NextRetry(r *river.Job[fileArgs]) time.Time { return w.retryAt(r.Attempt) }

// Work implements river.Worker. A download that was cut goes on where it
// stopped.
func (w *fileWorker) Work(ctx context.Context, r *river.Job[fileArgs]) error {
	desk, err := w.deskOf(ctx, r.Args.Batch)
	if err != nil {
		return err
	}
	if err := shared(desk.Output); err != nil {
		return w.tried(ctx, Unsaved, err)
	}
	j, err := w.service.Ledger.Get(ctx, r.Args.Job)
	if err != nil {
		return err
	}
	saved, _, err := w.service.Step(ctx, j, job.Work{Output: desk.Output})
	if err == nil && desk.Saved != nil {
		err = desk.Saved(ctx, saved)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return w.tried(ctx, Unsaved, err)
}

// shared refuses to save beside the folder that the machines share: batch run
// has made it, so where it is missing it is not mounted.
func shared(output job.Output) error {
	folder := output.Folder()
	if folder == "" {
		return nil
	}
	if _, err := os.Stat(folder); err != nil {
		return &fault.Error{
			Kind: fault.Download, Op: "save to", Subject: folder, Charged: fault.Charged, Err: err,
			Detail: "this worker does not see the folder of the batch",
			Hint:   "mount the folder that the machines share under the same path everywhere",
		}
	}
	return nil
}

// saveLater has the files of the jobs that have succeeded saved by any worker.
// Jobs of batches that no workers carry are left out.
func (w *worker) saveLater(ctx context.Context, jobs ...kling.Job) error {
	rounds := map[string]int64{}
	var params []river.InsertManyParams
	for _, j := range jobs {
		if j.State != kling.Succeeded {
			continue
		}
		round, known := rounds[j.Batch]
		if !known {
			desk, err := w.deskOf(ctx, j.Batch)
			if err != nil {
				return err
			}
			if round = desk.round; desk.Order == nil {
				round = -1
			}
			rounds[j.Batch] = round
		}
		if round >= 0 {
			params = append(params, river.InsertManyParams{
				Args:       fileArgs{Job: j.ID, Batch: j.Batch, Round: round},
				InsertOpts: &river.InsertOpts{Queue: fileQueue, Metadata: ofBatch(j.Batch)},
			})
		}
	}
	if len(params) == 0 {
		return nil
	}
	_, err := w.queue.client.InsertMany(ctx, params)
	return queueFault("queue the files", err)
}
