package catalog

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// Query says which offer is wanted. Empty fields are open.
type Query struct {
	Provider, Model string
	Kind            kling.Kind
	// Mode is the value of --mode: an offer that takes it is preferred.
	Mode string
	// HasImage says that an image or tail flag was given; it decides the
	// kind when Kind is empty.
	HasImage bool
}

// Choose finds the one offer that fits. Its error is a *fault.Error of kind
// usage that names near models, or the providers to choose from.
func (c *Catalog) Choose(q Query) (*Model, error) {
	if len(c.broken) > 0 {
		return nil, &fault.Error{
			Kind: fault.Usage, Op: "read the models", Detail: "a model file of yours is broken",
			Hint: "repair or remove it; klingctl models --check shows all faults", Err: errors.Join(c.broken...),
		}
	}
	if _, ok := c.Preset(q.Provider); q.Provider != "" && !ok && !c.sells(q.Provider) {
		return nil, c.unknownProvider(q.Provider)
	}
	found := c.matching(q)
	if len(found) == 0 {
		return nil, c.unknownModel(q)
	}
	found, err := c.narrow(q, found)
	if err != nil {
		return nil, err
	}
	if len(found) > 1 {
		return nil, ambiguous(q, found)
	}
	m, err := c.model(found[0])
	if err != nil {
		return nil, &fault.Error{Kind: fault.Usage, Op: "read the model", Subject: q.Model, Err: err, Hint: "klingctl models --check"}
	}
	return m, nil
}

// matching lists what provider and model leave, sorted.
func (c *Catalog) matching(q Query) []item {
	var found []item
	for id, one := range c.items {
		if (q.Provider == "" || id.provider == q.Provider) && (q.Model == "" || id.model == q.Model) {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b item) int {
		return cmp.Or(cmp.Compare(a.offer.Provider, b.offer.Provider),
			cmp.Compare(a.offer.Model, b.offer.Model), cmp.Compare(a.offer.Kind, b.offer.Kind))
	})
	return found
}

// narrow brings the kind down to one: the one asked for, the one whose mode
// fits, the one that the presence of an image suggests, or the only one.
func (c *Catalog) narrow(q Query, found []item) ([]item, error) {
	of := func(kind kling.Kind) []item {
		return slices.DeleteFunc(slices.Clone(found), func(i item) bool { return i.offer.Kind != kind })
	}
	if q.Kind != "" {
		kept := of(q.Kind)
		if len(kept) == 0 {
			return nil, &fault.Error{
				Kind: fault.Usage, Op: "choose a model", Subject: cmp.Or(q.Model, q.Provider),
				Detail: fmt.Sprintf("it makes no %s, only %s", q.Kind, found[0].offer.Kind),
				Hint:   "leave --kind out, or see klingctl models",
			}
		}
		return kept, nil
	}
	if q.Mode != "" {
		fitting := slices.DeleteFunc(slices.Clone(found), func(i item) bool {
			b, err := i.entry.load()
			return err != nil || !b.accepts("mode", q.Mode)
		})
		if len(fitting) > 0 {
			found = fitting
		}
	}
	kind := kling.TextToVideo
	if q.HasImage {
		kind = kling.ImageToVideo
	}
	if kept := of(kind); len(kept) > 0 {
		return kept, nil
	}
	return found, nil
}

func (c *Catalog) sells(provider string) bool {
	for id := range c.items {
		if id.provider == provider {
			return true
		}
	}
	return false
}

func (c *Catalog) unknownProvider(name string) error {
	known := make([]string, len(c.presets))
	for i := range c.presets {
		known[i] = c.presets[i].Name
	}
	return &fault.Error{
		Kind: fault.Usage, Op: "choose a model", Detail: fmt.Sprintf("there is no provider %q", cut(name)),
		Hint: "known are " + strings.Join(known, ", "),
	}
}

// unknownModel names what is near, at the provider first and then elsewhere.
func (c *Catalog) unknownModel(q Query) error {
	var here, all []string
	for _, offer := range c.Offers() {
		if q.Provider != "" && offer.Provider == q.Provider {
			here = append(here, offer.Model)
		}
		all = append(all, offer.Model)
	}
	e := &fault.Error{Kind: fault.Usage, Op: "choose a model", Hint: "klingctl models lists them"}
	switch {
	case q.Model == "":
		e.Detail = fmt.Sprintf("nothing is known of what %s offers", q.Provider)
		e.Hint = "describe a model in models.d, or give the provider a \"like\""
		return e
	case q.Provider == "":
		e.Detail = fmt.Sprintf("no provider offers %q", cut(q.Model))
	default:
		e.Detail = fmt.Sprintf("%s does not offer %q", q.Provider, cut(q.Model))
	}
	if sellers := c.sellers(q.Model); len(sellers) > 0 {
		e.Hint = "it is offered by " + strings.Join(sellers, ", ") + ": give --provider"
		return e
	}
	near := nearest(q.Model, here, 3)
	for _, name := range nearest(q.Model, all, 3) {
		if len(near) < 3 && !slices.Contains(near, name) {
			near = append(near, name)
		}
	}
	if len(near) > 0 {
		e.Hint = "near it: " + strings.Join(near, ", ") + "; klingctl models lists all"
	}
	return e
}

func (c *Catalog) sellers(model string) []string {
	var names []string
	for _, offer := range c.Offers() {
		if offer.Model == model && !slices.Contains(names, offer.Provider) {
			names = append(names, offer.Provider)
		}
	}
	return names
}

// ambiguous says what is left to choose between.
func ambiguous(q Query, found []item) error {
	var providers, models []string
	for _, i := range found {
		providers = append(providers, i.offer.Provider)
		models = append(models, i.offer.Model)
	}
	slices.Sort(providers)
	slices.Sort(models)
	providers, models = slices.Compact(providers), slices.Compact(models)
	e := &fault.Error{Kind: fault.Usage, Op: "choose a model", Subject: cmp.Or(q.Model, q.Provider)}
	switch {
	case q.Model != "" && len(providers) > 1:
		e.Detail = "several providers offer it: " + strings.Join(providers, ", ")
		e.Hint = "give --provider"
	case len(models) > 1:
		e.Detail = "no model was named; there are " + strings.Join(models[:min(len(models), 8)], ", ")
		e.Hint = "give --model, or put one into KLINGCTL_MODEL; klingctl models shows what each takes"
	default:
		e.Detail = "no provider was named"
		e.Hint = "give --provider"
	}
	return e
}
