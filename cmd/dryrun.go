package cmd

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/view"
)

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
