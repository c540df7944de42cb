package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/klingctl/klingctl/internal/fault"
)

// TestKeysThatAreFetched: behind all keys that stand somewhere come those that
// a command prints and those that auth login kept. Load fetches none of them.
func TestKeysThatAreFetched(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	login := h.write(".config/klingctl/keys/kie.key", "not read here")
	see := func(what, wantCommand, wantLogin, wantBearer string) {
		t.Helper()
		key := h.load().Providers["kie"].Key
		if key.Command != wantCommand || key.Login != wantLogin || key.Bearer.Reveal() != wantBearer || key.Err != nil {
			t.Errorf("%s: the key is %+v", what, key)
		}
		if key.Empty() || key.AtHand() != (wantBearer != "") || key.From == "" {
			t.Errorf("%s: Empty = %v, AtHand = %v, From = %q", what, key.Empty(), key.AtHand(), key.From)
		}
	}
	see("a login", "", login, "")
	h.user("providers: {kie: {api_key_cmd: 'pass show kie'}}")
	see("a command of the user file", "pass show kie", "", "")
	h.write(".config/klingctl/own", "of-file")
	h.user("providers: {kie: {api_key_cmd: 'pass show kie', api_key_file: own}}")
	see("a file beside a command", "", "", "of-file")
	h.env("KLINGCTL_PROVIDERS_KIE_API_KEY_CMD=pass show other")
	see("a command of the environment", "pass show other", "", "")
	h.env("KIE_API_KEY=of-environment")
	see("a variable", "", "", "of-environment")
}

// A profile is another account: what it says of a key goes before all that the
// rest of the file says.
func TestAProfilesKeyGoesFirst(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.user("providers: {kie: {api_key: mine}}", "profiles: {work: {providers: {kie: {api_key_cmd: 'pass show work'}}}}")
	if key := h.load().Providers["kie"].Key; key.Bearer.Reveal() != "mine" || key.Command != "" {
		t.Errorf("without a profile the key is %+v", key)
	}
	h.env("KLINGCTL_PROFILE=work")
	if key := h.load().Providers["kie"].Key; key.Command != "pass show work" || key.AtHand() {
		t.Errorf("with a profile the key is %+v", key)
	}
}

// A project file comes with somebody's repository: it runs no command.
func TestAProjectRunsNoCommand(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.project("providers: {kie: {api_key_cmd: 'touch pwned'}}")
	mentions(t, h.refused(), "api_key_cmd", ".klingctl.yaml")
	h.project("keyring: false")
	mentions(t, h.refused(), "keyring", ".klingctl.yaml")
}

func TestTheKeyringCanBeTurnedOff(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if key := h.load().Providers["kie"].Key; !key.Ring || !key.Empty() {
		t.Errorf("the key is %+v, want the keyring to be asked", key)
	}
	h.env("KLINGCTL_KEYRING=off", "KLING_API_KEY=given")
	providers := h.load().Providers
	if key := providers["kie"].Key; key.Ring || fault.KindOf(key.Err) != fault.Usage {
		t.Errorf("the key is %+v, want the setting to be refused where it counts", key)
	}
	if key := providers["kling"].Key; key.Err != nil {
		t.Errorf("a key that is at hand needs no keyring: %v", key.Err)
	}
	h.env("KLINGCTL_KEYRING=false")
	if key := h.load().Providers["kie"].Key; key.Ring {
		t.Errorf("the key is %+v, want no keyring", key)
	}
}

func TestAKeptKeyThatOthersCanReadIsWarnedOf(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	path := h.write(".config/klingctl/keys/kie.key", "not read here")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	mentions(t, warned(h.load()), "chmod 600 "+path)

	other := newHome(t)
	if err := os.MkdirAll(filepath.Join(other.folder, ".config/klingctl/keys/kie.key"), 0o700); err != nil {
		t.Fatal(err)
	}
	if key := other.load().Providers["kie"].Key; !key.Empty() {
		t.Errorf("a folder became a key: %+v", key)
	}
}
