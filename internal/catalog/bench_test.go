package catalog_test

import (
	"testing"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/catalog"
)

// BenchmarkOpenChoosePrepare is what one submit pays for the catalog.
func BenchmarkOpenChoosePrepare(b *testing.B) {
	for b.Loop() {
		c, err := catalog.Open(configs.FS())
		if err != nil {
			b.Fatal(err)
		}
		m, err := c.Choose(catalog.Query{Provider: "powertokens", Model: "kling-v2-1-master", HasImage: true})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := m.Prepare(b.Context(), catalog.Input{Flags: map[string][]string{"image": {"https://files.example.net/a.png"}}}, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		if _, err := catalog.Open(configs.FS()); err != nil {
			b.Fatal(err)
		}
	}
}
