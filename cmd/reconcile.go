package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

func newReconcile(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "reconcile [REF...]",
		Short: "Find out what became of unknown jobs",
		Long: `Work through jobs whose submission got no clear answer. Where the provider can
look a task up by our own id, or list tasks, the job is found or proved not to
exist; else the message says where to look, and "jobs resolve" takes what you
saw there. Nothing is ever submitted again.

Without REF all unknown jobs are taken. The exit code is 0 when none is left
unknown, else 11.`,
		Example:           "  klingctl reconcile\n  klingctl reconcile 3f2a",
		GroupID:           groupJobs,
		ValidArgsFunction: app.completeJobs,
		RunE:              func(cmd *cobra.Command, args []string) error { return app.reconcile(cmd.Context(), args) },
	}
}

func (a *app) reconcile(ctx context.Context, args []string) error {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	service, err := a.service(ctx)
	if err != nil {
		return err
	}
	if _, err := service.Ledger.Sweep(ctx, a.process.Now()); err != nil {
		return err
	}
	rescued, err := service.Rescue(ctx)
	if err != nil {
		return err
	}
	for _, j := range rescued {
		a.term().Notice(job.Name(j) + ": its task, which could not be remembered when it was bought, is " + j.Ref.String())
	}
	var jobs []kling.Job
	single := false
	if len(args) == 0 {
		jobs, err = service.Ledger.List(ctx, ledger.Filter{States: []kling.State{kling.Unknown}})
	} else {
		jobs, single, err = a.named(ctx, service, args)
	}
	if err != nil {
		return err
	}
	if len(jobs) == 0 {
		a.term().Notice("no unknown jobs")
		if a.global.json {
			return a.printJSON([]string{})
		}
		return nil
	}
	outcomes := make([]job.Outcome, len(jobs))
	for i, j := range jobs {
		outcomes[i].Job, outcomes[i].Err = service.Reconcile(ctx, j)
	}
	a.hintBalances(ctx, outcomes)
	return a.showReconciled(ctx, outcomes, single)
}

// hintBalances shows what is left at the providers of jobs that stay unknown:
// beside the last balance that the user remembers it hints at whether a job
// was charged, and proves nothing.
func (a *app) hintBalances(ctx context.Context, outcomes []job.Outcome) {
	told := map[string]bool{}
	for _, outcome := range outcomes {
		name := outcome.Job.Ref.Provider
		if outcome.Job.State != kling.Unknown || told[name] {
			continue
		}
		told[name] = true
		record, err := a.balanceOf(ctx, name)
		if err != nil {
			continue // a hint that cannot be had is none
		}
		for _, amount := range record.Amounts {
			a.term().Notice(fmt.Sprintf("%s has %s %s left; less than before by the price of a job hints that it was charged",
				name, amount.Amount, amount.Unit))
		}
	}
}

// showReconciled prints what was found out; a job that is settled, whatever its
// state, is a success of this verb.
func (a *app) showReconciled(ctx context.Context, outcomes []job.Outcome, single bool) error {
	left := false
	for _, outcome := range outcomes {
		left = left || outcome.Job.State == kling.Unknown
	}
	err := a.showOutcomes(ctx, outcomes, single, false)
	if _, shown := asEnded(err); shown && !left {
		return nil
	}
	return err
}
