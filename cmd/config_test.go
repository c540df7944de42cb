package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/klingctl/klingctl/internal/config"
)

// TestConfigInitAsks plays a person who answers config init in a terminal.
func TestConfigInitAsks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		typed   string
		code    int
		settled map[string]string
		told    string
	}{
		"answers": {
			typed: "kie\nkling/v2-1-standard\n~/Videos\n", settled: map[string]string{"provider": "kie", "model": "kling/v2-1-standard", "output": "~/Videos/"},
			told: "klingctl auth login --provider kie",
		},
		"only enter": {typed: "\n\n", settled: map[string]string{"provider": "", "model": "", "output": ""}, told: "klingctl auth login"},
		"mistakes": {
			typed: "keii\nkie\nno-such-model\n\n\n", settled: map[string]string{"provider": "kie", "model": ""},
			told: "There is no such provider.",
		},
		"an end in the middle": {typed: "kie\n", code: exitUsage, told: "nothing was written"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			var out, err bytes.Buffer
			process := Process{
				Args: []string{"config", "init"}, Environ: []string{"HOME=" + home, "AppData=" + home}, Folder: home, OS: "linux",
				In: strings.NewReader(test.typed), Out: &out, Err: &err, InTTY: true, OutTTY: true, ErrTTY: true, Dumb: true,
			}
			if code := Run(t.Context(), process); code != test.code {
				t.Fatalf("exit code %d, want %d: %s", code, test.code, err.String())
			}
			if !strings.Contains(err.String(), test.told) {
				t.Errorf("it told %q, want %q in it", err.String(), test.told)
			}
			path := filepath.Join(home, ".config", "klingctl", config.UserFile)
			if _, statErr := os.Stat(path); (statErr == nil) != (test.code == exitDone) {
				t.Errorf("the file: %v", statErr)
			}
			settings, loadErr := config.Load(config.Source{Environ: process.Environ, OS: "linux"})
			if loadErr != nil {
				t.Fatal(loadErr)
			}
			for key, want := range test.settled {
				if got, _ := settings.Value(key); got.Text != want {
					t.Errorf("%s is %q, want %q", key, got.Text, want)
				}
			}
			if test.code == exitDone && strings.TrimSpace(out.String()) != path {
				t.Errorf("stdout is %q, want the path", out.String())
			}
		})
	}
}

// TestConfigSetWantsNoKeyFromATerminal, which would show it.
func TestConfigSetWantsNoKeyFromATerminal(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	var out, err bytes.Buffer
	code := Run(t.Context(), Process{
		Args: []string{"config", "set", "providers.kie.api_key", "-"}, Environ: []string{"HOME=" + home, "AppData=" + home}, Folder: home, OS: "linux",
		In: strings.NewReader(canary + "\n"), Out: &out, Err: &err, InTTY: true, ErrTTY: true, Dumb: true,
	})
	if code != exitUsage || !strings.Contains(err.String(), "next: klingctl auth login --provider kie") {
		t.Errorf("exit code %d: %s", code, err.String())
	}
}

// TestFlagsOfSettingsExist: a setting that names a flag has one.
func TestFlagsOfSettingsExist(t *testing.T) {
	t.Parallel()
	flags := map[string]bool{}
	for _, cmd := range verbs(tree()) {
		for _, set := range []*pflag.FlagSet{cmd.LocalFlags(), cmd.InheritedFlags()} {
			set.VisitAll(func(flag *pflag.Flag) { flags["--"+flag.Name] = true })
		}
	}
	for _, setting := range slices.Concat(config.General(), config.PerProvider()) {
		if setting.Flag != "" && !flags[setting.Flag] {
			t.Errorf("the setting %s names the flag %s, which no verb has", setting.Key, setting.Flag)
		}
	}
}
