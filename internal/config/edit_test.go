package config_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/config"
	"github.com/klingctl/klingctl/internal/fault"
)

// lived is a file as people have them: comments everywhere, blank lines, odd
// indents, maps in braces.
const lived = `# My settings.

provider: kie   # the cheap one
model: "kling-2.6/image-to-video"

# Spending.
limits:
    # of one job
    per_job: 2 USD

    # per_batch: 5 USD

providers:
  # kie:
  #   api_key_file: kie.key

  newapi:
    base_url: https://gw.example.com
    poll: {first: 3s}   # slow
  studio: {like: kie}
  kling:
# The end.
`

// TestOnlyTheSettingChanges: each edit changes these lines and no other.
func TestOnlyTheSettingChanges(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ key, value, old, new string }{
		"a plain value keeps its comment": {"provider", "kling", "provider: kie   #", "provider: kling   #"},
		"a quoted value":                  {"model", "kling-v2-1", `"kling-2.6/image-to-video"`, "kling-v2-1"},
		"a value that needs quotes":       {"model", "it's: #1", `"kling-2.6/image-to-video"`, "'it''s: #1'"},
		"a value with spaces":             {"limits.per_job", "3 USD, 5 jobs", "2 USD\n", "'3 USD, 5 jobs'\n"},
		"a value inside of braces":        {"providers.newapi.poll.first", "5s", "{first: 3s}", "{first: 5s}"},
		"a neighbour inside of braces":    {"providers.newapi.poll.min", "1s", "{first: 3s}", "{min: 1s, first: 3s}"},
		"a map inside of braces":          {"providers.studio.poll.min", "1s", "{like: kie}", "{poll: {min: 1s}, like: kie}"},
		"a neighbour in a map":            {"limits.per_day", "9 USD", "per_job: 2 USD\n", "per_job: 2 USD\n    per_day: '9 USD'\n"},
		"a map that is empty":             {"providers.kling.title", "Mine", "  kling:\n", "  kling:\n    title: Mine\n"},
		"a new provider":                  {"providers.kie.title", "K", "  kling:\n", "  kling:\n  kie:\n    title: K\n"},
		"a setting at the top":            {"timeout", "5m", "  kling:\n", "  kling:\ntimeout: 5m\n"},
		"a profile":                       {"profiles.work.provider", "kling", "  kling:\n", "  kling:\nprofiles:\n  work:\n    provider: kling\n"},
		"nothing as a value":              {"provider", "", "provider: kie ", "provider: '' "},
		"a word of YAML as a value":       {"provider", "null", "provider: kie ", "provider: 'null' "},
	}
	for name, test := range tests {
		for _, ending := range []string{"\n", "\r\n"} {
			t.Run(name+strings.ReplaceAll(ending, "\n", ""), func(t *testing.T) {
				t.Parallel()
				h := newHome(t)
				written := func(text string) string { return strings.ReplaceAll(text, "\n", ending) }
				path := h.write("c.yaml", written(lived))
				if err := config.Set(path, test.key, test.value); err != nil {
					t.Fatal(err)
				}
				got, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				want := written(strings.Replace(lived, test.old, test.new, 1))
				if diff := cmp.Diff(want, string(got)); diff != "" {
					t.Errorf("the file (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestACommentInTheMiddleOfAMapIsNoPlace: a setting written over it would cut
// the map in two.
func TestACommentInTheMiddleOfAMapIsNoPlace(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	text := "providers:\n  kie:\n    title: a\n# timeout: 5m\n    base_url: b\n"
	path := h.write("c.yaml", text)
	if err := config.Set(path, "timeout", "9m"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != text+"timeout: 9m\n" {
		t.Errorf("the file is %q, %v", got, err)
	}
}

func TestUnset(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ key, old, new string }{
		"a line":           {"model", "model: \"kling-2.6/image-to-video\"\n", ""},
		"the last of many": {"limits.per_job", "    per_job: 2 USD\n", ""},
		"inside of braces": {"providers.newapi.poll.first", "{first: 3s}", "{first: null}"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			path := h.write("c.yaml", lived)
			if was, err := config.Unset(path, test.key); err != nil || !was {
				t.Fatalf("Unset = %v, %v", was, err)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Replace(lived, test.old, test.new, 1), string(got)); diff != "" {
				t.Errorf("the file (-want +got):\n%s", diff)
			}
			if was, err := config.Unset(path, test.key); err != nil || was {
				t.Errorf("a second Unset = %v, %v, want nothing to do", was, err)
			}
		})
	}
	if was, err := config.Unset(filepath.Join(t.TempDir(), "none.yaml"), "model"); err != nil || was {
		t.Errorf("Unset without a file = %v, %v", was, err)
	}
}

// TestWhatCannotBeEditedIsLeftAlone: a refusal leaves the file as it was.
func TestWhatCannotBeEditedIsLeftAlone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, key, value, want string }{
		"a value over several lines": {"model: >\n  a\n  b\n", "model", "x", "by hand"},
		"a map where a value stands": {"limits: 5\n", "limits.per_job", "1 USD", "by hand"},
		"an old null":                {"limits: ~\n", "limits.per_job", "1 USD", "by hand"},
		"a file that is no YAML":     {"model: 'open\n", "model", "x", "not valid YAML"},
		"a list":                     {"model: [a]\n", "provider", "kie", "line 1"},
		"a value of two lines":       {"", "model", "a\nb", "one line"},
		"a value that is no text":    {"", "model", "a\xff", "one line"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			path := h.write("c.yaml", test.text)
			err := config.Set(path, test.key, test.value)
			if fault.KindOf(err) != fault.Usage {
				t.Fatalf("Set = %v, want a usage fault", err)
			}
			mentions(t, err.Error(), path, test.want)
			if got, readErr := os.ReadFile(path); readErr != nil || string(got) != test.text {
				t.Errorf("the file became %q, %v", got, readErr)
			}
		})
	}
}

func TestSetMakesTheFileAndKeepsALink(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	path := filepath.Join(h.folder, "a", "b", "c.yaml")
	if err := config.Set(path, "providers.kie.title", "K"); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(h.folder, "link.yaml")
	if err := os.Symlink(path, link); err != nil {
		t.Skip("no links here: ", err)
	}
	if err := config.Set(link, "model", "m"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if want := "providers:\n  kie:\n    title: K\nmodel: m\n"; err != nil || string(got) != want {
		t.Errorf("the file is %q, %v, want %q", got, err, want)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is no link any more: %v, %v", info, err)
	}
}

// TestTheTemplateIsAFileOfDefaults: it parses, sets nothing unless asked to,
// and a setting goes to the place where its comment stands.
func TestTheTemplateIsAFileOfDefaults(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	path := h.user(string(config.Template(nil)))
	for _, value := range h.load().Values() {
		if value.Given() {
			t.Errorf("the bare template sets %s", value.Key)
		}
	}
	if err := config.Set(path, "color", "never"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(string(config.Template(nil)), "\n# color: auto\n", "\ncolor: never\n", 1) + "\n"; string(got) != want {
		t.Errorf("the file (-want +got):\n%s", cmp.Diff(want, string(got)))
	}
	h.user(string(config.Template(map[string]string{"provider": "kie", "model": "m", "output": "~/Videos/"})))
	if c := h.load(); c.Provider != "kie" || c.Model != "m" || c.Output != h.folder+"/Videos/" || len(c.Warnings) != 0 {
		t.Errorf("the template with choices gave %+v", c)
	}
}

// FuzzSet: whatever the file and the value are, an edit changes the one
// setting or refuses and leaves the file as it was.
func FuzzSet(f *testing.F) {
	for _, seed := range []string{lived, "", "# only\n", "a: {b: c}", "{}", "limits: {}\n", "limits:\n", "limits: ~\n", "model: |\n  x\n", "\ufeffmodel: x\n", "model: x\n...\n", "---\nmodel: x\n", "'limits.per_job': 1 USD\n", "limits:\n- a\n", "model: !!str x\n", "LIMITS:\n\n\n  PER_JOB : \"a\\\"b\" # c\n"} {
		f.Add(seed, "limits.per_job", "2 USD")
		f.Add(seed, "timeout", "5m")
		f.Add(seed, "model", "x: y")
		f.Add(seed, "providers.kie.base_url", "https://x.example/#a")
	}
	f.Fuzz(func(t *testing.T, text, key, value string) {
		setting, known := config.Find(key)
		if !known || setting.Key != key {
			t.Skip()
		}
		path := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := config.Set(path, key, value)
		got, readErr := os.ReadFile(path)
		if err != nil || readErr != nil {
			if string(got) != text {
				t.Errorf("a refused edit (%v) left %q of %q", err, got, text)
			}
			return
		}
		c, err := config.Load(config.Source{File: path, OS: "linux"})
		if err == nil && c.Origin(key).Layer == "user" && c.Origin(key).Where == path {
			if set, _ := c.Value(key); !setting.Secret && !config.HoldsPassword(value) && set.Text != strings.TrimSpace(value) {
				t.Errorf("%q in %q became %q in %q", value, text, set.Text, got)
			}
		} else if err == nil {
			t.Errorf("%s is not in %q", key, got)
		}
		if _, err := config.Unset(path, key); err != nil && !strings.Contains(err.Error(), "by hand") {
			t.Errorf("Unset after Set of %q in %q: %v", value, got, err)
		}
	})
}
