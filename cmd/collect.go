package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/view"
)

// collectOptions are the flags of collect.
type collectOptions struct {
	saveOptions

	provider, batch string
	since           time.Duration
	list            bool
}

func newCollect(app *app) *cobra.Command {
	o := &collectOptions{}
	cmd := &cobra.Command{
		Use:   "collect [REF...]",
		Short: "Fetch every finished video that is not on disk",
		Long: `Ask about open jobs and fetch every finished video that is not on disk yet, the
one whose link dies first in front; a dead link is renewed once. With a portable
reference it works without the ledger. --list only shows what would be fetched
and when its links die.`,
		Example: `  klingctl collect -o out/
  klingctl collect --list
  klingctl collect --provider kie --since 24h -o "{date}/{stem}-{id8}.mp4"`,
		GroupID:           groupJobs,
		ValidArgsFunction: app.completeJobs,
		RunE:              func(cmd *cobra.Command, args []string) error { return app.collect(cmd.Context(), o, args) },
	}
	flags := cmd.Flags()
	o.addFlags(flags, "save to this folder/ or template; by default "+job.DefaultOutput)
	flags.StringVar(&o.provider, "provider", "", "only jobs of this `name`")
	flags.StringVar(&o.batch, "batch", "", "only jobs of this batch `id`")
	flags.DurationVar(&o.since, "since", 0, "only jobs submitted within this `time`, such as 48h")
	flags.BoolVar(&o.list, "list", false, "only show what would be fetched and when its links die")
	_ = cmd.RegisterFlagCompletionFunc("provider", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return app.providerNames(), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

func (a *app) collect(ctx context.Context, o *collectOptions, args []string) error {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	settings, err := a.config()
	if err != nil {
		return err
	}
	output, err := o.parse(settings.Output)
	if err != nil {
		return err
	}
	service, err := a.service(ctx)
	if err != nil {
		return err
	}
	var unasked error
	jobs, err := a.collectable(ctx, service, o, args, func(j kling.Job, err error) {
		a.notice(job.Name(j) + ": " + err.Error())
		if unasked == nil && j.State != kling.Unknown {
			unasked = withState(j, err)
		}
	})
	if err != nil {
		return err
	}
	if len(jobs) == 0 && unasked != nil {
		return unasked
	}
	if err := oneForAll(output, len(jobs)); err != nil {
		return err
	}
	if o.list {
		return a.listCollectable(jobs)
	}
	if len(jobs) == 0 {
		a.term().Notice("nothing to collect")
		if a.global.json {
			return a.printJSON([]string{})
		}
		return nil
	}
	e := o.errand(output)
	e.Once, e.owed = true, true
	outcomes := a.bring(ctx, service, jobs, e)
	return a.showOutcomes(ctx, outcomes, false, true)
}

// collectable are the jobs to fetch: those that were named, else all finished
// ones of the ledger.
func (a *app) collectable(ctx context.Context, service *job.Service, o *collectOptions, args []string, failed func(kling.Job, error)) ([]kling.Job, error) {
	if len(args) > 0 {
		jobs, _, err := a.named(ctx, service, args)
		return jobs, err
	}
	if o.provider != "" {
		if _, err := a.providerSettings(o.provider); err != nil {
			return nil, err
		}
	}
	filter := ledger.Filter{Provider: o.provider, Batch: o.batch}
	if o.since > 0 {
		filter.Since = a.process.Now().Add(-o.since)
	}
	return service.Finished(ctx, filter, failed)
}

func (a *app) listCollectable(jobs []kling.Job) error {
	if a.global.json {
		records := make([]view.Job, 0, len(jobs))
		for _, j := range jobs {
			records = append(records, record(j))
		}
		return a.printJSON(records)
	}
	table := view.NewTable("ID", "STATE", "PROVIDER", "MODEL", "EXPIRES")
	for _, j := range jobs {
		expires := "unknown"
		if job.Expires(j) {
			expires = job.Expiry(j).UTC().Format(time.RFC3339)
		}
		table.Add(job.Name(j), string(j.State), j.Ref.Provider, j.Model, expires)
	}
	return a.print(table.Lines(a.process.OutTTY, a.term().Columns())...)
}
