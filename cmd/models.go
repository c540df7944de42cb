package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

// modelsOptions are the flags of models.
type modelsOptions struct {
	provider, kind string
	schema, check  bool
}

func newModels(app *app) *cobra.Command {
	o := &modelsOptions{}
	cmd := &cobra.Command{
		Use:   "models [MODEL]",
		Short: "List models and what they take",
		Long: `List the models of every provider, or show what one model takes: flags, types,
limits, defaults and prices. --schema prints the JSON Schema that inputs are
checked against.

Models of your own go into models.d beside the user's configuration; --check
validates them.`,
		Example: `  klingctl models
  klingctl models --provider kie
  klingctl models kling-2.6/image-to-video --provider apikley
  klingctl models kling-v2-1-master --provider kling --schema
  klingctl models --check`,
		GroupID:           groupJobs,
		Args:              someArgs(0, 1, ""),
		ValidArgsFunction: app.completeModelArg,
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case o.check:
				return app.checkModels()
			case len(args) == 0 && o.schema:
				return usageFault("print a schema", "--schema needs a model", "klingctl models MODEL --provider NAME --schema")
			case len(args) == 0:
				return app.listModels(o)
			}
			return app.showModel(o, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.provider, "provider", "", "only the models of this `name`")
	flags.StringVar(&o.kind, "kind", "", "only this `kind`: image-to-video or text-to-video")
	flags.BoolVar(&o.schema, "schema", false, "print the model's JSON Schema")
	flags.BoolVar(&o.check, "check", false, "validate all models, your own included")
	app.completeFlags(cmd)
	return cmd
}

func (a *app) listModels(o *modelsOptions) error {
	offers, err := a.catalog()
	if err != nil {
		return err
	}
	if _, known := offers.Preset(o.provider); o.provider != "" && !known {
		_, err := a.providerSettings(o.provider)
		return err
	}
	if kind := kling.Kind(o.kind); kind != "" && !kind.Valid() {
		return usageFault("read --kind", fmt.Sprintf("%q is no kind; there are image-to-video and text-to-video", fault.SafeText(o.kind)), "klingctl models")
	}
	table := view.NewTable("PROVIDER", "MODEL", "KIND", "TITLE")
	records := make([]view.Offer, 0)
	for _, offer := range offers.Offers() {
		if o.provider != "" && offer.Provider != o.provider || o.kind != "" && string(offer.Kind) != o.kind {
			continue
		}
		table.Add(offer.Provider, offer.Model, string(offer.Kind), offer.Title)
		records = append(records, view.NewOffer(offer))
	}
	if a.global.json {
		return a.printJSON(records)
	}
	return a.print(table.Lines(a.process.OutTTY, a.term().Columns())...)
}

func (a *app) showModel(o *modelsOptions, name string) error {
	offers, err := a.catalog()
	if err != nil {
		return err
	}
	query := catalog.Query{Provider: firstOf(o.provider, a.settings.Provider), Model: name, Kind: kling.Kind(o.kind), HasImage: true}
	if query.Provider == "" {
		query.Provider = a.onlySeller(offers, query)
	}
	if o.provider == "" && query.Provider == a.settings.Provider && !offered(offers, query) {
		query.Provider = ""
	}
	model, err := offers.Choose(query)
	if err != nil {
		return err
	}
	switch {
	case o.schema:
		return a.printSchema(model)
	case a.global.json:
		return a.printJSON(view.NewModel(model.Offer, model.Params()))
	}
	return a.printModel(model)
}

// offered reports whether the provider of a query has the model.
func offered(offers *catalog.Catalog, query catalog.Query) bool {
	return slices.ContainsFunc(offers.Offers(), func(o catalog.Offer) bool {
		return o.Provider == query.Provider && o.Model == query.Model
	})
}

func (a *app) printSchema(model *catalog.Model) error {
	text, err := model.Schema()
	if err != nil {
		return &fault.Error{Kind: fault.Internal, Op: "print the schema of", Subject: model.Model, Err: err}
	}
	a.answered = true
	return a.print(strings.TrimRight(string(view.Inert(text)), "\n"))
}

func (a *app) printModel(model *catalog.Model) error {
	lines := []string{
		model.Title,
		"model " + model.Model + " at " + model.Provider + ", " + string(model.Kind),
	}
	for _, seconds := range slices.Sorted(maps.Keys(model.Expect)) {
		span := model.Expect[seconds]
		lines = append(lines, fmt.Sprintf("a video of %s s usually takes %s to %s", seconds, span.Low, span.High))
	}
	for _, note := range model.Notes {
		lines = append(lines, "note: "+note)
	}
	terminal := a.process.OutTTY
	if !terminal {
		lines = nil
	} else {
		lines = append(lines, "")
	}
	table := view.NewTable("FLAG", "PROPERTY", "TYPE", "ALLOWED", "DEFAULT", "REQUIRED", "WHAT")
	for _, p := range model.Params() {
		flag, required := "--param "+p.Property+"=", ""
		if p.Flag != "" {
			flag = p.Flag
		}
		if p.Required {
			required = "required"
		}
		table.Add(flag, p.Property, p.Type, p.Allowed, p.Default, required, p.Description)
	}
	return a.print(append(lines, table.Lines(terminal, max(a.term().Columns(), 60))...)...)
}

// checkModels validates every model file.
func (a *app) checkModels() error {
	offers, err := a.catalog()
	if err != nil {
		return err
	}
	problems := offers.Validate()
	if len(problems) == 0 {
		if a.global.json {
			return a.printJSON(view.ModelCheck{SchemaVersion: view.SchemaVersion, Offers: len(offers.Offers()), Problems: []string{}})
		}
		return a.print(fmt.Sprintf("%d offers, no problems", len(offers.Offers())))
	}
	texts := make([]string, len(problems))
	for i, problem := range problems {
		texts[i] = problem.Error()
	}
	if a.global.json {
		if err := a.printJSON(view.ModelCheck{SchemaVersion: view.SchemaVersion, Offers: len(offers.Offers()), Problems: texts}); err != nil {
			return err
		}
	}
	return usageFault("check the models", strings.Join(texts, "\n  "), "see docs/adding-a-model.md")
}
