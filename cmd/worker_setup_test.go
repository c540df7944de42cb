//go:build unix

package cmd

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/view"
)

// workshop is a served emulator, a ledger in a database, and a folder that all
// workers share.
type workshop struct {
	*killStage
	*killHome

	ledger string
	// carriers are the processes that were started.
	carriers []*exec.Cmd
}

// newWorkshop skips the test where there is no database to try it on.
func newWorkshop(t *testing.T, generation string) *workshop {
	t.Helper()
	at := os.Getenv("KLINGCTL_TEST_POSTGRES")
	if at == "" {
		t.Skip("KLINGCTL_TEST_POSTGRES is not set: no worker was tried")
	}
	w := newLocalWorkshop(t, generation)
	w.ledger = ownSchema(t, at)
	w.environ = append(w.environ, "KLINGCTL_LEDGER="+w.ledger)
	return w
}

// newLocalWorkshop has its ledger in a file.
func newLocalWorkshop(t *testing.T, generation string) *workshop {
	t.Helper()
	w := &workshop{killStage: newKillStageOf(t, generation)}
	home, err := w.home("shared", w.base)
	if err != nil {
		t.Fatal(err)
	}
	w.killHome = home
	w.ledger = filepath.Join(w.killHome.home, ".local", "state", "klingctl", "ledger.db")
	return w
}

// ownSchema is a place in a database for one test, gone when it ends.
func ownSchema(t *testing.T, at string) string {
	t.Helper()
	parsed, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	query := parsed.Query()
	query.Set("search_path", name)
	parsed.RawQuery = query.Encode()
	t.Cleanup(func() {
		ctx := context.Background() //nolint:usetesting // the test's own is over
		conn, err := pgx.Connect(ctx, at)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close(ctx) }()
		if _, err := conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+name+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	return parsed.String()
}

// program is klingctl in the shared home.
func (w *workshop) program(ctx context.Context, args ...string) *exec.Cmd {
	return w.command(ctx, append([]string{w.binary}, args...))
}

// run runs klingctl to its end and gives its standard output.
func (w *workshop) run(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	command := w.program(t.Context(), args...)
	command.Stdout, command.Stderr = &out, &errs
	if got := exitOf(t, command.Run()); got != code {
		t.Fatalf("klingctl %s: exit code %d, want %d\nstdout: %s\nstderr: %s", strings.Join(args, " "), got, code, &out, &errs)
	}
	return strings.TrimSpace(out.String())
}

// manifest writes a CSV of prompts, a row each, and gives its name.
func (w *workshop) manifest(t *testing.T, prompts []string) string {
	t.Helper()
	text := "image,prompt\n"
	for _, prompt := range prompts {
		text += "a.png," + prompt + "\n"
	}
	if err := os.WriteFile(filepath.Join(w.work, "rows.csv"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return "rows.csv"
}

// jobs are the jobs of the ledger.
func (w *workshop) jobs(t *testing.T) []kling.Job {
	t.Helper()
	store, err := ledger.Open(t.Context(), ledger.Options{Path: w.ledger})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	jobs, err := store.List(t.Context(), ledger.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

// judged holds the ledger and the files against the emulator's journal: each
// row is charged once, or was refused, and who succeeded has a whole file.
type judged struct {
	rows, creates, charged, refused, failed, succeeded, unknown, files int
}

func (w *workshop) judged(t *testing.T, prompts []string) judged {
	t.Helper()
	truth, err := w.journal()
	if err != nil {
		t.Fatal(err)
	}
	last := map[string]kling.Job{}
	var records []view.Job
	for _, j := range w.jobs(t) { // newest first
		records = append(records, record(j))
		if _, newer := last[j.Prompt]; !newer {
			last[j.Prompt] = j
		}
	}
	sum := judged{rows: len(prompts)}
	for _, prompt := range prompts {
		paid, j := truth[prompt], last[prompt]
		sum.creates += paid.creates
		sum.charged += len(paid.tasks)
		switch j.State {
		case kling.Refused:
			sum.refused++
		case kling.Failed:
			sum.failed++
		case kling.Succeeded:
			sum.succeeded++
		case kling.Unknown:
			sum.unknown++
		case "", kling.Draft, kling.Submitting, kling.Queued, kling.Running, kling.Lost:
			t.Errorf("row %q is %q in the end", prompt, j.State)
		}
		if want := j.State != kling.Refused; len(paid.tasks) > 1 || want != (len(paid.tasks) == 1) {
			t.Errorf("row %q was charged %d times, and its job is %s (%s)", prompt, len(paid.tasks), j.State, j.Message)
		}
	}
	if err := w.wholeFiles(t.Context(), records); err != nil {
		t.Error(err)
	}
	found, err := filepath.Glob(filepath.Join(w.work, "out", "*.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	sum.files = len(found)
	return sum
}
