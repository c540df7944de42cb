package config_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/config"
)

// lines are problems as they are told, without the folder of the test.
func (h *home) lines(problems []config.Problem, err error) []string {
	h.t.Helper()
	if err != nil {
		h.t.Fatalf("the check failed: %v", err)
	}
	var all []string
	for _, p := range problems {
		if strings.Contains(p.String(), canary) {
			h.t.Errorf("the key shows in %s", p)
		}
		all = append(all, strings.ReplaceAll(p.String(), h.folder+string(filepath.Separator), ""))
	}
	return all
}

// TestCheckTellsAllProblemsAtOnce: of every layer, with their places.
func TestCheckTellsAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.source.Value = func(setting config.Setting, value string) error {
		if setting.Type == config.Amounts && value == "much" {
			return errors.New("is no sum")
		}
		return nil
	}
	h.user(
		"modell: x",
		"timeout: 90",
		"providers:",
		"  my_gw: {title: y}",
		"  kei: {title: z}",
		"  kie: {allow_http: perhaps, base_url: 'ftp://x', lookup: [a], api_kee: "+canary+"}",
		"  kling:",
		"    console: https://me:"+canary+"@x.example",
		"limits: {per_day: much}",
		"provider: kkling",
		"profiles:",
		"  work: {timeout: soon, profile: z, ledgr: x}",
	)
	h.project("ledger: x", "color: blue")
	h.env("KLINGCTL_SANDBOX=perhaps", "KLING_ACCESS_KEY="+canary, "KLINGCTL_PROVIDERS_KIIE_TITLE=x")
	const user, project = ".config/klingctl/config.yaml", "work/.klingctl.yaml"
	want := []string{
		user + `:1:1: "modell" is not a setting; did you mean model?`,
		user + `:2:10: timeout: "90" is no duration such as 90s or 5m`,
		user + `:4:18: providers.my_gw.title: a provider's name is lower-case letters, digits and dashes, and begins with a letter`,
		user + `:6:21: providers.kie.allow_http: takes true or false`,
		user + `:6:40: providers.kie.base_url: takes an address such as https://api.example.com`,
		user + `:6:59: providers.kie.lookup takes one value, not a list`,
		user + `:6:64: "providers.kie.api_kee" is not a setting; did you mean providers.kie.api_key?`,
		user + `:8:14: providers.kling.console: takes an address without a name or a password in it`,
		user + `:9:19: limits.per_day: is no sum`,
		user + `:10: provider: there is no provider "kkling"; did you mean kling?`,
		user + `:12:19: profiles.work.timeout: "soon" is no duration such as 90s or 5m`,
		user + `:12:25: "profiles.work.profile" is not a setting`,
		user + `:12:37: "profiles.work.ledgr" is not a setting; did you mean profiles.work.ledger?`,
		project + `:1:1: "ledger" is not allowed there: a project file may set defaults of requests and output only; endpoints, keys, the ledger and the rest belong into the user file or the environment`,
		project + `:2:8: color: takes auto, always or never`,
		"KLINGCTL_SANDBOX: sandbox: takes true or false",
		"of KLING_ACCESS_KEY and KLING_SECRET_KEY only one is set; a pair needs both",
		`provider "kei" is not known and has neither like nor dialect; did you mean kie?`,
		"the environment variable KLINGCTL_PROVIDERS_KIIE_TITLE sets nothing; did you mean KLINGCTL_PROVIDERS_KIE_TITLE?",
	}
	if diff := cmp.Diff(want, h.lines(config.Check(h.source))); diff != "" {
		t.Errorf("the problems (-want +got):\n%s", diff)
	}
}

// TestWhatLoadsWithoutAWarningIsValid, and what does not load is not.
func TestWhatLoadsWithoutAWarningIsValid(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.user("provider: my-own", "providers:", "  my-own: {like: kie, base_url: 'https://x.example/api', poll: {min: 3s}}", "upload: {method: s3, expires: 1h}")
	h.project("color: never")
	if got := h.lines(config.Check(h.source)); len(got) != 0 || len(h.load().Warnings) != 0 {
		t.Errorf("problems: %q, warnings: %s", got, warned(h.load()))
	}
	for _, text := range []string{"model: [", "- a", "model: a\n---\nmodel: b", "model: a\nmodel: b", "model: *a", "? [a]: b"} {
		h := newHome(t)
		h.user(text)
		h.refused()
		if got := h.lines(config.Check(h.source)); len(got) == 0 {
			t.Errorf("%q is valid to the check", text)
		}
	}
}

// TestCheckFileLooksAtOneFile: no other layer counts, and the name decides
// which rules do.
func TestCheckFileLooksAtOneFile(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.user("timeout: 90")
	h.env("KLINGCTL_COLOR=pink", "KLING_ACCESS_KEY=x")
	other := h.write("other.yaml", "ledger: x\nmodel: y")
	if got := h.lines(config.CheckFile(h.source, other)); len(got) != 0 {
		t.Errorf("a file without problems has %q", got)
	}
	trap := h.write("elsewhere/.klingctl.yaml", "model: x\nproviders: {kie: {base_url: 'https://x.example'}}")
	got := h.lines(config.CheckFile(h.source, trap))
	if len(got) != 1 || !strings.Contains(got[0], `elsewhere/.klingctl.yaml:2:19: "providers.kie.base_url" is not allowed there`) {
		t.Errorf("a project file has %q", got)
	}
	if _, err := config.CheckFile(h.source, filepath.Join(h.folder, "none.yaml")); err == nil {
		t.Error("a file that is not there is valid")
	}
}

func TestFilesAreNamedInOrder(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	path := h.user("model: x")
	want := []config.File{
		{Layer: "project", Path: filepath.Join(h.folder, "work", ".klingctl.yaml")},
		{Layer: "user", Path: path, Exists: true},
	}
	got, err := config.Files(h.source)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Files: %v (-want +got):\n%s", err, diff)
	}
}
