package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

// waitOptions are the flags of wait.
type waitOptions struct {
	saveOptions

	interval time.Duration
}

func newWait(app *app) *cobra.Command {
	o := &waitOptions{}
	cmd := &cobra.Command{
		Use:   "wait REF...",
		Short: "Wait until jobs have ended",
		Long: `Look at jobs until each has ended, then print their records.

The exit code says how a job ended: 0 succeeded, 5 failed, 7 still running when
--timeout was over, 11 unknown. With -o the videos are downloaded as well and
their paths are printed. Ctrl-C stops the waiting, never the job.`,
		Example: `  klingctl wait 3f2a
  klingctl wait --timeout 10m 3f2a -o clip.mp4
  for f in *.png; do klingctl submit -i "$f" -p "slow pan"; done | klingctl wait - -o out/`,
		GroupID:           groupJobs,
		Args:              someArgs(1, -1, "a job: what submit printed, or a reference such as kling:image2video/881"),
		ValidArgsFunction: app.completeJobs,
		RunE:              func(cmd *cobra.Command, args []string) error { return app.wait(cmd.Context(), o, args) },
	}
	flags := cmd.Flags()
	o.addFlags(flags, "save the videos to this `file`, folder/ or template such as {stem}-{id8}.mp4")
	flags.DurationVar(&o.interval, "poll-interval", 0, "look at the jobs at this fixed `pace`")
	return cmd
}

func (a *app) wait(ctx context.Context, o *waitOptions, args []string) error {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	output, err := o.parse("")
	if err != nil {
		return err
	}
	if err := o.needsOutput(); err != nil {
		return err
	}
	service, err := a.service(ctx)
	if err != nil {
		return err
	}
	jobs, single, err := a.named(ctx, service, args)
	if err != nil {
		return err
	}
	if err := oneForAll(output, len(jobs)); o.asked() && err != nil {
		return err
	}
	outcomes := service.Wait(ctx, jobs, a.pace(o.interval))
	if o.asked() {
		for i := range outcomes {
			if outcomes[i].Err == nil && outcomes[i].Job.State == kling.Succeeded {
				outcomes[i].Job, outcomes[i].Err = a.save(ctx, service, outcomes[i].Job, output, o.sidecar)
			}
		}
	}
	return a.showOutcomes(ctx, outcomes, single, o.asked())
}

// showOutcomes prints how several jobs ended. One job's error is the
// command's; among several each error stands in its own record.
func (a *app) showOutcomes(ctx context.Context, outcomes []job.Outcome, single, saved bool) error {
	if single && outcomes[0].Err != nil {
		left := outcomes[0].Job
		return failure{job: left, unknown: left.State == kling.Unknown, err: outcomes[0].Err}
	}
	codes := make([]int, len(outcomes))
	jobs := make([]kling.Job, len(outcomes))
	records := make([]view.Job, len(outcomes))
	for i, outcome := range outcomes {
		jobs[i], records[i] = outcome.Job, record(outcome.Job)
		codes[i] = codeOfState(outcome.Job.State)
		if outcome.Err == nil {
			continue
		}
		problem := fault.Of(outcome.Err)
		if problem == nil {
			problem = &fault.Error{Kind: fault.Internal, Err: outcome.Err}
		}
		if outcome.Job.State != kling.Unknown {
			codes[i] = a.codeOf(ctx, problem)
		}
		made := view.NewProblem(problem, kindWord(problem, codes[i]), nil)
		records[i].Error = &made
		a.tell(problem, outcome.Err)
	}
	var err error
	switch {
	case a.global.json && single:
		err = a.printJSON(records[0])
	case a.global.json:
		err = a.printJSON(records)
	case saved:
		err = a.printPaths(jobs)
	default:
		err = a.printTable(jobs)
	}
	if err != nil {
		return err
	}
	return endWith(together(codes))
}
