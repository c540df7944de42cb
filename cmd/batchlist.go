package cmd

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/view"
)

func newBatchList(app *app) *cobra.Command {
	limit := 0
	cmd := &cobra.Command{
		Use: "list", Short: "List batches, the last begun first", Long: "List the batches that the ledger remembers, the last begun first.",
		Example: "  klingctl batch list\n  klingctl batch list --json --limit 0",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return app.listBatches(cmd.Context(), limit)
		},
	}
	cmd.Flags().IntVar(&limit, "limit", defaultJobs, "at most this many; 0 for all")
	return cmd
}

func newBatchStatus(app *app) *cobra.Command {
	return &cobra.Command{
		Use: "status [ID]", Short: "Show how a batch stands",
		Long: `Show how many jobs of a batch are in each state, from the ledger alone: no
provider is asked. Without an id it is the batch that was begun last.`,
		Example: "  klingctl batch status\n  klingctl batch status spring-collection --json",
		Args:    someArgs(0, 1, "a batch"), ValidArgsFunction: app.completeBatches,
		RunE: func(cmd *cobra.Command, args []string) error { return app.batchStatus(cmd.Context(), args) },
	}
}

func newBatchWait(app *app) *cobra.Command {
	o := &waitOptions{}
	cmd := &cobra.Command{
		Use: "wait ID", Short: "Wait for the jobs of a batch and save their videos",
		Long: `Wait for the jobs that a batch has bought and save their videos. Nothing is
bought: "batch run" does that.`,
		Example: "  klingctl batch wait spring-collection\n  klingctl batch wait spring-collection -o elsewhere/",
		Args:    someArgs(1, 1, "a batch"), ValidArgsFunction: app.completeBatches,
		RunE: func(cmd *cobra.Command, args []string) error { return app.batchWait(cmd.Context(), o, args[0]) },
	}
	o.addFlags(cmd.Flags(), "save the videos to this folder/ or `template`; by default where the batch does")
	cmd.Flags().DurationVar(&o.interval, "poll-interval", 0, "look at the jobs at this fixed `pace`")
	app.answer.addFlags(cmd, &app.global)
	return cmd
}

func newBatchCancel(app *app) *cobra.Command {
	return &cobra.Command{
		Use: "cancel ID", Short: "Have a batch buy nothing more",
		Long: `Have whoever carries a batch buy nothing more. No provider can take a job back:
those that were bought go on, are charged, and can still be waited for. "batch
run" with the same source and output goes on with the batch.`,
		Example: "  klingctl batch cancel spring-collection",
		Args:    someArgs(1, 1, "a batch"), ValidArgsFunction: app.completeBatches,
		RunE: func(cmd *cobra.Command, args []string) error { return app.cancelBatch(cmd.Context(), args[0]) },
	}
}

// batchRecord is the record of a batch and its jobs by state.
func (a *app) batchRecord(ctx context.Context, store *ledger.Store, b ledger.Batch) (view.Batch, error) {
	counts, err := store.Counts(ctx, ledger.Filter{Batch: b.ID})
	if err != nil {
		return view.Batch{}, err
	}
	shown := view.Batch{
		SchemaVersion: view.SchemaVersion, Batch: b.ID, Sandbox: b.Sandbox, Source: b.Source, Output: b.Output, Rows: b.Rows,
		Jobs: map[string]int{}, CreatedAt: moment(b.CreatedAt), BegunAt: moment(b.BegunAt), CancelledAt: moment(b.CancelledAt),
	}
	for _, state := range kling.States() {
		shown.Jobs[string(state)] = counts[state]
	}
	return shown, nil
}

func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

func (a *app) listBatches(ctx context.Context, limit int) error {
	store, err := a.ledger(ctx)
	if err != nil {
		return err
	}
	if limit <= 0 {
		limit = 1 << 30
	}
	batches, err := store.Batches(ctx, limit)
	if err != nil {
		return err
	}
	records := make([]view.Batch, 0, len(batches))
	for _, b := range batches {
		shown, err := a.batchRecord(ctx, store, b)
		if err != nil {
			return err
		}
		records = append(records, shown)
	}
	if a.global.json {
		return a.printJSON(records)
	}
	if len(records) == 0 {
		a.term().Notice("no batches")
		return nil
	}
	table := view.NewTable("BATCH", "ROWS", "DONE", "OPEN", "FAILED", "UNKNOWN", "BEGUN", "SOURCE")
	for i, b := range records {
		table.Add(b.Batch, strconv.Itoa(b.Rows), strconv.Itoa(b.Jobs[string(kling.Succeeded)]), strconv.Itoa(openOf(b)),
			strconv.Itoa(failedOf(b)), strconv.Itoa(b.Jobs[string(kling.Unknown)]),
			view.Moment(batches[i].BegunAt, a.process.Now(), a.process.OutTTY), a.shown(b.Source))
	}
	return a.print(table.Lines(a.process.OutTTY, a.term().Columns())...)
}

func openOf(b view.Batch) int {
	return b.Jobs[string(kling.Submitting)] + b.Jobs[string(kling.Queued)] + b.Jobs[string(kling.Running)]
}

func failedOf(b view.Batch) int {
	return b.Jobs[string(kling.Failed)] + b.Jobs[string(kling.Refused)] + b.Jobs[string(kling.Lost)]
}

func (a *app) batchStatus(ctx context.Context, args []string) error {
	store, err := a.ledger(ctx)
	if err != nil {
		return err
	}
	if _, err := store.Sweep(ctx, a.process.Now()); err != nil {
		return err
	}
	var b ledger.Batch
	if len(args) == 1 {
		b, err = store.Batch(ctx, args[0])
	} else {
		b, err = lastBatch(ctx, store)
	}
	if err != nil {
		return err
	}
	shown, err := a.batchRecord(ctx, store, b)
	if err != nil {
		return err
	}
	if a.global.json {
		return a.printJSON(shown)
	}
	lines := []string{"batch\t" + shown.Batch, "source\t" + a.shown(shown.Source), "rows\t" + strconv.Itoa(shown.Rows)}
	for _, state := range kling.States() {
		if n := shown.Jobs[string(state)]; n > 0 {
			lines = append(lines, string(state)+"\t"+strconv.Itoa(n))
		}
	}
	if shown.CancelledAt != "" {
		lines = append(lines, "cancelled\t"+shown.CancelledAt)
	}
	return a.print(lines...)
}

func lastBatch(ctx context.Context, store *ledger.Store) (ledger.Batch, error) {
	batches, err := store.Batches(ctx, 1)
	if err != nil {
		return ledger.Batch{}, err
	}
	if len(batches) == 0 {
		return ledger.Batch{}, &fault.Error{
			Kind: fault.NotFound, Op: "find the last batch", Detail: "there is none in the ledger", Hint: "klingctl batch run --help",
		}
	}
	return batches[0], nil
}

// batchWait brings the videos of what a batch has bought.
func (a *app) batchWait(ctx context.Context, o *waitOptions, id string) error {
	if err := a.answers(ctx, true, true); err != nil {
		return err
	}
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	service, err := a.service(ctx)
	if err != nil {
		return err
	}
	b, err := service.Ledger.Batch(ctx, id)
	if err != nil {
		return err
	}
	if b.Options != nil && !o.asked() {
		return a.waitDetached(ctx, service, o, b)
	}
	output, err := o.parse(b.Output)
	if err != nil {
		return err
	}
	var jobs []kling.Job
	err = service.Ordered(ctx, id, func(j kling.Job) error {
		if j.State.Open() || j.State == kling.Succeeded {
			jobs = append(jobs, j)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := oneForAll(output, len(jobs)); err != nil {
		return err
	}
	e := o.errand(output)
	e.Interval, e.owed = a.pace(o.interval), true
	return a.showOutcomes(ctx, a.bring(ctx, service, jobs, e), false, true)
}

func (a *app) cancelBatch(ctx context.Context, id string) error {
	store, err := a.ledger(ctx)
	if err != nil {
		return err
	}
	b, err := store.CancelBatch(ctx, id, a.process.Now())
	if err != nil {
		return err
	}
	shown, err := a.batchRecord(ctx, store, b)
	if err != nil {
		return err
	}
	if n := openOf(shown); n > 0 {
		a.notice(batchCount(n, "job") + " already bought: no provider takes a job back, they go on and are charged; klingctl batch wait " + id + " brings their videos")
	}
	if a.global.json {
		return a.printJSON(shown)
	}
	return a.print(shown.Batch)
}

// completeBatches completes the ids of batches.
func (a *app) completeBatches(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	store, err := a.ledger(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	batches, err := store.Batches(cmd.Context(), defaultJobs)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var ids []string
	for _, b := range batches {
		ids = append(ids, b.ID)
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
