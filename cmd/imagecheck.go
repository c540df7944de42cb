package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/view"
)

func newImage(app *app) *cobra.Command {
	g := group("image", "Look at images before anything is sent",
		`Look at local images: what they are, and which models would take them.`,
		"  klingctl image check *.png\n  klingctl image check photo.jpg -m kling-v2-1-master --provider kling",
		newImageCheck(app))
	g.GroupID = groupJobs
	return g
}

// imageCheckOptions are the flags of image check.
type imageCheckOptions struct{ provider, model, kind string }

func newImageCheck(app *app) *cobra.Command {
	o := &imageCheckOptions{}
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Say which models would take an image",
		Long: `Look at images by their content and print one line a file and model: whether the
model would take the file as its first frame, and if not, why and whether --fix
of submit would mend it. Nothing is sent.

Without --model the models of all providers with a key are asked, and of all
providers when there is no key at all. The exit code is 2 when a file is
refused: by the model that was named, else by every one of them.`,
		Example: `  klingctl image check photo.jpg
  klingctl image check --provider kling -m kling-v2-1-master *.png
  klingctl image check --json photo.heic`,
		Args: someArgs(1, -1, "an image file"),
		RunE: func(cmd *cobra.Command, args []string) error { return app.checkImages(cmd.Context(), o, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.provider, "provider", "", "only the models of this `name`")
	flags.StringVarP(&o.model, "model", "m", "", "only this model `id`")
	flags.StringVar(&o.kind, "kind", "", "`kind` of video of the model")
	app.completeFlags(cmd)
	_ = cmd.RegisterFlagCompletionFunc("model", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return app.modelNames(o.provider), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

func (a *app) checkImages(ctx context.Context, o *imageCheckOptions, files []string) error {
	models, err := a.imageModels(o)
	if err != nil {
		return err
	}
	records := make([]view.ImageCheck, 0, len(files))
	code := exitDone
	for _, file := range files {
		record := checkImage(ctx, file, models)
		if !record.Taken() {
			code = exitUsage
		}
		records = append(records, record)
	}
	if a.global.json {
		err = a.printJSON(records)
	} else {
		table := view.NewTable("FILE", "IMAGE", "PROVIDER", "MODEL", "VERDICT", "WHY")
		for _, record := range records {
			record.Rows(table)
		}
		err = a.print(table.Lines(a.process.OutTTY, a.term().Columns())...)
	}
	if err != nil {
		return err
	}
	return endWith(code)
}

// imageModels are the models that a check is about.
func (a *app) imageModels(o *imageCheckOptions) ([]*catalog.Model, error) {
	offers, err := a.catalog()
	if err != nil {
		return nil, err
	}
	if o.model != "" {
		query := catalog.Query{Provider: o.provider, Model: o.model, Kind: kling.Kind(o.kind), HasImage: true}
		if query.Provider == "" {
			query.Provider = a.onlySeller(offers, query)
		}
		model, err := offers.Choose(query)
		if err != nil {
			return nil, err
		}
		return []*catalog.Model{model}, nil
	}
	wanted := a.keyed()
	if o.provider != "" {
		if _, err := a.providerSettings(o.provider); err != nil {
			return nil, err
		}
		wanted = []string{o.provider}
	}
	var models []*catalog.Model
	for _, offer := range offers.Offers() {
		if len(wanted) > 0 && !slices.Contains(wanted, offer.Provider) {
			continue
		}
		model, err := offers.Choose(catalog.Query{Provider: offer.Provider, Model: offer.Model, Kind: offer.Kind})
		if err != nil {
			return nil, err
		}
		if model.Takes("image") {
			models = append(models, model)
		}
	}
	return models, nil
}

// checkImage looks at one file and holds it against every model.
func checkImage(ctx context.Context, file string, models []*catalog.Model) view.ImageCheck {
	record := view.ImageCheck{SchemaVersion: view.SchemaVersion, File: file, Models: []view.ImageVerdict{}}
	image, err := media.Inspect(ctx, file)
	if err != nil {
		record.Problem = err.Error()
		if problem := fault.Of(err); problem != nil && problem.Detail != "" {
			record.Problem = problem.Detail
		}
		return record
	}
	record.Image = view.NewImage(image)
	for _, model := range models {
		problems, takes := model.CheckImage("image", image)
		if !takes {
			continue
		}
		record.Models = append(record.Models, view.ImageVerdict{
			Provider: model.Provider, Model: model.Model, Kind: string(model.Kind), Taken: len(problems) == 0,
			Problems: append([]string{}, problems...), Fixable: strings.Contains(strings.Join(problems, ""), "--fix"),
		})
	}
	return record
}
