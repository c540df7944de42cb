package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/provider"
)

// statusOptions are the flags of status.
type statusOptions struct{ exitStatus bool }

func newStatus(app *app) *cobra.Command {
	o := &statusOptions{}
	cmd := &cobra.Command{
		Use:   "status [REF...]",
		Short: "Show how jobs stand",
		Long: `Ask the provider how jobs stand and show the answer.

A REF is what submit printed (any unique beginning of 4 letters or more), or a
portable reference such as kling:image2video/881. Without any, all open jobs of
the ledger are asked about. "-" reads references from standard input.`,
		Example: `  klingctl status 3f2a
  klingctl status --json kling:image2video/881234567890123456
  klingctl status`,
		GroupID:           groupJobs,
		ValidArgsFunction: app.completeJobs,
		RunE:              func(cmd *cobra.Command, args []string) error { return app.status(cmd.Context(), o, args) },
	}
	cmd.Flags().BoolVar(&o.exitStatus, "exit-status", false, "exit with the job's own code")
	return cmd
}

func (a *app) status(ctx context.Context, o *statusOptions, args []string) error {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	service, err := a.service(ctx)
	if err != nil {
		return err
	}
	if _, err := service.Ledger.Sweep(ctx, a.process.Now()); err != nil {
		return err
	}
	jobs, single, err := a.named(ctx, service, args)
	if err != nil {
		return err
	}
	outcomes := make([]job.Outcome, len(jobs))
	var failed []int
	for i, j := range jobs {
		outcomes[i].Job, outcomes[i].Err = service.Look(ctx, j, provider.Patient)
		if err := outcomes[i].Err; err != nil {
			problem := fault.Of(err)
			if problem == nil {
				problem = &fault.Error{Kind: fault.Internal, Err: err}
			}
			failed = append(failed, a.codeOf(ctx, problem))
		}
	}
	err = a.showOutcomes(ctx, outcomes, single, false)
	if _, shown := asEnded(err); shown && !o.exitStatus {
		// States were told; only a look that failed is a failure of this verb.
		return endWith(together(failed))
	}
	return err
}

// named finds the jobs of arguments; none means all that are open.
func (a *app) named(ctx context.Context, service *job.Service, args []string) (jobs []kling.Job, single bool, err error) {
	if len(args) == 0 {
		jobs, err = service.Ledger.List(ctx, ledger.Filter{States: openStates()})
		return jobs, false, err
	}
	refs, single, err := a.references(args)
	if err != nil {
		return nil, false, err
	}
	for _, ref := range refs {
		found, err := service.Find(ctx, ref, a.providerSettings)
		if err != nil {
			return nil, false, a.notFound(ref, err)
		}
		if err := a.rightMode(found); err != nil {
			return nil, false, err
		}
		jobs = append(jobs, found)
	}
	return jobs, single, nil
}

func openStates() []kling.State {
	var open []kling.State
	for _, state := range kling.States() {
		if state.Open() {
			open = append(open, state)
		}
	}
	return open
}
