package cmd

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/job"
)

// workerRows is how many rows a worker has in hand at each provider: a step is
// short, and most of it is waiting for an answer.
const workerRows = 8

// workerOptions are the flags of worker.
type workerOptions struct {
	migrate           bool
	workers, parallel int
}

func newWorker(app *app) *cobra.Command {
	o := &workerOptions{}
	cmd := &cobra.Command{
		Use:   "worker",
		Short: "Work on the batches that others left to workers",
		Long: `Work on the rows that "batch run --detach" has put into the database of the
ledger, until Ctrl-C or SIGTERM. Any number of workers may do so, on any number
of machines; all see images and output folder under the same path.

A worker takes the rows of those providers that it has a key for. It may be
killed at any moment: what it had in hand is taken up by another within two
minutes, and nothing is bought twice.

The tables are made where there are none. After an update of klingctl, stop the
workers, run "klingctl worker --migrate" once, and start them again.`,
		Example: `  klingctl worker --ledger postgres://klingctl@db.example.net/klingctl
  klingctl worker --workers 16 --parallel 8
  klingctl worker --migrate`,
		GroupID: groupJobs,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return app.worker(cmd.Context(), o) },
	}
	flags := cmd.Flags()
	flags.IntVar(&o.workers, "workers", workerRows, "submit this `number` of rows at a time at each provider; how many jobs are in flight is up to the batch")
	flags.IntVar(&o.parallel, "parallel", parallelFiles, "download the videos of this many jobs at a time")
	flags.BoolVar(&o.migrate, "migrate", false, "bring the tables of the database up to date, and end")
	return cmd
}

func (a *app) worker(ctx context.Context, o *workerOptions) error {
	for name, value := range map[string]int{"workers": o.workers, "parallel": o.parallel} {
		if value < 1 {
			return usageFault("read --"+name, fmt.Sprintf("%d is too few", value), "")
		}
	}
	if _, err := a.config(); err != nil {
		return err
	}
	if o.migrate {
		return a.migrateQueue(ctx)
	}
	providers := a.keyed()
	if len(providers) == 0 {
		_, err := a.onlyProvider() // says how to configure one
		return err
	}
	service, err := a.service(ctx)
	if err != nil {
		return err
	}
	service.Observe = a.observeWork
	queue, err := a.queue(ctx, false)
	if err != nil {
		return err
	}
	defer queue.Close()
	a.say("working for " + strings.Join(providers, ", "))
	return queue.Work(ctx, service, batch.WorkOptions{
		Providers: providers, Rows: o.workers, Files: o.parallel, Interval: a.pace(0), Desk: a.deskFor, Notice: a.notice,
		Logger: slog.New(slog.NewTextHandler(a.process.Err, &slog.HandlerOptions{Level: slog.LevelError})),
	})
}

// migrateQueue brings the ledger and the queue beside it up to date.
func (a *app) migrateQueue(ctx context.Context) error {
	queue, err := a.openedQueue(ctx)
	if err != nil {
		return err
	}
	queue.Close()
	a.say("the tables are up to date")
	return nil
}

func (a *app) openedQueue(ctx context.Context) (*batch.Queue, error) {
	// The ledger is brought up to date where it is opened.
	if _, err := a.ledger(ctx); err != nil {
		return nil, err
	}
	return a.queue(ctx, true)
}

// observeWork tells what a worker does, a line for what is worth one.
func (a *app) observeWork(event job.Event) {
	switch event.Stage {
	case job.Notice:
		a.say(event.Text)
	case job.Saved:
		a.say("saved " + a.shown(event.Path))
	case job.Hosting, job.Submitting, job.Moved, job.Saving, job.Ended:
	}
}
