package cmd

import (
	"testing"

	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/provider"
)

// All files of a provider come through one Fetcher, with its connections and
// its buffers, and those of another through another.
func TestOneFetcherAProvider(t *testing.T) {
	t.Parallel()
	built := 0
	fetcher := oneEach(func(provider.Settings) *fetch.Fetcher {
		built++
		return fetch.New(fetch.Options{})
	})
	kling, gateway := provider.Settings{Name: "kling", BaseURL: "https://a.example"}, provider.Settings{Name: "kling", BaseURL: "https://b.example"}
	if first, second := fetcher(kling), fetcher(kling); first != second || built != 1 {
		t.Errorf("%d built for two files of one provider", built)
	}
	if fetcher(gateway) == fetcher(kling) || built != 2 {
		t.Errorf("%d built for two addresses", built)
	}
}
