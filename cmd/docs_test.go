package cmd

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGeneratedDocs holds that the generated pages say what the program does.
// When it fails, this writes them anew:
//
//	go test ./cmd -run TestGeneratedDocs -update
func TestGeneratedDocs(t *testing.T) {
	t.Parallel()
	docs := filepath.Join("..", "docs")
	pages := cliPages()
	pages["exit-codes.md"] = exitCodesPage()
	pages["settings.md"] = settingsPage(t)
	pages["environment.md"] = environmentPage(t)
	pages["scenarios.md"] = scenariosPage()
	pages["models.md"] = modelsPage(t)
	pages["json.md"] = jsonPage(t)

	maps.Copy(pages, manPages(t))

	for _, folder := range []string{"cli", "man"} {
		old, err := filepath.Glob(filepath.Join(docs, folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range old {
			if name := folder + "/" + filepath.Base(path); pages[name] == "" {
				stale(t, path, "")
			}
		}
	}
	for name, page := range pages {
		stale(t, filepath.Join(docs, filepath.FromSlash(name)), page)
	}
}

// stale compares a page with what it should be, or writes it under -update; a
// page that should not be is removed.
func stale(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if want == "" {
			err = os.Remove(path)
		} else {
			err = errors.Join(err, os.WriteFile(path, []byte(want), 0o644))
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(string(got), "\r\n", "\n"), want); diff != "" {
		t.Errorf("%s is stale; run: go test ./cmd -run TestGeneratedDocs -update\n(-page +program)\n%s", path, diff)
	}
}

// page is a Markdown page that a program writes.
type page struct{ strings.Builder }

// newPage begins a page, with a note that nobody should edit it.
func newPage(title string) *page {
	p := &page{}
	p.printf("<!-- Made by the program: go test ./cmd -run TestGeneratedDocs -update -->\n\n# %s\n", title)
	return p
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(&p.Builder, format, args...) }

// text adds paragraphs.
func (p *page) text(text string) { p.printf("\n%s\n", strings.TrimSpace(text)) }

// code adds a block of code.
func (p *page) code(language, text string) {
	p.printf("\n```%s\n%s\n```\n", language, strings.Trim(text, "\n"))
}

// table adds a table; its cells are plain text or code in backticks.
func (p *page) table(head []string, rows [][]string) {
	p.printf("\n| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat(" --- |", len(head)))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(cell)
			if strings.HasPrefix(cell, "`") {
				cells[i] = strings.ReplaceAll(cell, "|", `\|`)
			}
		}
		p.printf("| %s |\n", strings.Join(cells, " | "))
	}
}

// ticked is a text as code; "" stays nothing.
func ticked(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}
