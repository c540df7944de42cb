package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/view"
)

func newJobs(app *app) *cobra.Command {
	g := group("jobs", "List, show, resolve and delete remembered jobs",
		`The ledger remembers every job from the moment before it was sent. These verbs
read and mend it; none of them talks to a provider but "resolve --task-id".`,
		`  klingctl jobs list --state unknown
  klingctl jobs show 3f2a
  klingctl jobs resolve 3f2a --task-id 881234567890123456`,
		newJobsList(app), newJobsShow(app), newJobsResolve(app), newJobsDelete(app),
	)
	g.GroupID = groupJobs
	return g
}

// jobsListOptions are the flags of jobs list.
type jobsListOptions struct {
	states   []string
	provider string
	batch    string
	since    time.Duration
	limit    int
	unsaved  bool
}

func newJobsList(app *app) *cobra.Command {
	o := &jobsListOptions{}
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List jobs, newest first",
		Long:    "List remembered jobs, newest first. --json exports their records.",
		Example: "  klingctl jobs list\n  klingctl jobs list --state unknown --state failed --since 48h --json",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return app.listJobs(cmd.Context(), o) },
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&o.states, "state", nil, "only jobs in this `state`; repeat for several")
	flags.StringVar(&o.provider, "provider", "", "only jobs of this `name`")
	flags.StringVar(&o.batch, "batch", "", "only jobs of this batch `id`")
	flags.DurationVar(&o.since, "since", 0, "only jobs submitted within this `time`, such as 48h")
	flags.IntVar(&o.limit, "limit", defaultJobs, "at most this many; 0 for all")
	flags.BoolVar(&o.unsaved, "unsaved", false, "only finished jobs whose videos are not on disk")
	_ = cmd.RegisterFlagCompletionFunc("state", cobra.FixedCompletions(stateWords(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("provider", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return app.providerNames(), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

// defaultJobs is how many jobs a list shows unless told otherwise.
const defaultJobs = 50

func stateWords() []string {
	var words []string
	for _, state := range kling.States() {
		words = append(words, string(state))
	}
	return words
}

func (a *app) listJobs(ctx context.Context, o *jobsListOptions) error {
	store, err := a.ledger(ctx)
	if err != nil {
		return err
	}
	if _, err := store.Sweep(ctx, a.process.Now()); err != nil {
		return err
	}
	filter := ledger.Filter{Provider: o.provider, Batch: o.batch, Limit: o.limit, Unsaved: o.unsaved}
	if o.since > 0 {
		filter.Since = a.process.Now().Add(-o.since)
	}
	for _, word := range o.states {
		state := kling.State(strings.ToLower(word))
		if !state.Valid() {
			return usageFault("list jobs", fmt.Sprintf("%q is no state; there are %s", fault.SafeText(word), strings.Join(stateWords(), ", ")), "")
		}
		filter.States = append(filter.States, state)
	}
	jobs, err := store.List(ctx, filter)
	if err != nil {
		return err
	}
	if a.global.json {
		records := make([]view.Job, 0, len(jobs))
		for _, j := range jobs {
			records = append(records, record(j))
		}
		return a.printJSON(records)
	}
	if len(jobs) == 0 {
		a.term().Notice("no jobs")
		return nil
	}
	return a.printTable(jobs)
}

func newJobsShow(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "show REF",
		Short:             "Show all that is remembered of a job",
		Long:              "Show a job with its history and its request. Keys and image bytes are never\nkept.",
		Example:           "  klingctl jobs show 3f2a\n  klingctl jobs show --json kling:image2video/881234567890123456",
		Args:              someArgs(1, 1, "a job"),
		ValidArgsFunction: app.completeJobs,
		RunE:              func(cmd *cobra.Command, args []string) error { return app.showJob(cmd.Context(), args[0]) },
	}
}

func (a *app) showJob(ctx context.Context, ref string) error {
	service, err := a.service(ctx)
	if err != nil {
		return err
	}
	j, err := service.Find(ctx, ref, a.providerSettings)
	if err != nil {
		return a.notFound(ref, err)
	}
	events, err := service.Ledger.Events(ctx, j.ID)
	if err != nil {
		return err
	}
	detail := view.JobDetail{Job: record(j), Request: json.RawMessage(j.Request), Events: []view.Event{}}
	for _, event := range events {
		detail.Events = append(detail.Events, view.NewEvent(event.At, string(event.State), event.Word, event.Message))
	}
	if a.global.json {
		return a.printJSON(detail)
	}
	return a.print(detail.Lines()...)
}

// resolveOptions are the flags of jobs resolve.
type resolveOptions struct {
	task       string
	notCreated bool
}

func newJobsResolve(app *app) *cobra.Command {
	o := &resolveOptions{}
	cmd := &cobra.Command{
		Use:   "resolve REF",
		Short: "Say what became of an unknown job",
		Long: `Settle a job whose submission got no clear answer: with the task id that the
provider's console shows, or with --not-created when the console shows that
nothing was made.`,
		Example:           "  klingctl jobs resolve 3f2a --task-id 881234567890123456\n  klingctl jobs resolve 3f2a --not-created",
		Args:              someArgs(1, 1, "an unknown job"),
		ValidArgsFunction: app.completeJobs,
		RunE:              func(cmd *cobra.Command, args []string) error { return app.resolve(cmd.Context(), o, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.task, "task-id", "", "the provider's `id` of the task")
	flags.BoolVar(&o.notCreated, "not-created", false, "nothing was made")
	return cmd
}

func (a *app) resolve(ctx context.Context, o *resolveOptions, ref string) error {
	if (o.task == "") != o.notCreated {
		return usageFault("resolve a job", "give either --task-id or --not-created", "klingctl jobs resolve --help")
	}
	service, err := a.service(ctx)
	if err != nil {
		return err
	}
	j, err := service.Find(ctx, ref, a.providerSettings)
	if err != nil {
		return a.notFound(ref, err)
	}
	if o.notCreated {
		j, err = service.ResolveNotCreated(ctx, j)
	} else {
		j, err = service.ResolveTask(ctx, j, o.task)
	}
	if err != nil {
		return withState(j, err)
	}
	if a.global.json {
		return a.printJSON(record(j))
	}
	return a.printTable([]kling.Job{j})
}

func newJobsDelete(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "delete REF...",
		Short:             "Forget ended jobs",
		Long:              "Remove the rows of jobs that have ended. A job that is open or unknown is kept:\nforgetting it could buy it twice.",
		Example:           "  klingctl jobs delete 3f2a 7c1d\n  klingctl jobs list --state refused --json | jq -r '.[].id' | klingctl jobs delete -",
		Args:              someArgs(1, -1, "a job"),
		ValidArgsFunction: app.completeJobs,
		RunE:              func(cmd *cobra.Command, args []string) error { return app.deleteJobs(cmd.Context(), args) },
	}
}

func (a *app) deleteJobs(ctx context.Context, args []string) error {
	refs, _, err := a.references(args)
	if err != nil {
		return err
	}
	service, err := a.service(ctx)
	if err != nil {
		return err
	}
	var deleted []string
	for _, ref := range slices.Compact(refs) {
		j, err := service.Find(ctx, ref, a.providerSettings)
		if err != nil {
			return a.notFound(ref, err)
		}
		if err := service.Ledger.Delete(ctx, j.ID); err != nil {
			return err
		}
		deleted = append(deleted, job.Name(j))
	}
	if a.global.json {
		return a.printJSON(deleted)
	}
	return a.print(deleted...)
}
