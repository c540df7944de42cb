package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
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
bought again: a file that was deleted is fetched again.`,
		Example: `  klingctl download 3f2a -o clip.mp4
  klingctl download 3f2a 7c1d -o out/
  klingctl download --wait 3f2a -o "{stem}-{model}-{id8}.mp4"`,
		GroupID:           groupJobs,
		Args:              someArgs(1, -1, "a job: what submit printed, or a reference such as kling:image2video/881"),
		ValidArgsFunction: app.completeJobs,
		RunE:              func(cmd *cobra.Command, args []string) error { return app.download(cmd.Context(), o, args) },
	}
	flags := cmd.Flags()
	o.addFlags(flags, "save to this `file`, folder/ or template; by default "+job.DefaultOutput)
	flags.BoolVarP(&o.wait, "wait", "w", false, "wait for jobs that have not ended")
	return cmd
}

func (a *app) download(ctx context.Context, o *downloadOptions, args []string) error {
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
	outcomes := make([]job.Outcome, len(jobs))
	for i, j := range jobs {
		outcomes[i] = a.downloadOne(ctx, service, j, output, *o)
	}
	return a.showOutcomes(ctx, outcomes, single, true)
}

// downloadOne brings a job to its end, as far as allowed, and saves it.
func (a *app) downloadOne(ctx context.Context, service *job.Service, j kling.Job, output job.Output, o downloadOptions) job.Outcome {
	var err error
	switch {
	case o.wait && !j.State.Terminal():
		outcome := service.Wait(ctx, []kling.Job{j}, a.pace(0))[0]
		j, err = outcome.Job, outcome.Err
	case j.State == kling.Unknown:
		j, err = service.Settle(ctx, j)
	case !j.State.Terminal():
		j, err = service.Look(ctx, j, provider.Patient)
	}
	if err != nil {
		return job.Outcome{Job: j, Err: err}
	}
	if j.State != kling.Succeeded {
		return job.Outcome{Job: j, Err: notFinished(j)}
	}
	j, err = a.save(ctx, service, j, output, o.sidecar)
	return job.Outcome{Job: j, Err: err}
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
