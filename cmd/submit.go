package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/view"
)

// submitOptions are the flags of submit.
type submitOptions struct {
	request  requestOptions
	output   string
	force    bool
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
sent.`,
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
	flags.StringVarP(&o.output, "output", "o", "", "wait, then save the video to this `file`, folder/ or template such as {stem}-{id8}.mp4")
	flags.BoolVar(&o.force, "force", false, "replace an existing file")
	flags.BoolVarP(&o.wait, "wait", "w", false, "wait until the job has ended")
	flags.BoolVar(&o.dryRun, "dry-run", false, "print the exact request and its price, and send nothing")
	flags.BoolVar(&o.ref, "ref", false, "print the portable reference instead of the local id")
	flags.DurationVar(&o.interval, "poll-interval", 0, "look at the job at this fixed `pace`")
	app.completeRequest(cmd, &o.request)
	return cmd
}

func (a *app) submit(ctx context.Context, o *submitOptions) error {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	settings, err := a.config()
	if err != nil {
		return err
	}
	saves := o.output != ""
	output, err := job.ParseOutput(firstOf(o.output, settings.Output))
	if err != nil {
		return err
	}
	output.Force = o.force
	if saves {
		if err := output.Check(); err != nil {
			return err
		}
	}
	order, cleanup, err := a.order(ctx, &o.request)
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
	made, err := service.Submit(ctx, order)
	if err != nil {
		return a.notSubmitted(made, err, o.ref)
	}
	if !saves && !o.wait {
		return a.showSubmitted(made, o.ref)
	}
	return a.follow(ctx, service, made, o, output, saves)
}

// follow waits for a job that was just submitted, and saves its result.
func (a *app) follow(ctx context.Context, service *job.Service, made kling.Job, o *submitOptions, output job.Output, saves bool) error {
	outcome := service.Wait(ctx, []kling.Job{made}, a.pace(o.interval))[0]
	if outcome.Err != nil {
		return withState(outcome.Job, outcome.Err)
	}
	switch {
	case !saves:
		return a.showJobs([]kling.Job{outcome.Job}, true)
	case outcome.Job.State != kling.Succeeded:
		return withState(outcome.Job, notFinished(outcome.Job))
	}
	saved, err := service.Save(ctx, outcome.Job, output)
	if err != nil {
		return withState(saved, err)
	}
	return a.showSaved([]kling.Job{saved}, true)
}

// order settles what to buy and where, every problem of the input at once.
func (a *app) order(ctx context.Context, o *requestOptions) (job.Order, func(), error) {
	nothing := func() {}
	asked, err := a.gather(o)
	if err != nil {
		return job.Order{}, nothing, err
	}
	model, err := a.choose(asked.query)
	if err != nil {
		return job.Order{}, nothing, err
	}
	settings, err := a.providerSettings(model.Provider)
	if err != nil {
		return job.Order{}, nothing, err
	}
	images := &images{app: a, fix: o.fix}
	asked.input.Mend = images.mender()
	prepared, err := model.Prepare(ctx, asked.input, images.look)
	if err == nil && o.checkURL {
		err = a.checkURLs(ctx, prepared)
	}
	if err != nil {
		return job.Order{}, images.close, err
	}
	images.warn(prepared.Slots)
	return job.Order{Prepared: prepared, Settings: settings, Pace: a.creates(model.Provider), Sandbox: a.settings.Sandbox}, images.close, nil
}

// creates is the documented limit on creates; the sandbox has none.
func (a *app) creates(name string) ledger.Pace {
	if a.settings.Sandbox {
		return ledger.Pace{}
	}
	offers, err := a.catalog()
	if err != nil {
		return ledger.Pace{}
	}
	preset, _ := offers.Preset(name)
	return ledger.Pace{Count: preset.Limits.RateCount, Per: preset.Limits.RatePer}
}

// pace is the fixed pause between looks that flag or setting ask for.
func (a *app) pace(flag time.Duration) time.Duration {
	if flag > 0 || a.settings == nil {
		return flag
	}
	return a.settings.PollInterval
}

// showSubmitted prints what scripts go on with: the id, and nothing else.
func (a *app) showSubmitted(made kling.Job, ref bool) error {
	if a.global.json {
		return a.printJSON(record(made))
	}
	return a.print(nameOf(made, ref))
}

func nameOf(made kling.Job, ref bool) string {
	if ref && made.Ref.Task != "" {
		return made.Ref.String()
	}
	return job.Name(made)
}

// notSubmitted shows a submission that went wrong. Whatever may have been
// bought is named on standard output as well, where scripts look.
func (a *app) notSubmitted(made kling.Job, err error, ref bool) error {
	bought := made.State == kling.Unknown || made.Ref.Task != ""
	if bought && !a.global.json {
		name := nameOf(made, ref)
		if made.Ref.Task != "" {
			name = made.Ref.String() // the ledger may not know the id
		}
		if printErr := a.print(name); printErr != nil {
			return withState(made, err)
		}
	}
	return withState(made, err)
}

// dryRun prints the request that would be sent.
func (a *app) dryRun(order job.Order) error {
	client, err := provider.New(order.Settings, provider.Wiring{Speak: speak})
	if err != nil {
		return err
	}
	for _, slot := range order.Prepared.Slots {
		if !slot.URL {
			order.Prepared.Fill(slot, job.Stand(slot))
		}
	}
	dry, err := client.Dry(job.RequestOf(order.Prepared))
	if err != nil {
		return err
	}
	price, known := order.Prepared.Price()
	shown := view.NewDryRun(dry.Method, dry.URL, dry.Headers, json.RawMessage(dry.Body), viewPrice(price, known))
	if a.global.json {
		return a.printJSON(shown)
	}
	lines := []string{dry.Method + " " + dry.URL}
	for _, name := range slices.Sorted(maps.Keys(dry.Headers)) {
		lines = append(lines, name+": "+strings.Join(dry.Headers[name], ", "))
	}
	lines = append(lines, "", string(view.Inert(shown.PrettyBody())), "", "price: "+shown.Price.Text())
	return a.print(lines...)
}

func viewPrice(price catalog.Price, known bool) *view.Price {
	if !known {
		return nil
	}
	return &view.Price{Amount: price.Amount, Currency: price.Currency, Source: price.Source, AsOf: price.AsOf}
}

// choose picks the offer that a request means, see docs/architecture.md.
func (a *app) choose(query catalog.Query) (*catalog.Model, error) {
	offers, err := a.catalog()
	if err != nil {
		return nil, err
	}
	if query.Provider == "" && query.Model == "" {
		if a.settings.Sandbox {
			query.Provider, query.Model = "kling", "kling-v2-1-master"
		} else if query.Provider, err = a.onlyProvider(); err != nil {
			return nil, err
		}
	}
	if query.Provider == "" {
		query.Provider = a.onlySeller(offers, query)
	}
	return offers.Choose(query)
}

// keyed are the providers with a key.
func (a *app) keyed() []string {
	var names []string
	for name, p := range a.settings.Providers {
		if !p.Key.Empty() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// onlyProvider is the one provider with a key.
func (a *app) onlyProvider() (string, error) {
	names := a.keyed()
	switch len(names) {
	case 1:
		return names[0], nil
	case 0:
		return "", usageFault("choose a provider", "none is configured",
			"try it offline with --sandbox, or choose one: KIE_API_KEY=... klingctl submit --provider kie ... (klingctl models lists them)")
	}
	return "", usageFault("choose a provider", fmt.Sprintf("there are keys for several: %s", strings.Join(names, ", ")),
		"add --provider NAME, or set provider in the configuration")
}

// onlySeller is the one provider with a key that offers a model; "" leaves the
// choice to the catalog.
func (a *app) onlySeller(offers *catalog.Catalog, query catalog.Query) string {
	keyed := a.keyed()
	found := ""
	for _, offer := range offers.Offers() {
		if offer.Model != query.Model || offer.Provider == found || !slices.Contains(keyed, offer.Provider) {
			continue
		}
		if found != "" {
			return ""
		}
		found = offer.Provider
	}
	return found
}
