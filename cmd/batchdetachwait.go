package cmd

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/ui"
)

// detachedCheck is how often the one who waits asks how a batch stands.
const detachedCheck = 2 * time.Second

// waitDetached waits until workers are through with a batch, and then tells how
// it went as batch run would.
func (a *app) waitDetached(ctx context.Context, service *job.Service, o *waitOptions, b ledger.Batch) error {
	queue, err := a.queue(ctx, false)
	if err != nil {
		return err
	}
	defer queue.Close()
	a.board = newBoard(nil, a.process.Now())
	ctx, stop := a.stream.bound(ctx)
	defer stop()
	if err := a.untilThrough(ctx, service, queue, b); err != nil {
		return err
	}
	a.endMeter()
	run, err := a.detachedRun(o, b)
	if err != nil {
		return err
	}
	files, err := a.openInTurn(ctx, run)
	if err != nil {
		return err
	}
	defer files.close()
	summary := batch.Summary{Ends: make(map[batch.End]int)}
	err = queue.Results(context.WithoutCancel(ctx), service, b.ID, func(r batch.Result) {
		summary.Ends[r.End]++
		summary.Rows++
		problem := a.rowProblem(ctx, r)
		a.stream.ended(r.Job, problem)
		files.write(batchRow(b.ID, r, problem))
	})
	if err != nil {
		return err
	}
	// What neither the ledger nor the queue knows of waits as well.
	if rest := b.Rows - summary.Rows; rest > 0 {
		summary.Ends[batch.Waiting] += rest
		summary.Rows = b.Rows
	}
	if err := files.err(); err != nil {
		return err
	}
	return a.showBatch(ctx, run, files, summary)
}

// detachedRun is a detached batch as if this process had carried it. Where the
// folder of its videos is not to be seen, what is told of them goes into a
// folder here: the other must not come to be by that.
func (a *app) detachedRun(o *waitOptions, b ledger.Batch) (*batchRun, error) {
	saving := o.saveOptions
	saving.output = b.Output
	output, err := job.ParseOutput(b.Output)
	if err != nil {
		return nil, err
	}
	if info, missing := os.Stat(output.Folder()); missing != nil || !info.IsDir() {
		saving.output = filepath.Join(a.process.Folder, job.SafeName(b.ID)) + string(filepath.Separator)
		if output, err = job.ParseOutput(saving.output); err != nil {
			return nil, err
		}
		a.notice("the folder of the batch is not on this machine: results.jsonl and errors.jsonl go to " + a.shown(output.Folder()))
	}
	return &batchRun{id: b.ID, output: output, source: b.Source, absolute: b.Output, o: &batchOptions{saveOptions: saving}}, nil
}

// openInTurn opens the files of a batch once nobody else writes them: all who
// wait for it come to this at the same time.
func (a *app) openInTurn(ctx context.Context, run *batchRun) (*batchFiles, error) {
	ticker := time.NewTicker(detachedCheck / 10)
	defer ticker.Stop()
	for {
		files, err := a.openBatchFiles(run)
		if !fault.Is(err, fault.Held) {
			return files, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-ticker.C:
		}
	}
}

// untilThrough waits until nothing of a batch is left to do, or the context is
// done.
func (a *app) untilThrough(ctx context.Context, service *job.Service, queue *batch.Queue, b ledger.Batch) error {
	ticker := time.NewTicker(detachedCheck)
	defer ticker.Stop()
	for {
		through, err := a.through(ctx, service, queue, b)
		switch {
		case ctx.Err() != nil:
			return nil // told by the summary
		case err != nil || through:
			return err
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// through asks the ledger and the queue how a batch stands, and shows it.
func (a *app) through(ctx context.Context, service *job.Service, queue *batch.Queue, b ledger.Batch) (bool, error) {
	// The queue first: what leaves it stands in the ledger by then.
	left, err := queue.Left(ctx, b.ID)
	if err != nil {
		return false, err
	}
	counts, err := service.Standing(ctx, b.ID)
	if err != nil {
		return false, err
	}
	a.progress().Tally(ui.Tally{
		Total: b.Rows, Since: a.process.Now(), Queued: counts[kling.Queued], Running: counts[kling.Running],
		Done: counts[kling.Succeeded], Failed: counts[kling.Failed] + counts[kling.Refused] + counts[kling.Lost] + counts[kling.Unknown],
	})
	open := counts[kling.Submitting] + counts[kling.Queued] + counts[kling.Running]
	if left || open > 0 {
		return false, nil
	}
	return queue.Saved(ctx, service, b.ID)
}
