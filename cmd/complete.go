package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// completionJobs bounds how many jobs a shell is offered.
const completionJobs = 50

// completeFlags completes --provider and --kind.
func (a *app) completeFlags(cmd *cobra.Command) {
	complete := func(flag string, words func() []string) {
		_ = cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return words(), cobra.ShellCompDirectiveNoFileComp
		})
	}
	complete("provider", a.providerNames)
	complete("kind", func() []string {
		var kinds []string
		for _, kind := range kling.Kinds() {
			kinds = append(kinds, string(kind))
		}
		return kinds
	})
}

// completeRequest completes the flags of a request, values of the chosen model
// included.
func (a *app) completeRequest(cmd *cobra.Command, o *requestOptions) {
	a.completeFlags(cmd)
	_ = cmd.RegisterFlagCompletionFunc("model", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return a.modelNames(o.provider), cobra.ShellCompDirectiveNoFileComp
	})
	for _, flag := range []string{"duration", "mode", "aspect-ratio", "route", "sound", "watermark"} {
		_ = cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return a.flagValues(o, flag), cobra.ShellCompDirectiveNoFileComp
		})
	}
}

func (a *app) completeModelArg(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	provider, _ := cmd.Flags().GetString("provider")
	return a.modelNames(provider), cobra.ShellCompDirectiveNoFileComp
}

func (a *app) providerNames() []string {
	offers, err := a.catalog()
	if err != nil {
		return nil
	}
	var names []string
	for _, preset := range offers.Presets() {
		names = append(names, preset.Name+"\t"+preset.Title)
	}
	return names
}

func (a *app) modelNames(provider string) []string {
	offers, err := a.catalog()
	if err != nil {
		return nil
	}
	var names []string
	for _, offer := range offers.Offers() {
		if (provider == "" || offer.Provider == provider) && !slices.Contains(names, offer.Model) {
			names = append(names, offer.Model)
		}
	}
	return names
}

// flagValues are the values that the chosen model permits for a flag.
func (a *app) flagValues(o *requestOptions, flag string) []string {
	if _, err := a.config(); err != nil {
		return nil
	}
	model, err := a.choose(catalog.Query{
		Provider: firstOf(o.provider, a.settings.Provider), Model: firstOf(o.model, a.settings.Model),
		Kind: kling.Kind(o.kind), HasImage: len(o.values["image"].given) > 0,
	})
	if err != nil {
		return nil
	}
	return model.FlagValues(flag)
}

// completeJobs completes ids of open and of recent jobs.
func (a *app) completeJobs(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	store, err := a.ledger(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	jobs, err := store.List(cmd.Context(), ledger.Filter{Limit: completionJobs})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var ids []string
	for _, j := range jobs {
		ids = append(ids, j.ID+"\t"+string(j.State)+" "+j.Model)
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
