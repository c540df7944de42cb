package catalog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
)

// Slot is a place in the input that stands for an image. Its value is still
// the path, "-" or address that was given; Prepared.Fill puts what goes on the
// wire there.
type Slot struct {
	// Property is the place, as in "image" or "dynamic_masks[0].mask".
	Property string
	// Flag is the canonical flag of it, "" when there is none.
	Flag string
	// Source is a path, "-" or an address.
	Source string
	// URL says that Source is an address.
	URL bool
	// Image is what was found in a local file; empty for an address or when
	// files are not opened.
	Image media.Image
	// As lists the forms that the provider takes, best first: url, base64,
	// data-uri.
	As []string

	limits media.Limits
	path   []any // keys and positions from the input down
}

// findSlots walks schema and value together.
func (m *Model) findSlots(node *schema, value any, at string, path []any, out *collector) []Slot {
	var slots []Slot
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if child, ok := node.properties[name]; ok {
				slots = append(slots, m.findSlots(child, v[name], join(at, name), append(slices.Clone(path), name), out)...)
			}
		}
	case []any:
		for i := range v {
			place, below := fmt.Sprintf("%s[%d]", at, i), append(slices.Clone(path), i)
			if source, ok := v[i].(string); ok && node.marks.media != nil {
				slots = m.slot(slots, node.marks.media, source, place, below, out)
			} else if node.items != nil {
				slots = append(slots, m.findSlots(node.items, v[i], place, below, out)...)
			}
		}
	case string:
		if node.marks.media != nil {
			slots = m.slot(slots, node.marks.media, v, at, path, out)
		}
	}
	return slots
}

func (m *Model) slot(slots []Slot, mark *mediaMark, source, at string, path []any, out *collector) []Slot {
	s := Slot{
		Property: at, Flag: m.flagOf(at), Source: source, URL: media.IsURL(source),
		As: slices.Clone(mark.as), limits: mark.limits, path: path,
	}
	problem := ""
	switch {
	case source == "":
		problem = "is empty; leave it out or give an image"
	case s.URL:
		problem = checkURI(source)
	case strings.HasPrefix(source, "data:"):
		problem = "takes the file itself or an address, not a data URI"
	case strings.Contains(source, "://"):
		problem = "must be a full http or https address, or a file"
	}
	if problem != "" {
		out.add(m.problem(at, source, problem))
		return slots
	}
	return append(slots, s)
}

// inspect looks at the local images and holds them against the limits. Every
// file is looked at once.
func (m *Model) inspect(ctx context.Context, slots []Slot, look looker, mend Mender, out *collector) error {
	if look == nil {
		return nil
	}
	exact := slices.ContainsFunc(slots, Slot.mask)
	type seen struct {
		image media.Image
		err   error
	}
	known := map[string]seen{}
	for i := range slots {
		s := &slots[i]
		if s.URL {
			continue
		}
		found, done := known[s.Source]
		if !done {
			found.image, found.err = look(ctx, s.Source)
			known[s.Source] = found
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("look at the images: %w", err)
		}
		if found.err != nil {
			out.add(m.problem(s.Property, s.Source, reason(found.err)))
			continue
		}
		s.Image = found.image
		// A mask belongs to an image pixel by pixel: neither may move.
		s.limits.Exact = exact
		if mend != nil {
			mended, err := mend(ctx, found.image, s.limits)
			if err != nil {
				out.add(m.problem(s.Property, s.Source, reason(err)))
				continue
			}
			s.Image = mended
		}
		for _, message := range limitsSay(s.limits, s.Image) {
			out.add(m.problem(s.Property, s.Source, message))
		}
	}
	return nil
}

// limitsSay is every problem of an image, the last one with the way out where
// there is one.
func limitsSay(limits media.Limits, image media.Image) []string {
	messages := limits.Check(image)
	if len(messages) > 0 && media.Mendable(image, limits) {
		messages[len(messages)-1] += " (--fix would mend it)"
	}
	return messages
}

// CheckRemote holds what a server says of the file behind an address against
// the limits; an empty type and a negative size are unknown and pass.
func (s Slot) CheckRemote(contentType string, size int64) []string {
	var limits media.Limits
	var said media.Image
	if contentType != "" {
		limits.Types, said.Type = s.limits.Types, contentType
	}
	if size >= 0 {
		limits.MaxBytes, said.Bytes = s.limits.MaxBytes, size
	}
	return limits.Check(said)
}

// mask reports whether the slot holds a mask and not a frame.
func (s Slot) mask() bool { return strings.Contains(s.Property, "mask") }

// Mender makes a local image fit the limits of its slot, see media.Fix.
type Mender = func(ctx context.Context, image media.Image, limits media.Limits) (media.Image, error)

// looker looks at a local image.
type looker = func(ctx context.Context, source string) (media.Image, error)

// reason is an error in the words of a problem, without naming the file twice.
func reason(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Detail != "" {
		return f.Detail
	}
	return "cannot be used: " + err.Error()
}
