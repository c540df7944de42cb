package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

// downloadOptions are the flags of download.
type downloadOptions struct {
	saveOptions

	wait bool
}

func newDownload(app *app) *cobra.Command {
	o := &downloadOptions{}
	cmd := &cobra.Command{
		Use:   "download REF...",
		Short: "Download the videos of finished jobs",
		Long: `Download the videos of finished jobs and print their paths.

A file stands under its name only when it is whole and its boxes are those of
an MP4; until then it is NAME.part, and running the command again goes on where
it stopped. Existing files are kept unless --force is given. Nothing is ever
bought again: a file that was deleted is fetched again.

` + answerHelp + `

` + execHelp,
		Example: `  klingctl download 3f2a -o clip.mp4
  klingctl download 3f2a 7c1d -o out/
  klingctl download --wait 3f2a -o "{stem}-{model}-{id8}.mp4"
  klingctl download 3f2a 7c1d -o out/ --parallel 8 --exec 'ffprobe {path}'`,
		GroupID:           groupJobs,
		Args:              someArgs(1, -1, "a job: what submit printed, or a reference such as kling:image2video/881"),
		ValidArgsFunction: app.completeJobs,
		RunE:              func(cmd *cobra.Command, args []string) error { return app.download(cmd.Context(), o, args) },
	}
	flags := cmd.Flags()
	o.addFlags(flags, "save to this `file`, folder/ or template; by default "+job.DefaultOutput)
	flags.BoolVarP(&o.wait, "wait", "w", false, "wait for jobs that have not ended")
	app.answer.addFlags(cmd, &app.global)
	return cmd
}

func (a *app) download(ctx context.Context, o *downloadOptions, args []string) error {
	if err := a.answers(ctx, true, true); err != nil {
		return err
	}
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
	jobs, single, err := a.named(ctx, service, args)
	if err != nil {
		return err
	}
	if err := oneForAll(output, len(jobs)); err != nil {
		return err
	}
	e := o.errand(output)
	e.Once, e.Interval, e.owed = !o.wait, a.pace(0), true
	outcomes := a.bring(ctx, service, jobs, e)
	return a.showOutcomes(ctx, outcomes, single, true)
}

// notFinished is why a job has nothing to download; nil for one that failed,
// whose record says all.
func notFinished(j kling.Job) error {
	problem := &fault.Error{
		Op: "download job", Subject: job.Name(j), Charged: job.ChargedBy(j), Job: job.Name(j),
		Code: j.Code, RequestID: j.RequestID,
	}
	switch j.State {
	case kling.Failed:
		problem.Kind, problem.Op, problem.Subject = fault.Failed, "job", job.Name(j)
		problem.Detail = "failed at " + j.Ref.Provider + ": " + fault.SafeText(firstOf(j.Message, "no reason given"))
		problem.Hint = "change the request and submit again"
	case kling.Refused, kling.Lost:
		problem.Kind, problem.Detail = fault.Refused, "it is "+string(j.State)+": "+fault.SafeText(j.Message)
	case kling.Draft, kling.Submitting, kling.Queued, kling.Running, kling.Unknown, kling.Succeeded:
		problem.Kind, problem.Detail = fault.Deadline, "it is still "+string(j.State)
		problem.Hint = "klingctl download --wait " + job.Name(j)
	}
	return problem
}
