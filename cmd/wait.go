package cmd

import (
	"context"
	"strconv"
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
--timeout was over, 11 unknown. With -o the videos are downloaded as well, each
as soon as its job has ended, and their paths are printed. Ctrl-C stops the
waiting, never the job.

` + answerHelp + `

` + execHelp,
		Example: `  klingctl wait 3f2a
  klingctl wait --timeout 10m 3f2a -o clip.mp4
  for f in *.png; do klingctl submit -i "$f" -p "slow pan"; done | klingctl wait - -o out/
  klingctl wait 3f2a 7c1d -o out/ --exec 'ffmpeg -i {path} -vframes 1 {dir}/{stem}.jpg'
  klingctl wait --events 3f2a 7c1d`,
		GroupID:           groupJobs,
		Args:              someArgs(1, -1, "a job: what submit printed, or a reference such as kling:image2video/881"),
		ValidArgsFunction: app.completeJobs,
		RunE:              func(cmd *cobra.Command, args []string) error { return app.wait(cmd.Context(), o, args) },
	}
	flags := cmd.Flags()
	o.addFlags(flags, "save the videos to this `file`, folder/ or template such as {stem}-{id8}.mp4")
	flags.DurationVar(&o.interval, "poll-interval", 0, "look at the jobs at this fixed `pace`")
	app.answer.addFlags(cmd, &app.global)
	return cmd
}

func (a *app) wait(ctx context.Context, o *waitOptions, args []string) error {
	if err := a.answers(ctx, true, o.asked()); err != nil {
		return err
	}
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
	e := o.errand(output)
	e.Save, e.Interval = o.asked(), a.pace(o.interval)
	outcomes := a.bring(ctx, service, jobs, e)
	return a.showOutcomes(ctx, outcomes, single, o.asked())
}

// showOutcomes prints how several jobs ended. One job's error is the
// command's; among several, and among events, each error stands in its own
// record.
func (a *app) showOutcomes(ctx context.Context, outcomes []job.Outcome, single, saved bool) error {
	if err := a.stream.failed(); err != nil {
		return a.closedPipe(err)
	}
	if single && outcomes[0].Err != nil && a.stream == nil {
		left := outcomes[0].Job
		return failure{job: left, unknown: left.State == kling.Unknown, err: outcomes[0].Err}
	}
	a.endMeter()
	codes := make([]int, len(outcomes))
	jobs := make([]kling.Job, len(outcomes))
	records := make([]view.Job, len(outcomes))
	for i, outcome := range outcomes {
		jobs[i], records[i] = outcome.Job, record(outcome.Job)
		codes[i], records[i].Error = a.problem(ctx, outcome)
	}
	a.tellAll(outcomes)
	var err error
	switch {
	case a.stream != nil: // each was told when it ended
	case a.global.json && single:
		err = a.printJSON(records[0])
	case a.global.json:
		err = a.printJSON(records)
	case a.answer.word != "":
		err = a.print(a.words(jobs)...)
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

// manyLeft is from how many on jobs that go on are told of together.
const manyLeft = 4

// tellAll prints the errors of several jobs for people. Those that merely go on
// make one, when they are many.
func (a *app) tellAll(outcomes []job.Outcome) {
	var left []job.Outcome
	for _, outcome := range outcomes {
		if goesOn(outcome) {
			left = append(left, outcome)
		}
	}
	for _, outcome := range outcomes {
		if outcome.Err != nil && (len(left) < manyLeft || !goesOn(outcome)) {
			a.tell(a.faultOf(outcome.Err), outcome.Err)
		}
	}
	if len(left) >= manyLeft {
		problem := *a.faultOf(left[0].Err)
		problem.Op, problem.Subject = "wait", ""
		problem.Detail = strconv.Itoa(len(left)) + " jobs go on at their providers"
		problem.Charged, problem.Hint = fault.Charged, "klingctl status | cut -f1 | klingctl wait -"
		a.tell(&problem, &problem)
	}
}

// goesOn reports a job that was merely not waited for to its end.
func goesOn(outcome job.Outcome) bool {
	return outcome.Job.State.InFlight() && fault.Is(outcome.Err, fault.Interrupted, fault.Deadline)
}
