package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/config"
)

// TestEverySettingCanBeFoundAndChecked: what is declared is what can be read,
// and each default is a value that its setting takes.
func TestEverySettingCanBeFoundAndChecked(t *testing.T) {
	t.Parallel()
	settings := config.General()
	for _, s := range config.PerProvider() {
		s.Key = "providers.kie." + s.Key
		settings = append(settings, s)
	}
	for _, s := range settings {
		found, ok := config.Find(s.Key)
		if !ok || found.Help != s.Help || found.Key != s.Key {
			t.Errorf("Find(%s) = %+v, %v", s.Key, found, ok)
		}
		if err := s.Check(s.Default); err != nil {
			t.Errorf("%s does not take its own default: %v", s.Key, err)
		}
		if (s.Type == config.Choice) != (len(s.Words) > 1) {
			t.Errorf("%s is a %s with the words %q", s.Key, s.Type, s.Words)
		}
		if inProfile, ok := config.Find("profiles.work." + s.Key); ok != (s.Key != "profile") || ok && inProfile.Key != s.Key {
			t.Errorf("%s is not found in a profile", s.Key)
		}
	}
	for _, key := range []string{"", "modell", "providers", "providers.kie", "providers.kie.x", "profiles", "profiles.work", "profiles.work.x"} {
		if _, ok := config.Find(key); ok {
			t.Errorf("Find(%q) found something", key)
		}
	}
}

func TestValuesAreCheckedByTheirType(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key       string
		good, bad []string
	}{
		{"timeout", []string{"", "0s", "1h30m", " 5m "}, []string{"5", "-5m", "soon", "NaN"}},
		{"sandbox", []string{"true", "false", "1", "0", "T"}, []string{"", "yes", "on", "2"}},
		{"color", []string{"auto", "always", "never"}, []string{"", "blue", "Auto"}},
		{"upload.method", []string{"", "none", "kie", "s3"}, []string{"ftp"}},
		{
			"providers.kie.base_url",
			[]string{"", "https://a.example", "http://[::1]:8080/x"},
			[]string{"a.example", "ftp://a", "https://", "https://u:p@a.example", "https://u@a"},
		},
		{"provider", []string{"", "kie", "my-own-2"}, []string{"Kie", "my_own", "a b"}},
		{"model", []string{"", "anything at all"}, nil},
	}
	for _, test := range tests {
		setting, _ := config.Find(test.key)
		for _, value := range test.good {
			if err := setting.Check(value); err != nil {
				t.Errorf("%s: Check(%q) = %v", test.key, value, err)
			}
		}
		for _, value := range test.bad {
			if err := setting.Check(value); err == nil {
				t.Errorf("%s takes %q", test.key, value)
			}
		}
	}
}

// TestValuesTellWhoSetThem and never a key or a password.
func TestValuesTellWhoSetThem(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	path := h.user(
		"timeout: 5m", "ledger: postgres://me:"+canary+"@db.example/jobs?sslpassword="+canary,
		"providers: {kie: {api_key: "+canary+"}, kling: {secret_key: "+canary+", access_key: "+canary+"}, my-gateway: {api_key: "+canary+"}}",
	)
	h.env("KIE_API_KEY="+canary, "KLINGCTL_MODEL=m")
	h.source.Flags["color"] = "never"
	c := h.load()
	tests := map[string]struct{ text, origin string }{
		"timeout":                      {"5m", "the user file " + path + ", line 1"},
		"ledger":                       {"postgres://me:hidden@db.example/jobs?sslpassword=hidden", "the user file " + path + ", line 2"},
		"model":                        {"m", "the environment variable KLINGCTL_MODEL"},
		"color":                        {"never", "the flag --color"},
		"guard.window":                 {"10m", "the default"},
		"providers.kie.api_key":        {"", "the environment variable KIE_API_KEY"},
		"providers.kling.secret_key":   {"", "the user file " + path + ", line 3"},
		"providers.my-gateway.api_key": {"", "the user file " + path + ", line 3"},
		"providers.my-gateway.title":   {"", "the default"},
		"providers.kie.base_url":       {"https://api.kie.example", "the default"},
		"providers.kie.allow_http":     {"false", "the default"},
	}
	for key, want := range tests {
		got, ok := c.Value(key)
		if !ok || got.Text != want.text || got.Origin.String() != want.origin {
			t.Errorf("%s is %q from %s, want %q from %s", key, got.Text, got.Origin, want.text, want.origin)
		}
		if got.Given() == (want.origin == "the default") {
			t.Errorf("%s: Given() = %v", key, got.Given())
		}
	}
	if shown := fmt.Sprintf("%+v", c.Values()); strings.Contains(shown, canary) {
		t.Errorf("the key shows in %s", shown)
	}
	if want := len(config.General()) + 3*len(config.PerProvider()); len(c.Values()) != want {
		t.Errorf("%d values, want %d", len(c.Values()), want)
	}
}

func TestPasswordsAreHidden(t *testing.T) {
	t.Parallel()
	for value, holds := range map[string]bool{
		"postgres://u:p@h/db": true, "postgres://u@h/db": false, "postgres://h/db?password=x": true, "jobs.db": false,
		"postgres://u:p%zz@h/db": true, "https://h/p%zz": false, "": false, "u:p@h": false,
	} {
		if got := config.HoldsPassword(value); got != holds {
			t.Errorf("HoldsPassword(%q) = %v", value, got)
		}
	}
}
