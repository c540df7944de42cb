package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/catalog"
)

// modelsPage is the table of all offers. Offers of one provider that take the
// same share a table.
func modelsPage(t *testing.T) string {
	t.Helper()
	offers, err := catalog.Open(configs.FS())
	if err != nil {
		t.Fatal(err)
	}
	p := newPage("Models")
	p.text(`
Every model of every provider, with the flags and properties it takes. A flag in the first column is one of
` + "`klingctl submit`" + `; a property without one is set with ` + "`--param`" + `. Properties in an element of a list are written with
` + "`[]`" + ` and go in as JSON. What stands here is checked before anything is sent.`)
	for _, preset := range offers.Presets() {
		groups, order := alike(t, offers, preset.Name)
		p.printf("\n## %s\n", preset.Title)
		p.text("`--provider " + preset.Name + "`, dialect " + preset.Dialect + ".")
		for _, key := range order {
			group := groups[key]
			p.printf("\n### %s\n\n", heading(group))
			for _, model := range group {
				p.printf("- `%s`, %s%s\n", model.Model, model.Kind, usually(model.Offer))
			}
			for _, note := range group[0].Notes {
				p.printf("- Note: %s\n", note)
			}
			p.printf("\n%s\n", key)
		}
	}
	return p.String()
}

// alike groups a provider's models by what they take.
func alike(t *testing.T, offers *catalog.Catalog, provider string) (groups map[string][]*catalog.Model, order []string) {
	t.Helper()
	groups = map[string][]*catalog.Model{}
	for _, offer := range offers.Offers() {
		if offer.Provider != provider {
			continue
		}
		model, err := offers.Choose(catalog.Query{Provider: provider, Model: offer.Model, Kind: offer.Kind})
		if err != nil {
			t.Fatal(err)
		}
		key := paramTable(model)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], model)
	}
	return groups, order
}

func paramTable(model *catalog.Model) string {
	var rows [][]string
	for _, param := range model.Params() {
		required := ""
		if param.Required {
			required = "yes"
		}
		rows = append(rows, []string{
			ticked(param.Flag), ticked(param.Property), param.Type, param.Allowed, ticked(param.Default), required, param.Description,
		})
	}
	var p page
	p.table([]string{"flag", "property", "type", "allowed", "default", "required", "what it is"}, rows)
	return strings.TrimSpace(p.String())
}

func heading(group []*catalog.Model) string {
	if len(group) == 1 {
		return group[0].Title
	}
	names := make([]string, len(group))
	for i, model := range group {
		names[i] = model.Title
	}
	return strings.Join(slices.Compact(names), ", ")
}

func usually(offer catalog.Offer) string {
	var spans []string
	seconds := slices.SortedFunc(maps.Keys(offer.Expect), func(a, b string) int {
		return len(a)*100 - len(b)*100 + strings.Compare(a, b)
	})
	for _, length := range seconds {
		span := offer.Expect[length]
		spans = append(spans, fmt.Sprintf("%s s of video usually take %s to %s", length, brief(span.Low), brief(span.High)))
	}
	if len(spans) == 0 {
		return ""
	}
	return "; " + strings.Join(spans, ", ")
}

// brief is a duration without its zero parts.
func brief(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if rest, ok := strings.CutSuffix(text, zero); ok {
			text = rest + zero[:1]
		}
	}
	return text
}
