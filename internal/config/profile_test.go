package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/config"
)

// TestAProfileIsLaidOverTheUserFile and under all that is stronger.
func TestAProfileIsLaidOverTheUserFile(t *testing.T) {
	t.Parallel()
	arrange := func(lines ...string) (*home, string) {
		h := newHome(t)
		path := h.user(append([]string{
			"provider: kie",
			"model: base",
			"ledger: base.db",
			"providers: {kling: {title: Base, base_url: 'https://base.example'}}",
			"profiles:",
			"  work: {provider: kling, ledger: work.db, color: never, providers: {kling: {base_url: 'https://work.example', api_key: " + canary + "}}}",
			"  play: {sandbox: true}",
		}, lines...)...)
		return h, path
	}
	t.Run("without one it is as if it were not there", func(t *testing.T) {
		t.Parallel()
		h, _ := arrange()
		c := h.load()
		if c.Provider != "kie" || c.Sandbox || !c.Providers["kling"].Key.Empty() || len(c.Warnings) != 0 {
			t.Errorf("it reached %+v", c)
		}
	})
	choose := map[string]func(*home){
		"by flag":        func(h *home) { h.source.Flags["profile"] = "work"; h.env("KLINGCTL_PROFILE=play") },
		"by environment": func(h *home) { h.env("KLINGCTL_PROFILE=work") },
		"by file":        func(*home) {},
	}
	for name, chosen := range choose {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lines []string
			if name == "by file" {
				lines = []string{"profile: work"}
			}
			h, path := arrange(lines...)
			chosen(h)
			h.project("color: always")
			h.env("KLINGCTL_LEDGER=/env.db")
			c := h.load()
			kling := c.Providers["kling"]
			if c.Provider != "kling" || c.Model != "base" || kling.BaseURL != "https://work.example" || kling.Title != "Base" {
				t.Errorf("the settings are %+v", c)
			}
			if kling.Key.Bearer.Reveal() != canary || c.Color != "always" || c.Ledger != "/env.db" {
				t.Errorf("the key or what is stronger was missed: %+v", c)
			}
			want := config.Origin{Layer: "user", Where: path, Line: 6, Profile: "work"}
			if diff := cmp.Diff(want, c.Origin("provider")); diff != "" {
				t.Errorf("Origin (-want +got):\n%s", diff)
			}
			mentions(t, c.Origin("provider").String(), "the profile work", path, "line 6")
		})
	}
	t.Run("one that is not there", func(t *testing.T) {
		t.Parallel()
		h, _ := arrange()
		h.source.Flags["profile"] = "party"
		mentions(t, h.refused(), "config.yaml", `"party"`, "work, play")
	})
	t.Run("without any file", func(t *testing.T) {
		t.Parallel()
		h := newHome(t)
		h.env("KLINGCTL_PROFILE=work")
		mentions(t, h.refused(), "config.yaml", `no profile "work"`)
	})
	t.Run("not in a project file", func(t *testing.T) {
		t.Parallel()
		for _, line := range []string{"profile: work", "profiles: {work: {model: x}}"} {
			h, _ := arrange()
			h.project(line)
			mentions(t, h.refused(), ".klingctl.yaml", "not allowed")
		}
	})
	t.Run("it chooses no other", func(t *testing.T) {
		t.Parallel()
		h, _ := arrange("profile: a", "# ")
		h.user("profiles: {a: {profile: b, model: of-a}, b: {model: of-b}}", "profile: a")
		c := h.load()
		mentions(t, warned(c), `"profiles.a.profile" is not a setting`)
		if c.Model != "of-a" {
			t.Errorf("Model = %q", c.Model)
		}
	})
}
