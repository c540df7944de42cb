package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/ledger"
)

// order settles what to buy and where, every problem of the input at once.
func (a *app) order(ctx context.Context, o *requestOptions, spend *spendOptions) (job.Order, func(), error) {
	nothing := func() {}
	asked, err := a.gather(o)
	if err != nil {
		return job.Order{}, nothing, err
	}
	images := &images{app: a, fix: o.fix}
	order, err := a.settle(ctx, asked, images, o.checkURL)
	if err == nil {
		err = a.budget(spend, order.Prepared, &order)
	}
	return order, images.close, err
}

// settle chooses the offer that a request means and holds the request against
// it.
func (a *app) settle(ctx context.Context, asked request, images *images, checkURL bool) (job.Order, error) {
	model, err := a.choose(asked.query)
	if err != nil {
		return job.Order{}, err
	}
	settings, err := a.providerSettings(model.Provider)
	if err != nil {
		return job.Order{}, err
	}
	asked.input.Mend = images.mender()
	prepared, err := model.Prepare(ctx, asked.input, images.look)
	if err == nil && checkURL {
		err = a.checkURLs(ctx, prepared)
	}
	if err != nil {
		return job.Order{}, err
	}
	images.warn(prepared.Slots)
	a.compare(asked.images, prepared.Slots)
	return job.Order{Prepared: prepared, Settings: settings, Pace: a.creates(model.Provider), Sandbox: a.settings.Sandbox}, nil
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
