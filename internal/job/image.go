package job

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/provider"
)

// Forms in which a model takes an image, see the catalog's x-media.
const (
	asBase64  = "base64"
	asDataURI = "data-uri"
)

// place puts every image into the request in a form that the model takes: a
// URL as it is, a local file inside the body, or hosted and then by URL. It
// tells where each hosted one is, by the property that it stands in.
func (s *Service) place(ctx context.Context, order Order, job kling.Job) (map[string]hostedRecord, error) {
	hosted := map[string]hostedRecord{}
	for _, slot := range order.Prepared.Slots {
		text, fits := inline(slot)
		switch {
		case slot.URL:
			continue
		case fits:
			order.Prepared.Fill(slot, text)
		default:
			hoster := s.hoster(order.Settings)
			if hoster == nil {
				return nil, notHosted(order, slot)
			}
			s.observe(Event{Stage: Hosting, Job: job, Path: slot.Source})
			link, err := hoster.Host(ctx, slot.Image)
			if err != nil {
				return nil, fmt.Errorf("host %s for %s: %w", slot.Source, order.Settings.Name, err)
			}
			hosted[slot.Property] = hostedRecord{Place: hoster.Name(), Method: link.Method, Key: link.Key}
			order.Prepared.Fill(slot, link.URL)
		}
	}
	return hosted, nil
}

// inline is the stream of a local image for models that take it inside the
// body.
func inline(slot catalog.Slot) (text media.Base64, fits bool) {
	dataURI := slices.Contains(slot.As, asDataURI)
	return media.NewBase64(slot.Image, dataURI), dataURI || slices.Contains(slot.As, asBase64)
}

func (s *Service) hoster(settings provider.Settings) Hoster {
	if s.Hoster == nil {
		return nil
	}
	return s.Hoster(settings)
}

// Hosted reports the problem of an order whose local images nobody can host,
// before anything is sent; nil when there is none.
func (s *Service) Hosted(order Order) error {
	for _, slot := range order.Prepared.Slots {
		if _, fits := inline(slot); !slot.URL && !fits && s.hoster(order.Settings) == nil {
			return notHosted(order, slot)
		}
	}
	return nil
}

func notHosted(order Order, slot catalog.Slot) error {
	return &fault.Error{
		Kind: fault.Usage, Op: "use", Subject: slot.Source, Charged: fault.NotCharged,
		Detail: fmt.Sprintf("%s takes images of %s by URL only, and nothing is configured to host a local file",
			order.Settings.Name, order.Prepared.Model.Model),
		Hint: "let one be hosted (upload.method kie, or s3 for a bucket of yours), give an https URL, choose a provider that takes files (kling, powertokens, aimlapi), or try it with --sandbox",
	}
}

// stem is the base name of an image without its extension.
func stem(slot catalog.Slot) string {
	name := filepath.Base(slot.Source)
	if slot.URL {
		name = ""
		if link, err := url.Parse(slot.Source); err == nil {
			name = path.Base(link.Path)
		}
	}
	name = strings.TrimSuffix(name, path.Ext(name))
	if name == "" || name == "." || name == "/" || name == "-" {
		return "video"
	}
	return name
}

// withoutStreams copies a request object with streams replaced by labels.
func withoutStreams(object map[string]any) map[string]any {
	copied := make(map[string]any, len(object))
	for name, value := range object {
		copied[name] = withoutStream(value)
	}
	return copied
}

func withoutStream(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return withoutStreams(v)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = withoutStream(item)
		}
		return items
	case interface{ Label() string }:
		return v.Label()
	}
	return value
}

// Stand is what stands for a local file in a request that is only shown: the
// stream that would be sent, or a note that a URL will take its place.
func Stand(slot catalog.Slot) any {
	if text, fits := inline(slot); fits {
		return text
	}
	return "<URL of " + filepath.Base(slot.Source) + ", once it is hosted>"
}
