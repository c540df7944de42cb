package cmd

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/sandbox"
)

// completionJobs bounds how many jobs a shell is offered, completionTime how
// long it waits for a ledger that may be far away.
const (
	completionJobs = 50
	completionTime = 2 * time.Second
)

// completeRest completes what no verb completes itself: names that mean the
// same everywhere, and nothing where a file could not be meant.
func (a *app) completeRest(cmd *cobra.Command) {
	if cmd.ValidArgsFunction == nil && !strings.Contains(cmd.Use, " ") {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	cmd.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if _, done := cmd.GetFlagCompletionFunc(flag.Name); !done {
			if complete := a.completeNamed(flag); complete != nil {
				_ = cmd.RegisterFlagCompletionFunc(flag.Name, complete)
			}
		}
	})
	for _, verb := range cmd.Commands() {
		a.completeRest(verb)
	}
}

// completeNamed completes a flag by its name and by what its value is; nil
// leaves it to the shell, which offers files.
func (a *app) completeNamed(flag *pflag.Flag) cobra.CompletionFunc {
	switch flag.Name {
	case "provider":
		return wordsOf(a.providerNames)
	case "batch", "name":
		return a.completeBatches
	case "scenario":
		return wordsOf(scenarioNames)
	}
	value, _ := pflag.UnquoteUsage(flag)
	if slices.Contains([]string{"file", "folder", "file|url", "template"}, value) {
		return nil
	}
	return cobra.NoFileCompletions
}

// wordsOf completes with words that are found when they are asked for.
func wordsOf(words func() []string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words(), cobra.ShellCompDirectiveNoFileComp
	}
}

func scenarioNames() []string {
	var names []string
	for _, scenario := range sandbox.Scenarios() {
		names = append(names, scenario.Name+"\t"+scenario.What)
	}
	return names
}

// completeFlags completes --provider and --kind.
func (a *app) completeFlags(cmd *cobra.Command) {
	_ = cmd.RegisterFlagCompletionFunc("provider", wordsOf(a.providerNames))
	_ = cmd.RegisterFlagCompletionFunc("kind", wordsOf(func() []string {
		var kinds []string
		for _, kind := range kling.Kinds() {
			kinds = append(kinds, string(kind))
		}
		return kinds
	}))
}

// completeRequest completes the flags of a request, values of the chosen model
// included.
func (a *app) completeRequest(cmd *cobra.Command, o *requestOptions) {
	a.completeFlags(cmd)
	_ = cmd.RegisterFlagCompletionFunc("model", wordsOf(func() []string { return a.modelNames(o.provider) }))
	for _, flag := range canonicalFlags() {
		if flag.kind != "file|url" {
			_ = cmd.RegisterFlagCompletionFunc(flag.name, wordsOf(func() []string { return a.flagValues(o, flag.name) }))
		}
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

// modelNames are the models of a provider; where none is given, of the one
// that the settings choose, or of all.
func (a *app) modelNames(provider string) []string {
	offers, err := a.catalog()
	if err != nil {
		return nil
	}
	provider = firstOf(provider, a.settings.Provider)
	var names, models []string
	for _, offer := range offers.Offers() {
		if (provider == "" || offer.Provider == provider) && !slices.Contains(models, offer.Model) {
			models = append(models, offer.Model)
			names = append(names, offer.Model+"\t"+offer.Title)
		}
	}
	return names
}

// flagValues are the values for a flag that the models permit which the line
// still leaves open: one, when it names a provider, a model and an image.
func (a *app) flagValues(o *requestOptions, flag string) []string {
	offers, err := a.catalog()
	if err != nil {
		return nil
	}
	provider, name, kind := firstOf(o.provider, a.settings.Provider), firstOf(o.model, a.settings.Model), o.kind
	if kind == "" && len(o.values["image"].given) > 0 {
		kind = string(kling.ImageToVideo)
	}
	open := func(want, have string) bool { return want == "" || want == have }
	var values []string
	for _, offer := range offers.Offers() {
		if !open(provider, offer.Provider) || !open(name, offer.Model) || !open(kind, string(offer.Kind)) {
			continue
		}
		model, err := offers.Choose(catalog.Query{Provider: offer.Provider, Model: offer.Model, Kind: offer.Kind})
		if err != nil {
			continue
		}
		for _, value := range model.FlagValues(flag) {
			if !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
	}
	return values
}

// completeJobs completes ids of jobs with their states: open ones first, then
// recent ones, without those that stand on the line already.
func (a *app) completeJobs(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	const how = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
	defer cancel()
	store, err := a.ledger(ctx)
	if err != nil {
		return nil, how
	}
	var open []kling.State
	for _, state := range kling.States() {
		if state.Open() {
			open = append(open, state)
		}
	}
	var words []string
	for _, states := range [][]kling.State{open, nil} {
		jobs, err := store.List(ctx, ledger.Filter{States: states, Limit: completionJobs})
		if err != nil {
			return nil, how
		}
		for _, j := range jobs {
			word := j.ID + "\t" + string(j.State) + " " + j.Model
			if !slices.Contains(args, j.ID) && !slices.Contains(words, word) && len(words) < completionJobs {
				words = append(words, word)
			}
		}
	}
	return words, how
}
