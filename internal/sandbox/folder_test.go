package sandbox_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/sandbox"
)

// another is a second sandbox over the same folder, as another process has it:
// they share nothing but files.
func another(t *testing.T, dir string) *kit {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{Dir: dir, GenerationTime: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return &kit{t: t, server: s, base: hostOf, client: &http.Client{Transport: s.Transport(), CheckRedirect: stay}}
}

func TestManyOnOneFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const workers, each = 8, 12
	var all sync.WaitGroup
	var limited sync.Map
	for w := range workers {
		k := another(t, dir)
		all.Go(func() {
			for i := range each {
				d := dialects()[(w+i)%len(dialects())]
				a := k.post(d.provider, d.create, d.with(fmt.Sprintf("%d/%d", w, i)))
				if a.textAt(d.id) == "" {
					t.Errorf("%s: got %d %s", d.provider, a.status, a.text)
				}
			}
			d := dialectOf(t, "kie")
			limited.Store(w, k.post("kie", d.create, d.with("[[429:3]] shared")).status)
		})
	}
	all.Wait()
	refused := 0
	limited.Range(func(_, status any) bool {
		if status == http.StatusTooManyRequests {
			refused++
		}
		return true
	})
	if refused != 3 {
		t.Errorf("429:3 from %d workers: got %d refusals, want 3", workers, refused)
	}
	another(t, dir).wantCounts(workers*(each+1), workers*(each+1)-3)
}

func TestOneExternalIDMakesOneJob(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		k := another(t, dir)
		all.Go(func() { k.makeNamed("only-once", "waves") })
	}
	all.Wait()
	k := another(t, dir)
	k.wantCounts(8, 1)
	if got, _ := k.get("kling", "/v1/videos/image2video").at("data").([]any); len(got) != 1 {
		t.Errorf("list: got %d jobs, want 1", len(got))
	}
}

func TestJobsOutliveTheirProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := dialectOf(t, "aimlapi")
	id := another(t, dir).make(d, "waves")
	later := another(t, dir)
	<-time.After(2 * time.Millisecond) // its generation time
	a := later.look(d, id)
	if got := a.textAt("status"); got != "completed" {
		t.Errorf("got %q, want completed", got)
	}
	if file := later.do(http.MethodGet, d.link(a), "", ""); file.status != http.StatusOK {
		t.Errorf("file: got %d, want 200", file.status)
	}
}

func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state", "sandbox")
	k := another(t, dir)
	k.make(dialectOf(t, "kling"), "waves")
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if e.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %o, want %o", path, got, want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestJournalOverHTTP(t *testing.T) {
	t.Parallel()
	everyWay(t, func(k *kit) {
		t := k.t
		root := "https://sandbox.invalid"
		if base := k.base("kling"); strings.Contains(base, "127.0.0.1") {
			root = strings.TrimSuffix(base, "/_as/kling")
		}
		d := dialectOf(t, "kling")
		id := k.make(d, strings.Repeat("long ", 60))
		k.post("kling", d.create, "{}")
		k.look(d, id)
		a := k.do(http.MethodGet, root+"/_sandbox/journal", "", "")
		entries, _ := a.at("entries").([]any)
		if a.at("creates") != 2.0 || a.at("charged") != 1.0 || len(entries) != 3 {
			t.Fatalf("got %s", a.text)
		}
		entry, _ := entries[0].(map[string]any)
		first := answer{json: entry}
		if first.textAt("op") != "create" || first.at("charged") != true || first.textAt("task") != id ||
			first.textAt("provider") != "kling" || !strings.HasPrefix(first.textAt("body.prompt"), "elided: 300 bytes, sha256 ") {
			t.Errorf("first entry: got %v", first.json)
		}
		if a := k.do(http.MethodPost, root+"/_sandbox/reset", "", ""); a.status != http.StatusOK {
			t.Errorf("reset: got %d", a.status)
		}
		k.wantCounts(0, 0)
		if a := k.look(d, id); a.status != http.StatusNotFound {
			t.Errorf("after a reset: got %d, want 404", a.status)
		}
	})
}

func TestHostsChooseTheProvider(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for url, want := range map[string]string{
		"https://api.apikley.ru/api/v1/chat/credit":                       "apikley",
		"https://kieai.redpandaai.co/api/file-url-upload":                 "kie",
		"https://api.cometapi.com/kling/v1/videos/image2video/x":          "cometapi",
		"https://api-beijing.klingai.com/v1/videos/image2video/x":         "kling",
		"https://gw.example.net/kling/v1/videos/image2video/x":            "newapi",
		"https://gw.example.net/some/prefix/kling/v1/videos/image2video/": "newapi",
		"https://proxy.example.net/ai/v1/videos/image2video/x":            "kling",
		"https://proxy.example.net/api/v1/jobs/recordInfo?taskId=x":       "apikley",
		"https://sandbox.invalid/_as/crazyrouter/kling/v1/x":              "crazyrouter",
	} {
		k.do(http.MethodGet, url, "key", "")
		entries := k.journal().Entries
		if got := entries[len(entries)-1].Provider; got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
}

func TestPathsChooseTheProvider(t *testing.T) {
	t.Parallel()
	k := setup(t).overHTTP()
	root := strings.TrimSuffix(k.base("x"), "/_as/x")
	for path, want := range map[string]string{
		"/api/v1/jobs/recordInfo?taskId=x":         "apikley",
		"/_as/kie/api/v1/jobs/recordInfo?taskId=x": "kie",
		"/v2/billing":                        "aimlapi",
		"/api/v1/statusTask/kling-2-1":       "apixo",
		"/kling/v1/videos/image2video/x":     "powertokens",
		"/_as/newapi-2/kling/v1/videos/x":    "newapi",
		"/_as/cometapi/kling/v1/videos/x":    "cometapi",
		"/v1/videos/image2video/x":           "kling",
		"/v1/videos/task_x":                  "newapi",
		"/account/costs":                     "kling",
		"/v1/dashboard/billing/subscription": "newapi",
	} {
		k.do(http.MethodGet, root+path, "key", "")
		entries := k.journal().Entries
		if got := entries[len(entries)-1].Provider; got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
