package cmd

import (
	"strings"
	"testing"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/catalog"
)

// environmentPage is the help topic of the same name as a page.
func environmentPage(t *testing.T) string {
	t.Helper()
	offers, err := catalog.Open(configs.FS())
	if err != nil {
		t.Fatal(err)
	}
	p := newPage("Environment")
	p.text("`klingctl help environment` shows the same. What each setting takes stands with the [settings](settings.md).")
	for _, part := range environmentSections(offers) {
		p.printf("\n## %s\n", part.title)
		if part.text != "" {
			p.text(strings.ReplaceAll(strings.Join(strings.Fields(part.text), " "), "<", "&lt;"))
		}
		var rows [][]string
		for _, e := range part.entries {
			rows = append(rows, []string{ticked(e.word), e.what})
		}
		p.table([]string{"name", "what it is"}, rows)
	}
	return p.String()
}
