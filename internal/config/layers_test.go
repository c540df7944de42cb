package config_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/config"
)

func TestNothingConfiguredGivesDefaults(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	c := h.load()
	if c.Color != "auto" || !c.Progress || c.Sandbox || c.SandboxTime != 3*time.Second || c.Timeout != 0 || len(c.Warnings) != 0 {
		t.Errorf("defaults are %+v", c)
	}
	if got := c.Origin("color"); got.Layer != "default" {
		t.Errorf("Origin(color) = %+v, want the default", got)
	}
	if got, want := c.Dirs.State, filepath.Join(h.folder, ".local/state/klingctl"); got != want {
		t.Errorf("Dirs.State = %q, want %q", got, want)
	}
	for _, name := range []string{"kie", "kling", "my-gateway"} {
		if p, ok := c.Providers[name]; !ok || p.Configured || !p.Key.Empty() {
			t.Errorf("provider %s is %+v, %v", name, p, ok)
		}
	}
}

// TestTheStrongestLayerWins sets one key in every set of layers there is.
func TestTheStrongestLayerWins(t *testing.T) {
	t.Parallel()
	layers := []string{"user", "project", "environment", "flag"} // weakest first
	for set := range 1 << len(layers) {
		var present []string
		for i, layer := range layers {
			if set&(1<<i) != 0 {
				present = append(present, layer)
			}
		}
		t.Run("in "+strings.Join(present, "+"), func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			where := map[string]config.Origin{"default": {Layer: "default"}}
			want := "default"
			for _, layer := range present {
				want = layer
				switch layer {
				case "user":
					where[layer] = config.Origin{Layer: layer, Where: h.user("# mine", "model: user"), Line: 2}
				case "project":
					where[layer] = config.Origin{Layer: layer, Where: h.project("model: project"), Line: 1}
				case "environment":
					h.env("KLINGCTL_MODEL=environment")
					where[layer] = config.Origin{Layer: layer, Where: "KLINGCTL_MODEL"}
				case "flag":
					h.source.Flags["model"] = "flag"
					where[layer] = config.Origin{Layer: layer, Where: "--model"}
				}
			}
			c := h.load()
			if got := c.Model; got != want && (want != "default" || got != "") {
				t.Errorf("Model = %q, want that of the %s", got, want)
			}
			if diff := cmp.Diff(where[want], c.Origin("model")); diff != "" {
				t.Errorf("Origin (-want +got):\n%s", diff)
			}
		})
	}
}

func isDuration(text string) bool {
	_, err := time.ParseDuration(text)
	return err == nil
}

// TestEverySettingIsReachable sets each declared setting by its variable, for
// every provider, and sees that its origin is that variable and that no two
// share one.
func TestEverySettingIsReachable(t *testing.T) {
	t.Parallel()
	value := func(s config.Setting) string {
		switch {
		case s.Key == "lookup":
			return "no"
		case s.Key == "color":
			return "never"
		case s.Key == "upload.method":
			return "kie"
		case s.Key == "profile":
			return "work"
		case isDuration(s.Default):
			return "7s"
		case s.Default == "true" || s.Default == "false":
			return "true"
		}
		return "value"
	}
	variables := map[string]string{}
	h := newHome(t)
	h.user("providers:", "  of-mine-2:", "    dialect: klingapi", "profiles: {work: {model: x}}")
	add := func(key, variable string, s config.Setting) {
		if other, twice := variables[variable]; twice {
			t.Errorf("%s sets both %s and %s", variable, other, key)
		}
		variables[variable] = key
		h.env(variable + "=" + value(s))
	}
	for _, s := range config.General() {
		add(s.Key, s.Env(), s)
	}
	for _, name := range []string{"kie", "kling", "my-gateway", "of-mine-2"} {
		for _, s := range config.PerProvider() {
			key := "providers." + name + "." + s.Key
			add(key, config.Setting{Key: key}.Env(), s)
		}
	}
	c := h.load()
	for variable, key := range variables {
		if got := c.Origin(key); got.Layer != "environment" || got.Where != variable {
			t.Errorf("Origin(%s) = %+v, want %s", key, got, variable)
		}
	}
	want := config.Provider{
		Like: "value", Title: "value", Dialect: "value", BaseURL: "value", Console: "value", Lookup: "no", AllowHTTP: true,
		PollFirst: 7 * time.Second, PollMin: 7 * time.Second, PollMax: 7 * time.Second, UploadMethod: "kie", UploadBase: "value", Configured: true,
	}
	for name, got := range c.Providers {
		if got.Key.Bearer.Reveal() != "value" {
			t.Errorf("%s: the key was not found", name)
		}
		got.Key = config.Key{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if c.Color != "never" || c.Timeout != 7*time.Second || !c.Sandbox || c.Ledger != filepath.Join(h.source.Folder, "value") {
		t.Errorf("general settings are %+v", c)
	}
}

// TestFileAndEnvironmentMeetInOneProvider: a variable changes one setting and
// leaves its neighbours of the file alone.
func TestFileAndEnvironmentMeetInOneProvider(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.user(
		"providers:",
		"  my-own:",
		"    like: newapi",
		"    base_url: https://gw.example.com/api/",
		"    poll: {min: 4s, max: 9s}",
		"  kie:",
		"    title: Mine",
	)
	h.env("KLINGCTL_PROVIDERS_MY_OWN_POLL_MIN=5s", "KLINGCTL_PROVIDERS_KIE_BASE_URL=https://proxy.example.com")
	c := h.load()
	own := c.Providers["my-own"]
	if own.Like != "newapi" || own.BaseURL != "https://gw.example.com/api" || own.PollMin != 5*time.Second || own.PollMax != 9*time.Second {
		t.Errorf("my-own is %+v", own)
	}
	if kie := c.Providers["kie"]; kie.Title != "Mine" || kie.BaseURL != "https://proxy.example.com" || !kie.Configured {
		t.Errorf("kie is %+v", kie)
	}
	if c.Providers["kling"].Configured {
		t.Error("kling counts as configured")
	}
	if len(c.Warnings) != 0 {
		t.Errorf("warnings: %q", c.Warnings)
	}
}

func TestValuesAreTakenAsWritten(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0123", "1e5", "2026-01-01", "0x10", "yes", "1_000", "~x", ".5"} {
		h := newHome(t)
		h.user("providers: {kie: {api_key: "+text+"}}", "model: "+text)
		c := h.load()
		if got := c.Providers["kie"].Key.Bearer.Reveal(); got != text {
			t.Errorf("the key %s became %q", text, got)
		}
		if c.Model != text {
			t.Errorf("the model %s became %q", text, c.Model)
		}
	}
}

func TestFilesAreFound(t *testing.T) {
	t.Parallel()
	t.Run("a named file must exist", func(t *testing.T) {
		t.Parallel()
		h := newHome(t)
		h.env("KLINGCTL_CONFIG=" + filepath.Join(h.folder, "none.yaml"))
		mentions(t, h.refused(), "none.yaml", "no such file")
	})
	t.Run("the flag beats the variable", func(t *testing.T) {
		t.Parallel()
		h := newHome(t)
		h.env("KLINGCTL_CONFIG=" + h.write("a.yaml", "model: a"))
		h.source.File = h.write("b.yaml", "model: b")
		if got := h.load().Model; got != "b" {
			t.Errorf("Model = %q, want b", got)
		}
	})
	t.Run("a folder is no file", func(t *testing.T) {
		t.Parallel()
		h := newHome(t)
		h.source.File = h.folder
		mentions(t, h.refused(), h.folder, "regular file")
	})
	t.Run("a huge file is not read", func(t *testing.T) {
		t.Parallel()
		h := newHome(t)
		h.user(strings.Repeat("# much\n", 200_000))
		mentions(t, h.refused(), "config.yaml", "larger")
	})
}

func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.user("ledger: jobs.db", "output: ~/Videos/")
	c := h.load()
	if want := filepath.Join(h.folder, ".config/klingctl/jobs.db"); c.Ledger != want {
		t.Errorf("Ledger = %q, want it beside the user file: %q", c.Ledger, want)
	}
	if want := h.folder + "/Videos/"; c.Output != want {
		t.Errorf("Output = %q, want %q", c.Output, want)
	}
	h.source.Flags["ledger"] = "here.db"
	if got, want := h.load().Ledger, filepath.Join(h.source.Folder, "here.db"); got != want {
		t.Errorf("Ledger = %q, want it in the working folder: %q", got, want)
	}
	h.source.Flags["ledger"] = "postgres://db/x"
	if got := h.load().Ledger; got != "postgres://db/x" {
		t.Errorf("Ledger = %q, want the address as it was given", got)
	}
}

func TestOriginsAreNamed(t *testing.T) {
	t.Parallel()
	tests := map[string]config.Origin{
		"the flag --model":                        {Layer: "flag", Where: "--model"},
		"the environment variable KLINGCTL_MODEL": {Layer: "environment", Where: "KLINGCTL_MODEL"},
		"the user file /c.yaml, line 3":           {Layer: "user", Where: "/c.yaml", Line: 3},
		"the default":                             {Layer: "default"},
	}
	for want, origin := range tests {
		if got := fmt.Sprint(origin); got != want {
			t.Errorf("%+v reads %q, want %q", origin, got, want)
		}
	}
}
