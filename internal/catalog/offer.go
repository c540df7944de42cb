package catalog

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/klingctl/klingctl/internal/kling"
)

// Offer is one model of one provider for one kind of video.
type Offer struct {
	// Provider is the preset's or the user's name of it.
	Provider string
	// Model is the exact id on the wire.
	Model string
	Kind  kling.Kind
	// Title is for people.
	Title string
	// Endpoint is the part of the request path that the model decides, ""
	// where the dialect needs none.
	Endpoint string
	// Expect tells the usual generation time by requested seconds.
	Expect map[string]Span
	// Notes is what a person should know before choosing it.
	Notes []string
	// Origin is the file that the offer comes from.
	Origin string
}

// Span is a range of time.
type Span struct{ Low, High time.Duration }

// head is the first part of a model file: what is on offer. It is read for
// every file at every start, so prices, checks and schema come after it.
type head struct {
	Model     string              `yaml:"model"`
	Models    []string            `yaml:"models"`
	Provider  string              `yaml:"provider"`
	Providers []string            `yaml:"providers"`
	Title     string              `yaml:"title"`
	Kind      kling.Kind          `yaml:"kind"`
	Endpoint  string              `yaml:"endpoint"`
	Expect    map[string][]string `yaml:"expect"`
	Notes     []string            `yaml:"notes"`
}

var (
	errNoInput    = errors.New(`no line "input:" found; it comes last in the file`)
	errModelOne   = errors.New("give either model or models")
	errProvideOne = errors.New("give either provider or providers")
	errKind       = errors.New("kind must be image-to-video or text-to-video")
)

// splitHead cuts a model file before its first line "prices:", "checks:" or
// "input:".
func splitHead(text []byte) ([]byte, error) {
	end := -1
	for _, key := range []string{"\ninput:", "\nprices:", "\nchecks:"} {
		at := bytes.Index(text, []byte(key))
		switch {
		case at < 0 && end < 0:
			return nil, errNoInput // input is looked for first
		case at >= 0 && (end < 0 || at < end):
			end = at
		}
	}
	return text[:end+1], nil
}

// readHead decodes the head of a model file, strictly.
func readHead(text []byte) (head, error) {
	var h head
	cut, err := splitHead(text)
	if err != nil {
		return h, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(cut))
	decoder.KnownFields(true)
	if err := decoder.Decode(&h); err != nil {
		return h, fmt.Errorf("read the head: %w", err)
	}
	if h.Model != "" {
		h.Models = append(h.Models, h.Model)
	}
	if h.Provider != "" {
		h.Providers = append(h.Providers, h.Provider)
	}
	switch {
	case len(h.Models) == 0 || h.Model != "" && len(h.Models) > 1:
		return h, errModelOne
	case len(h.Providers) == 0 || h.Provider != "" && len(h.Providers) > 1:
		return h, errProvideOne
	case !h.Kind.Valid():
		return h, errKind
	}
	return h, nil
}

// offers lists what a head offers: every model at every provider.
func (h head) offers(origin string) ([]Offer, error) {
	expect := make(map[string]Span, len(h.Expect))
	for seconds, pair := range h.Expect {
		span, err := readSpan(pair)
		if err != nil {
			return nil, fmt.Errorf("expect %q: %w", seconds, err)
		}
		expect[seconds] = span
	}
	var all []Offer
	for _, provider := range h.Providers {
		if !kling.ValidProvider(provider) {
			return nil, fmt.Errorf("%q is no name for a provider", provider)
		}
		for _, model := range h.Models {
			all = append(all, Offer{
				Provider: provider, Model: model, Kind: h.Kind,
				Title:    strings.ReplaceAll(h.Title, "{model}", model),
				Endpoint: h.Endpoint, Expect: expect, Notes: h.Notes, Origin: origin,
			})
		}
	}
	return all, nil
}

func readSpan(pair []string) (Span, error) {
	if len(pair) != 2 {
		return Span{}, errors.New("two durations are needed")
	}
	low, err := time.ParseDuration(pair[0])
	if err != nil {
		return Span{}, fmt.Errorf("the low end: %w", err)
	}
	high, err := time.ParseDuration(pair[1])
	if err != nil {
		return Span{}, fmt.Errorf("the high end: %w", err)
	}
	if low <= 0 || high < low {
		return Span{}, errors.New("the durations must be positive and in order")
	}
	return Span{Low: low, High: high}, nil
}

// sortOffers orders by provider, model and kind.
func sortOffers(offers []Offer) {
	slices.SortFunc(offers, func(a, b Offer) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Model, b.Model), cmp.Compare(a.Kind, b.Kind))
	})
}
