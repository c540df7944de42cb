package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/config"
)

func TestWrongValuesAreRefusedWithKeyAndOrigin(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		arrange func(*home)
		want    []string
	}{
		"a duration without a unit": {
			func(h *home) { h.user("", "timeout: 90") },
			[]string{"timeout", "user file", "config.yaml, line 2", `"90"`, "90s"},
		},
		"a negative duration in the environment": {
			func(h *home) { h.env("KLINGCTL_POLL_INTERVAL=-3s") },
			[]string{"poll_interval", "KLINGCTL_POLL_INTERVAL", `"-3s"`},
		},
		"a boolean that is none": {
			func(h *home) { h.user("sandbox: maybe") }, []string{"sandbox", "config.yaml, line 1", "true or false"},
		},
		"a colour that is none": {
			func(h *home) { h.source.Flags["color"] = "blue" }, []string{"color", "--color", "auto, always or never"},
		},
		"a provider's duration": {
			func(h *home) { h.env("KLINGCTL_PROVIDERS_MY_GATEWAY_POLL_MAX=soon") },
			[]string{"providers.my-gateway.poll.max", "KLINGCTL_PROVIDERS_MY_GATEWAY_POLL_MAX", `"soon"`},
		},
		"a provider's boolean": {
			func(h *home) { h.user("providers:", "  kie: {allow_http: perhaps}") },
			[]string{"providers.kie.allow_http", "line 2", "true or false"},
		},
		"a fact that is no fact": {
			func(h *home) { h.user("providers: {kie: {lookup: probably}}") },
			[]string{"providers.kie.lookup", "yes, no or unverified"},
		},
		"a provider with a bad name": {
			func(h *home) { h.user("providers:", "  my_gw:", "    dialect: klingapi") },
			[]string{"providers.my_gw", "config.yaml, line 3", "dashes"},
		},
		"a list where one value is due": {
			func(h *home) { h.user("model: x", "provider: [kie, kling]") }, []string{"config.yaml", "line 2", "provider", "not a list"},
		},
		"a setting twice": {
			func(h *home) { h.user("model: a", "model: b") }, []string{"config.yaml", "line 2", "model", "line 1"},
		},
		"no YAML": {
			func(h *home) { h.user("model: a", "timeout: 'open") }, []string{"config.yaml", "not valid YAML", "line 2"},
		},
		"a control character in the file": {
			func(h *home) { h.user("model: a\x01") }, []string{"config.yaml", "control characters"},
		},
		"a text alone": {func(h *home) { h.user(canary) }, []string{"config.yaml", "list of settings"}},
		"a list alone": {func(h *home) { h.user("- model: a") }, []string{"config.yaml", "list of settings"}},
		"two documents": {
			func(h *home) { h.user("model: a", "---", "model: b") }, []string{"config.yaml", "more than one document"},
		},
		"an alias": {
			func(h *home) { h.user("model: &m a", "provider: *m") }, []string{"config.yaml", "line 2", "aliases"},
		},
		"a key that begins with a star is not quoted back": {
			func(h *home) { h.user("providers: {kie: {api_key: *" + canary + "}}") }, []string{"config.yaml", "quotes"},
		},
		"a key in the wrong place is not quoted back": {
			func(h *home) { h.user("providers:", "  kie:", "    api_key: "+canary+": x") }, []string{"config.yaml", "line 3"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			test.arrange(h)
			mentions(t, h.refused(), test.want...)
		})
	}
}

func TestTheProjectFileMayNotSteerMoneyOrKeys(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"providers: {kie: {base_url: 'https://evil.example.com'}}", "providers: {kie: {api_key: " + canary + "}}",
		"providers: {kie: {api_key_file: /etc/passwd}}", "providers: {kie: {allow_http: true}}", "providers.kie.base_url: x",
		"PROVIDERS: {KIE: {BASE_URL: x}}", "ledger: /tmp/other.db", "sandbox: true", "sandbox_generation_time: 1s",
		"upload: {base_url: x}", "nonsense: 1",
	} {
		h := newHome(t)
		h.project("model: fine", line)
		mentions(t, h.refused(), ".klingctl.yaml", "line 2", "not allowed", "user file")
	}
	h := newHome(t)
	h.project("provider: kie", "model: m", "output: out/", "timeout: 5m", "poll_interval: 5s", "color: never", "progress: false")
	c := h.load()
	if c.Provider != "kie" || c.Model != "m" || c.Output != "out/" || c.Color != "never" || c.Progress {
		t.Errorf("the project file gave %+v", c)
	}
}

func TestUnknownKeysWarnWithTheNearName(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	path := h.user(
		"modell: a",
		"providrs: {kie: {title: x}}",
		"providers:",
		"  kie: {base-url: 'https://x.example.com', api_kee: "+canary+"}",
		"  kei: {title: x}",
		"  gone: {}",
		"xyzzy: 1",
	)
	h.env("KLINGCTL_PROVIDERS_KLLING_API_KEY="+canary, "KLINGCTL_OTHER=1")
	c := h.load()
	for _, want := range []string{
		path + `:1: "modell" is not a setting; did you mean model?`,
		path + `:2: "providrs.kie.title" is not a setting; did you mean providers.kie.title?`,
		path + `:4: "providers.kie.base-url" is not a setting; did you mean providers.kie.base_url?`,
		path + `:4: "providers.kie.api_kee" is not a setting; did you mean providers.kie.api_key?`,
		path + `:7: "xyzzy" is not a setting`,
		`provider "kei" is not known and has neither like nor dialect; did you mean kie?`,
		"KLINGCTL_PROVIDERS_KLLING_API_KEY sets nothing; did you mean KLINGCTL_PROVIDERS_KLING_API_KEY?",
	} {
		mentions(t, warned(c), want)
	}
	if len(c.Warnings) != 7 {
		t.Errorf("%d warnings, want 7:\n%s", len(c.Warnings), warned(c))
	}
	if strings.Contains(warned(c), canary) {
		t.Error("a key shows in a warning")
	}
}

func TestEmptyFilesAndNullsAreNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# nothing", "---", "~", "null", "{}", "provider:", "providers: {kie: }", "\ufeffmodel:\r\n"} {
		h := newHome(t)
		h.user(text)
		c := h.load()
		if c.Provider != "" || c.Origin("provider").Layer != "default" || len(c.Warnings) != 0 {
			t.Errorf("%q gave %+v", text, c)
		}
	}
}

func TestFindDirs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		env  map[string]string
		os   string
		want config.Dirs
	}{
		"Linux": {map[string]string{"HOME": "/h"}, "linux", config.Dirs{Config: "/h/.config/klingctl", State: "/h/.local/state/klingctl"}},
		"macOS as Linux": {
			map[string]string{"HOME": "/h"}, "darwin", config.Dirs{Config: "/h/.config/klingctl", State: "/h/.local/state/klingctl"},
		},
		"base directories": {
			map[string]string{"HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"},
			"linux",
			config.Dirs{Config: "/c/klingctl", State: "/s/klingctl"},
		},
		"a relative base directory does not count": {
			map[string]string{"HOME": "/h", "XDG_CONFIG_HOME": "c", "XDG_STATE_HOME": "./s"},
			"linux",
			config.Dirs{Config: "/h/.config/klingctl", State: "/h/.local/state/klingctl"},
		},
		"no home at all": {map[string]string{}, "linux", config.Dirs{}},
		"a relative home that nobody needs": {
			map[string]string{"HOME": "h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"},
			"linux",
			config.Dirs{Config: "/c/klingctl", State: "/s/klingctl"},
		},
		"Windows": {
			map[string]string{"APPDATA": "/roaming", "LOCALAPPDATA": "/local", "HOME": "odd"},
			"windows",
			config.Dirs{Config: filepath.Join("/roaming", "klingctl"), State: filepath.Join("/local", "klingctl")},
		},
		"Windows without folders": {map[string]string{}, "windows", config.Dirs{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := config.FindDirs(test.env, test.os)
			if err != nil || got != test.want {
				t.Errorf("FindDirs = %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
	if _, err := config.FindDirs(map[string]string{"HOME": "relative"}, "linux"); err == nil {
		t.Error("a relative HOME was taken")
	} else {
		mentions(t, err.Error(), "HOME", "relative", "absolute")
	}
}

func TestWindowsDoesNotTellCapitalsInVariables(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.source.OS = "windows"
	h.source.Environ = []string{"AppData=" + h.folder, "klingctl_model=m", `=C:=C:\work`}
	h.write("klingctl/config.yaml", "provider: kie")
	if c := h.load(); c.Provider != "kie" || c.Model != "m" {
		t.Errorf("provider is %q and model %q, want kie and m", c.Provider, c.Model)
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("the superuser can read everything")
	}
	h := newHome(t)
	path := h.user("model: a")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	mentions(t, h.refused(), path, "permission denied")
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"provider: kie\nproviders:\n  kie: {api_key: x, poll: {first: 3s}}\n", "a: &a [*a]", "? {x: y}\n: z", "<<: {a: b}",
		"providers: {'': {api_key: x}}", "providers.kie.api_key: x", "\"\\0\": x", "{{{{{{{{{{", "!!binary abc", "- a", "\xff",
		"providers: {kie.x: {api_key: 1}}", "!!map null", "model: !!null x",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, text string, project bool) {
		h := newHome(t)
		h.env("KIE_API_KEY=" + canary)
		if project {
			h.project(text)
		} else {
			h.user(text)
		}
		c, err := config.Load(h.source)
		shown := fmt.Sprintf("%v %+v %#v %v", c, c, c, err)
		if strings.Contains(shown, canary) {
			t.Errorf("the key shows for %q", text)
		}
		if err == nil && project && (c.Ledger != "" || c.Sandbox || c.Providers["kie"].Configured) {
			t.Errorf("the project file %q reached %+v", text, c)
		}
	})
}
