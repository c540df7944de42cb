package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Validate checks every file: heads and schemas read, defaults fit their own
// node, every rule has words, flags and checks are known, prices are amounts,
// and every provider has a preset.
func (c *Catalog) Validate() []error {
	faults := slices.Clone(c.broken)
	for _, e := range c.entries {
		for _, err := range e.validate() {
			faults = append(faults, fmt.Errorf("%s: %w", e.origin, err))
		}
	}
	for _, offer := range c.Offers() {
		if _, ok := c.Preset(offer.Provider); !ok {
			faults = append(faults, fmt.Errorf("%s: there is no provider %q", offer.Origin, offer.Provider))
		}
	}
	return faults
}

func (e *entry) validate() []error {
	var faults []error
	b, err := e.load()
	if err != nil {
		// load names the file already.
		return []error{errors.New(strings.TrimPrefix(err.Error(), e.origin+": "))}
	}
	b.root.walk("", func(path string, node *schema) {
		if _, err := node.own(); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", path, err))
			return
		}
		for _, name := range node.required {
			if _, ok := node.properties[name]; !ok {
				faults = append(faults, fmt.Errorf("%s is required and has no schema", join(path, name)))
			}
		}
		for i := range node.rules {
			if _, err := node.rules[i].test(); err != nil {
				faults = append(faults, fmt.Errorf("%s: rule %d: %w", path, i+1, err))
			}
			if node.rules[i].message == "" {
				faults = append(faults, fmt.Errorf("%s: rule %d has no x-message", path, i+1))
			}
			for _, name := range node.rules[i].touches {
				if _, ok := node.properties[name]; !ok {
					faults = append(faults, fmt.Errorf("%s: rule %d speaks of %s, which is no property", path, i+1, name))
				}
			}
		}
		faults = append(faults, node.validateValues(path)...)
	})
	faults = append(faults, e.head.validatePrices(b)...)
	return faults
}

// validateValues holds the node's own values against the node.
func (s *schema) validateValues(path string) []error {
	var faults []error
	if s.standard != nil {
		out := &collector{}
		(&Model{body: &body{root: s}}).check(s, s.standard, path, out)
		for _, p := range out.list {
			faults = append(faults, fmt.Errorf("%s: the default %s", path, p.String()))
		}
	}
	for _, value := range s.enum {
		if s.kind != "" && !hasKind(value, s.kind) {
			faults = append(faults, fmt.Errorf("%s: %s in the enum is no %s", path, plainText(value), s.kind))
		}
	}
	for word, value := range s.marks.values {
		wire, err := fromText(s, nil, value)
		if err != nil || judge(s, wire) != "" {
			faults = append(faults, fmt.Errorf("%s: x-values gives %q for %q, which the schema refuses", path, value, word))
		}
	}
	return faults
}

func (h head) validatePrices(b *body) []error {
	var faults []error
	for _, list := range b.prices {
		switch {
		case list.Currency == "" || list.Source == "" || list.AsOf == "":
			faults = append(faults, errors.New("a price needs currency, source and as_of"))
		case list.Provider != "" && !slices.Contains(h.Providers, list.Provider):
			faults = append(faults, fmt.Errorf("a price is for %q, which the file does not name", list.Provider))
		case list.Model != "" && !slices.Contains(h.Models, list.Model):
			faults = append(faults, fmt.Errorf("a price is for %q, which the file does not name", list.Model))
		}
		for _, row := range list.By {
			if (row.Amount == "") == (row.PerSecond == "") || !validDecimal(row.Amount+row.PerSecond) {
				faults = append(faults, errors.New("a price row needs either amount or per_second, as a number"))
			}
			for name := range row.When {
				if _, ok := b.root.properties[name]; !ok {
					faults = append(faults, fmt.Errorf("a price depends on %s, which is no property", name))
				}
			}
		}
	}
	return faults
}
