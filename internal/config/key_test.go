package config_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/fault"
)

// TestTheFirstKeyFoundWins gives all sources at once and takes the winner away
// again and again.
func TestTheFirstKeyFoundWins(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	file := h.write("key-of-env", "from-env-file")
	user := h.user(
		"providers:", "  kling:", "    api_key: from-user-file",
		"    access_key: user-access", "    secret_key: user-secret", "    api_key_file: key-of-user",
	)
	h.write(".config/klingctl/key-of-user", "from-user-key-file")
	lines := []string{
		"KLINGCTL_PROVIDERS_KLING_API_KEY=from-own-variable",
		"KLINGCTL_PROVIDERS_KLING_ACCESS_KEY=own-access KLINGCTL_PROVIDERS_KLING_SECRET_KEY=own-secret",
		"KLING_API_KEY=from-usual-variable",
		"KLING_ACCESS_KEY=usual-access KLING_SECRET_KEY=usual-secret",
		"KLINGCTL_PROVIDERS_KLING_API_KEY_FILE=" + file,
	}
	steps := []struct{ want, from string }{
		{"from-own-variable", "KLINGCTL_PROVIDERS_KLING_API_KEY"},
		{"own-access own-secret", "KLINGCTL_PROVIDERS_KLING_ACCESS_KEY and KLINGCTL_PROVIDERS_KLING_SECRET_KEY"},
		{"from-usual-variable", "KLING_API_KEY"},
		{"usual-access usual-secret", "KLING_ACCESS_KEY and KLING_SECRET_KEY"},
		{"from-env-file", file},
		{"from-user-file", user},
	}
	see := func(h *home, want, from string) {
		t.Helper()
		key := h.load().Providers["kling"].Key
		got := strings.TrimSpace(key.Bearer.Reveal() + " " + strings.TrimSpace(key.Access.Reveal()+" "+key.Secret.Reveal()))
		if got != want || key.From != from || key.Err != nil {
			t.Errorf("the key is %q from %q (%v), want %q from %q", got, key.From, key.Err, want, from)
		}
	}
	bare := h.source.Environ
	for i, step := range steps {
		h.source.Environ = append([]string(nil), bare...)
		for _, line := range lines[i:] {
			h.env(strings.Fields(line)...)
		}
		see(h, step.want, step.from)
	}
	h.user("providers:", "  kling:", "    access_key: user-access", "    secret_key: user-secret", "    api_key_file: key-of-user")
	see(h, "user-access user-secret", user)
	h.user("providers:", "  kling:", "    api_key_file: key-of-user")
	see(h, "from-user-key-file", filepath.Join(h.folder, ".config/klingctl/key-of-user"))
	h.user("providers:", "  kling:", "    api_key_file: ~/key-of-env")
	see(h, "from-env-file", file)
}

func TestAProviderOfOnesOwnHasItsUsualVariable(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.user("providers:", "  of-mine: {like: kie, base_url: 'https://mine.example.com'}")
	h.env("OF_MINE_API_KEY=own", "KIE_API_KEY=kie")
	c := h.load()
	if got := c.Providers["of-mine"].Key.Bearer.Reveal(); got != "own" {
		t.Errorf("the key is %q, want its own, never that of the preset it is like", got)
	}
}

func TestKeysAreTrimmed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{canary, canary + "\n", canary + "\r\n", "\ufeff" + canary, "\ufeff " + canary + "\t\r\n", "\n" + canary + "\n\n"} {
		h := newHome(t)
		h.env("KLINGCTL_PROVIDERS_KIE_API_KEY_FILE=" + h.write("key", text))
		c := h.load()
		if got := c.Providers["kie"].Key.Bearer.Reveal(); got != canary || len(c.Warnings) != 0 {
			t.Errorf("the file %q gives the key %q and warns %q", text, got, c.Warnings)
		}
	}
}

// TestBadKeysAreNotUsed: nor does a weaker source take their place, nor do
// they stop commands that need no key.
func TestBadKeysAreNotUsed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		canary + "\x00", canary + "\x1b[0m", canary + "\nX-Evil: 1", "Bearer " + canary, canary + "\u00e9", canary + "\x7f", " \n",
	} {
		h := newHome(t)
		h.env("KIE_API_KEY=" + text)
		h.user("providers: {kie: {api_key: another-account}}")
		c := h.load()
		key := c.Providers["kie"].Key
		if !key.Empty() || fault.KindOf(key.Err) != fault.Auth {
			t.Errorf("the key %q gave %v, error %v", text, key.Bearer.Reveal(), key.Err)
		}
		mentions(t, warned(c), "KIE_API_KEY")
		if strings.Contains(warned(c), canary) {
			t.Errorf("the key %q shows in the warning %s", text, warned(c))
		}
	}
}

func TestAMissingKeyFileIsSaid(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.user("providers: {kie: {api_key_file: none}}")
	c := h.load()
	if key := c.Providers["kie"].Key; !key.Empty() || key.Err == nil {
		t.Errorf("the key is %+v", key)
	}
	mentions(t, warned(c), filepath.Join(h.folder, ".config/klingctl/none"), "no such file")
}

func TestHalfAPairIsSaid(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.env("KLING_ACCESS_KEY=a")
	c := h.load()
	if !c.Providers["kling"].Key.Empty() {
		t.Error("half a pair became a key")
	}
	mentions(t, warned(c), "KLING_ACCESS_KEY", "KLING_SECRET_KEY", "both")
}

func TestFilesWithKeysThatOthersCanReadWarn(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		mode os.FileMode
		os   string
		want bool
	}{
		"a key, readable by all":          {"providers: {kie: {api_key: x}}", 0o644, "linux", true},
		"a key, readable by the group":    {"providers: {kie: {secret_key: x}}", 0o640, "linux", true},
		"half a pair, readable by all":    {"providers: {kling: {access_key: x}}", 0o604, "linux", true},
		"a key of the owner":              {"providers: {kie: {api_key: x}}", 0o600, "linux", false},
		"no key":                          {"model: x", 0o644, "linux", false},
		"the name of a key file":          {"providers: {kie: {api_key_file: x}}", 0o644, "linux", false},
		"Windows has other ways":          {"providers: {kie: {api_key: x}}", 0o644, "windows", false},
		"a key under an unknown settings": {"other: {api_key: x}", 0o644, "linux", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.source.OS, h.source.File = test.os, h.user(test.text)
			if err := os.Chmod(h.source.File, test.mode); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(warned(h.load()), "chmod 600 "+h.source.File); got != test.want {
				t.Errorf("it warns: %v, want %v", got, test.want)
			}
		})
	}
	t.Run("a key file", func(t *testing.T) {
		t.Parallel()
		h := newHome(t)
		path := h.write("key", canary)
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		h.env("KLINGCTL_PROVIDERS_KIE_API_KEY_FILE=" + path)
		mentions(t, warned(h.load()), "chmod 600 "+path)
	})
}

func TestNoKeyShowsInConfig(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.env("KIE_API_KEY="+canary, "KLING_ACCESS_KEY="+canary, "KLING_SECRET_KEY="+canary)
	h.user("providers: {my-gateway: {api_key: " + canary + "}}")
	c := h.load()
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Providers {
		if p.Key.Empty() {
			t.Errorf("a key was not found: %+v", p)
		}
	}
	shown := fmt.Sprintf("%v %+v %#v %v %+v %s", *c, *c, *c, c.Providers, c, encoded)
	for _, secret := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%v", []byte(canary))} {
		if strings.Contains(shown, secret) {
			t.Errorf("the key shows in %s", shown)
		}
	}
	for _, setting := range config.PerProvider() {
		if strings.HasSuffix(setting.Key, "_key") != setting.Secret {
			t.Errorf("setting %s: Secret = %v", setting.Key, setting.Secret)
		}
	}
}
