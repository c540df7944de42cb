package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/job"
)

// submitOptions are the flags of submit.
type submitOptions struct {
	saveOptions

	request  requestOptions
	spend    spendOptions
	wait     bool
	dryRun   bool
	ref      bool
	interval time.Duration
}

func newSubmit(app *app) *cobra.Command {
	o := &submitOptions{}
	cmd := &cobra.Command{
		Use:   "submit",
		Short: "Submit an image and a prompt",
		Long: `Submit one job and print its id.

With --wait it waits until the job has ended; with -o it also downloads the
video and prints the path of the checked file. What a model takes is shown by
"klingctl models MODEL"; a flag it does not take is refused, and nothing is
sent.

` + answerHelp + `

` + execHelp,
		Example: `  klingctl submit --sandbox --image photo.png --prompt "slow pan" -o clip.mp4
  klingctl submit --provider kie -m kling-2.6/image-to-video -i https://example.com/a.png -p "she sings" --sound --duration 10
  klingctl submit --provider kling -m kling-v2-1 --mode pro -i start.png --tail-image end.png -p "night turns into day" --wait
  klingctl submit --dry-run --json --provider aimlapi -m kling-video/v2.1/pro/image-to-video -i a.png -p "rain"`,
		GroupID: groupJobs,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return app.submit(cmd.Context(), o) },
	}
	o.request.addFlags(cmd)
	flags := cmd.Flags()
	o.spend.addFlags(flags)
	o.addFlags(flags, "wait, then save the video to this `file`, folder/ or template such as {stem}-{id8}.mp4")
	flags.BoolVarP(&o.wait, "wait", "w", false, "wait until the job has ended")
	flags.BoolVar(&o.dryRun, "dry-run", false, "print the exact request and its price, and send nothing")
	flags.BoolVar(&o.ref, "ref", false, "print the portable reference instead of the local id; the same as --print ref")
	flags.DurationVar(&o.interval, "poll-interval", 0, "look at the job at this fixed `pace`")
	app.answer.addFlags(cmd, &app.global)
	app.completeRequest(cmd, &o.request)
	return cmd
}

func (a *app) submit(ctx context.Context, o *submitOptions) error {
	if err := o.answers(&a.answer, a.global.json); err != nil {
		return err
	}
	if err := a.answers(ctx, o.wait || o.asked(), o.asked()); err != nil {
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
	if err := o.check(output); err != nil {
		return err
	}
	order, cleanup, err := a.order(ctx, &o.request, &o.spend)
	defer cleanup()
	if err != nil {
		return err
	}
	if o.dryRun {
		return a.dryRun(order)
	}
	service, err := a.service(ctx)
	if err != nil {
		return err
	}
	if err := service.Hosted(order); err != nil {
		return err
	}
	made, err := a.buy(ctx, service, order, o.spend.takes)
	single := o.spend.takes == 1
	switch {
	case err != nil:
		return a.notSubmitted(made, err)
	case !o.asked() && !o.wait:
		return a.showSubmitted(made, single)
	}
	return a.follow(ctx, service, made, o, output, single)
}

// answers settles --ref, the short form of --print ref, and refuses answers
// that a dry run has not.
func (o *submitOptions) answers(answer *answerOptions, json bool) error {
	if o.dryRun && (answer.events || answer.word != "" && answer.word != printJSON) {
		return usageFault("choose what to print", "--dry-run prints the request, and neither events nor jobs", "leave one out")
	}
	switch {
	case !o.ref || json: // a record holds both
	case answer.events || answer.word != "" && answer.word != printRef:
		return usageFault("choose what to print", "--ref excludes --events and any other --print", "leave one out")
	default:
		answer.word = printRef
	}
	return nil
}

// check refuses what can be seen before anything is bought: too few takes, and
// names that are taken.
func (o *submitOptions) check(output job.Output) error {
	if o.spend.takes < 1 {
		return usageFault("submit", "--takes is 1 or more", "")
	}
	if o.spend.maxJobs < 0 {
		return usageFault("submit", "--max-jobs is 0 or more; 0 is no bound", "")
	}
	if !o.asked() {
		return o.needsOutput()
	}
	if err := oneForAll(output, o.spend.takes); err != nil {
		return err
	}
	if err := output.Check(); err != nil {
		return err
	}
	if !o.sidecar || !output.Literal() {
		return nil
	}
	if err := sidecarFree(sidecarName(o.output), o.force); err != nil {
		return usageFault("write "+sidecarName(o.output), err.Error(), "choose another name, or replace it with --force")
	}
	return nil
}
