package cmd

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// batchRun is one run of a batch.
type batchRun struct {
	o      *batchOptions
	id     string
	rows   []batch.Row
	desk   *desk
	output job.Output
	// source and absolute are where it reads and writes, from the root.
	source, absolute string
}

// runBatch carries a batch, or says what that would come to.
func (a *app) runBatch(ctx context.Context, o *batchOptions, source string) error {
	if err := a.answer.check(a.global.json, true, true); err != nil {
		return err
	}
	if err := o.check(); err != nil {
		return err
	}
	until, err := parseDeadline(o.deadline, a.process.Now())
	if err != nil {
		return err
	}
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	if !until.IsZero() {
		var end context.CancelFunc
		ctx, end = context.WithDeadline(ctx, until)
		defer end()
	}
	run, err := a.readBatch(o, source)
	if err != nil {
		return err
	}
	service, err := a.service(ctx)
	if err != nil {
		return err
	}
	if o.dryRun {
		return a.planBatch(ctx, service, run)
	}
	if o.detach {
		return a.detachBatch(ctx, service, run, until)
	}
	a.openStream(ctx)
	return a.carryBatch(ctx, service, run)
}

// readBatch reads the rows and settles what is the same for all of them.
func (a *app) readBatch(o *batchOptions, source string) (*batchRun, error) {
	settings, err := a.config()
	if err != nil {
		return nil, err
	}
	if source == "-" && a.process.InTTY {
		return nil, usageFault("read the batch", "standard input is a terminal; pipe the rows in, or name a folder or a file", "")
	}
	shard, err := a.shardOf(o.shard)
	if err != nil {
		return nil, err
	}
	output, err := o.parse(settings.Output)
	if err != nil {
		return nil, err
	}
	manifest, err := batch.Read(source, a.process.Folder, a.process.In)
	if err != nil {
		return nil, err
	}
	if err := oneForAll(output, len(manifest.Rows)); err != nil {
		return nil, err
	}
	run := &batchRun{o: o, output: output, source: manifest.Source, rows: shard.Rows(manifest.Rows)}
	run.absolute, err = filepath.Abs(output.String())
	if err != nil {
		return nil, &fault.Error{Kind: fault.Local, Op: "find the folder of -o", Err: err}
	}
	run.id = batch.ID(o.name, manifest.Source, run.absolute)
	if manifest.Defaults != "" && o.request.from == "" {
		a.notice("taking defaults from " + a.shown(manifest.Defaults))
	}
	if shard.Count > 1 && o.shard == "" {
		a.notice("carrying one part of the rows, as the environment says: " + shard.String() + "; --shard 1/1 takes all")
	}
	run.desk, err = a.newDesk(o, manifest.Defaults)
	return run, err
}

// carryBatch does the work.
func (a *app) carryBatch(ctx context.Context, service *job.Service, run *batchRun) error {
	now := a.process.Now()
	files, err := a.openBatchFiles(run)
	if err != nil {
		return err
	}
	defer files.close()
	err = service.Ledger.BeginBatch(ctx, ledger.Batch{
		ID: run.id, Sandbox: a.settings.Sandbox, Source: run.source, Output: run.absolute, Rows: len(run.rows),
	}, now)
	if err != nil {
		return err
	}
	a.board = newBoard(nil, now)
	a.board.tally.Total = len(run.rows)
	a.board.begin(a)
	ctx, stop := a.stream.bound(ctx)
	defer stop()
	e := run.o.errand(run.output)
	summary, err := batch.Run(ctx, service, batch.Options{
		ID: run.id, Rows: run.rows, Lane: run.desk.lane, Room: run.desk.room, Order: run.desk.order,
		Output: run.output, Parallel: run.o.parallel, Interval: a.pace(run.o.interval),
		RetryFailed: run.o.retryFailed, RedoChanged: run.o.redoChanged, MaxFailures: run.o.maxFailures,
		Ended: func(r batch.Result) { a.rowEnded(ctx, files, r) },
		Saved: func(ctx context.Context, j kling.Job) error { return a.afterSave(ctx, j, e) },
		Notice: func(row batch.Row, text string) {
			a.notice(fault.SafeText(row.ID) + ": " + text)
		},
		Cancelled: func(ctx context.Context) bool {
			b, err := service.Ledger.Batch(ctx, run.id)
			return err == nil && !b.CancelledAt.IsZero()
		},
	})
	if err != nil {
		return err
	}
	if err := files.err(); err != nil {
		return err
	}
	return a.showBatch(ctx, run, files, summary)
}

// rowEnded tells of a row, everywhere.
func (a *app) rowEnded(ctx context.Context, files *batchFiles, r batch.Result) {
	problem := a.rowProblem(ctx, r)
	a.board.row(a, r)
	a.stream.ended(r.Job, problem)
	files.write(batchRow(files.batch, r, problem))
}

// interrupted is why a run ended before its rows, nil when it did not.
func interrupted(ctx context.Context, id string, s batch.Summary) error {
	if ctx.Err() == nil || s.Ends[batch.Open]+s.Ends[batch.Waiting] == 0 {
		return nil
	}
	problem := &fault.Error{
		Kind: fault.Interrupted, Op: "carry the batch", Subject: id, Err: context.Cause(ctx),
		Detail: "jobs that were bought go on at their providers", Hint: "run the same command again: it goes on where this one stopped",
	}
	if s.Ends[batch.Open] > 0 {
		problem.Charged = fault.Charged
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		problem.Kind, problem.Err = fault.Deadline, nil
		problem.Detail = "the time is over; " + problem.Detail
	}
	return problem
}

// batchFolder is where a batch keeps what is no video.
func (a *app) batchFolder(run *batchRun) (string, error) {
	folder := ""
	if run.o.asked() {
		folder = run.output.Folder()
	}
	if folder == "" {
		state, err := a.stateFolder()
		if err != nil {
			return "", err
		}
		folder = filepath.Join(state, "batches", job.SafeName(run.id))
	}
	mode := os.FileMode(0o755)
	if !run.o.asked() {
		mode = 0o700
	}
	if err := os.MkdirAll(folder, mode); err != nil {
		return "", &fault.Error{Kind: fault.Local, Op: "make the folder", Subject: folder, Charged: fault.NotCharged, Err: err}
	}
	return folder, nil
}

// took is a duration in seconds, to a tenth.
func took(d time.Duration) float64 {
	return float64(d.Round(100*time.Millisecond)) / float64(time.Second)
}
