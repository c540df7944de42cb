package catalog

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/kling"
)

// Catalog is everything on offer.
type Catalog struct {
	presets []Preset
	entries []*entry
	items   map[offerID]item
	// broken are user files that could not be read. Nothing is chosen while
	// there are any: one of them may have meant to replace an offer.
	broken []error
}

// offerID is what makes an offer one.
type offerID struct {
	provider, model string
	kind            kling.Kind
}

type item struct {
	offer Offer
	entry *entry
}

// Overlay is a folder of model files of the user's.
type Overlay struct {
	// Name stands before file names in messages.
	Name string
	FS   fs.FS
}

// Open reads the built-in presets and the heads of all model files. A file of
// an overlay with the same provider, model and kind replaces the offer. Only
// built-in files make Open fail; a broken file of the user is told by Choose
// and Validate.
func Open(builtin fs.FS, overlays ...Overlay) (*Catalog, error) {
	presets, err := readPresets(builtin)
	if err != nil {
		return nil, err
	}
	c := &Catalog{presets: presets, items: map[offerID]item{}}
	names, err := fs.Glob(builtin, "models/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the built-in models: %w", err)
	}
	for _, name := range names {
		if err := c.add(builtin, name, path.Base(name), false); err != nil {
			return nil, fmt.Errorf("read the built-in models: %w", err)
		}
	}
	for _, overlay := range overlays {
		names, err := listYAML(overlay.FS)
		if err != nil {
			return nil, fmt.Errorf("list the models in %s: %w", overlay.Name, err)
		}
		for _, name := range names {
			if err := c.add(overlay.FS, name, path.Join(overlay.Name, name), true); err != nil {
				c.broken = append(c.broken, err)
			}
		}
	}
	return c, nil
}

// listYAML lists *.yaml and *.yml of a folder; a folder that is not there is
// empty.
func listYAML(source fs.FS) ([]string, error) {
	files, err := fs.ReadDir(source, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range files {
		name := file.Name()
		if !file.IsDir() && !strings.HasPrefix(name, ".") && (path.Ext(name) == ".yaml" || path.Ext(name) == ".yml") {
			names = append(names, name)
		}
	}
	return names, nil
}

// add takes one file in. Two built-in files with the same offer are a fault.
func (c *Catalog) add(source fs.FS, name, origin string, replace bool) error {
	file, err := newEntry(source, name, origin)
	if err != nil {
		return err
	}
	offers, err := file.head.offers(origin)
	if err != nil {
		return fmt.Errorf("%s: %w", origin, err)
	}
	c.entries = append(c.entries, file)
	for _, offer := range offers {
		id := offerID{offer.Provider, offer.Model, offer.Kind}
		if old, twice := c.items[id]; twice && !replace {
			return fmt.Errorf("%s: %s of %s stands in %s as well", origin, offer.Model, offer.Provider, old.entry.origin)
		}
		c.items[id] = item{offer, file}
	}
	return nil
}

// Presets lists the providers by name.
func (c *Catalog) Presets() []Preset { return slices.Clone(c.presets) }

// Preset finds a provider by name.
func (c *Catalog) Preset(name string) (Preset, bool) {
	at := slices.IndexFunc(c.presets, func(p Preset) bool { return p.Name == name })
	if at < 0 {
		return Preset{}, false
	}
	return c.presets[at], true
}

// WithProviders returns a catalog that knows more providers. One with Like
// offers what that preset offers and takes its dialect, pace and variant where
// it says none; one with a known name replaces it.
func (c *Catalog) WithProviders(extra []Preset) *Catalog {
	next := &Catalog{
		presets: slices.Clone(c.presets), entries: c.entries, items: maps.Clone(c.items), broken: c.broken,
	}
	for _, preset := range extra {
		if base, ok := next.Preset(preset.Like); ok && preset.Like != "" {
			preset = preset.under(base)
			for id, found := range c.items {
				if id.provider != base.Name {
					continue
				}
				id.provider, found.offer.Provider = preset.Name, preset.Name
				if _, own := c.items[id]; !own {
					next.items[id] = found
				}
			}
		}
		next.presets = slices.DeleteFunc(next.presets, func(p Preset) bool { return p.Name == preset.Name })
		next.presets = append(next.presets, preset)
	}
	slices.SortFunc(next.presets, func(a, b Preset) int { return cmp.Compare(a.Name, b.Name) })
	return next
}

// Offers lists everything on offer, by provider, model and kind.
func (c *Catalog) Offers() []Offer {
	offers := make([]Offer, 0, len(c.items))
	for _, found := range c.items {
		offers = append(offers, found.offer)
	}
	sortOffers(offers)
	return offers
}

// Taking lists the offers that have a property for a canonical flag.
func (c *Catalog) Taking(flag string) []Offer {
	var offers []Offer
	for _, found := range c.items {
		b, err := found.entry.load()
		if err != nil {
			continue
		}
		if _, ok := b.flags[flag]; ok {
			offers = append(offers, found.offer)
		}
	}
	sortOffers(offers)
	return offers
}

// model loads the chosen offer.
func (c *Catalog) model(found item) (*Model, error) {
	b, err := found.entry.load()
	if err != nil {
		return nil, err
	}
	return &Model{Offer: found.offer, body: b, taking: c.Taking}, nil
}
