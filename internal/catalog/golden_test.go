package catalog_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/catalog"
)

var update = flag.Bool("update", false, "write the golden files anew")

// minimal is the least that a model needs, by what it takes.
func minimal(m *catalog.Model) map[string][]string {
	given := map[string][]string{}
	if m.Takes("image") {
		given["image"] = []string{pictureURL}
	}
	if m.Takes("prompt") {
		given["prompt"] = []string{"rain"}
	}
	return given
}

// TestEveryOfferTakesItsLeastInput also pins what goes on the wire for it.
func TestEveryOfferTakesItsLeastInput(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	written := map[string][]json.RawMessage{}
	for _, offer := range c.Offers() {
		m := choose(t, c, offer.Provider, offer.Model, offer.Kind)
		p, err := m.Prepare(t.Context(), catalog.Input{Flags: minimal(m)}, nil)
		if err != nil {
			t.Errorf("%s %s: %v", offer.Provider, offer.Model, err)
			continue
		}
		if p.Prompt() != "rain" {
			t.Errorf("%s %s: prompt is %q", offer.Provider, offer.Model, p.Prompt())
		}
		canonical, err := p.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		written[offer.Provider] = append(written[offer.Provider], canonical)
	}
	if len(written) != len(c.Presets()) {
		t.Errorf("offers of %d providers, there are %d presets", len(written), len(c.Presets()))
	}
	for provider, list := range written {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			for _, line := range list {
				if err := json.Indent(&got, line, "", "  "); err != nil {
					t.Fatal(err)
				}
				got.WriteByte('\n')
			}
			name := filepath.Join("testdata", provider+".json")
			if *update {
				if err := os.WriteFile(name, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s (-want +got), -update writes it:\n%s", name, diff)
			}
		})
	}
}
