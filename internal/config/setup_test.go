package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/fault"
)

// canary is a key that may be seen nowhere.
const canary = "sk-canary-0123456789"

// home is a machine with a user on it: a home folder, a working folder, and
// nothing configured.
type home struct {
	t      *testing.T
	source config.Source
	folder string
}

func newHome(t *testing.T) *home {
	t.Helper()
	h := &home{t: t, folder: t.TempDir()}
	work := filepath.Join(h.folder, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	h.source = config.Source{
		Environ: []string{"HOME=" + h.folder}, OS: "linux", Folder: work, Flags: map[string]string{},
		Known: []config.Known{
			{Name: "kie", Env: []string{"KIE_API_KEY"}, Defaults: map[string]string{"base_url": "https://api.kie.example"}},
			{Name: "kling", Env: []string{"KLING_API_KEY"}, Pair: []string{"KLING_ACCESS_KEY", "KLING_SECRET_KEY"}},
			{Name: "my-gateway"},
		},
	}
	return h
}

// write stores a file below the home folder, readable by its owner only.
func (h *home) write(name, text string) string {
	h.t.Helper()
	path := filepath.Join(h.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// user writes the user file in its usual place.
func (h *home) user(lines ...string) string {
	h.t.Helper()
	return h.write(".config/klingctl/config.yaml", strings.Join(lines, "\n")+"\n")
}

// project writes the project file.
func (h *home) project(lines ...string) string {
	h.t.Helper()
	return h.write("work/.klingctl.yaml", strings.Join(lines, "\n")+"\n")
}

func (h *home) env(lines ...string) { h.source.Environ = append(h.source.Environ, lines...) }

func (h *home) load() *config.Config {
	h.t.Helper()
	c, err := config.Load(h.source)
	if err != nil {
		h.t.Fatalf("Load: %v", err)
	}
	return c
}

// refused loads what must not load, and gives the message.
func (h *home) refused() string {
	h.t.Helper()
	_, err := config.Load(h.source)
	if err == nil {
		h.t.Fatal("Load took it, want an error")
	}
	if got := fault.KindOf(err); got != fault.Usage {
		h.t.Errorf("the error is of kind %s, want usage: %v", got, err)
	}
	if strings.Contains(err.Error(), canary) {
		h.t.Errorf("the key shows in %v", err)
	}
	return err.Error()
}

// mentions fails when a text lacks any of the words.
func mentions(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q does not mention %q", text, word)
		}
	}
}

// warned is all warnings in one text.
func warned(c *config.Config) string { return strings.Join(c.Warnings, "\n") }
