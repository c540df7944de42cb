//go:build unix

package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/klingctl/klingctl/internal/ledger"
)

// engine is a way to carry a batch.
type engine struct {
	open func(*testing.T, string) *workshop
	// begin makes the batch known; carrier is a process that carries it.
	begin   func(t *testing.T, w *workshop, args []string) string
	carrier func(t *testing.T, w *workshop, args []string) *exec.Cmd
	// finish carries it to its end.
	finish func(t *testing.T, w *workshop, id string, args []string, code int)
}

func engines() map[string]engine {
	return map[string]engine{
		"local": {
			open:  newLocalWorkshop,
			begin: func(*testing.T, *workshop, []string) string { return "" },
			carrier: func(t *testing.T, w *workshop, args []string) *exec.Cmd {
				t.Helper()
				return w.started(t, args...)
			},
			finish: func(t *testing.T, w *workshop, _ string, args []string, code int) {
				t.Helper()
				if err := w.age(t.Context()); err != nil {
					t.Fatal(err)
				}
				w.run(t, code, args...)
			},
		},
		"workers": {
			open: newWorkshop,
			begin: func(t *testing.T, w *workshop, args []string) string {
				t.Helper()
				return w.run(t, exitDone, append(args, "--detach")...)
			},
			carrier: func(t *testing.T, w *workshop, _ []string) *exec.Cmd {
				t.Helper()
				return w.started(t, "worker")
			},
			finish: func(t *testing.T, w *workshop, id string, _ []string, code int) {
				t.Helper()
				w.ageWork(t)
				w.started(t, "worker")
				w.run(t, code, "batch", "wait", id, "--timeout", "60s")
			},
		},
	}
}

// every tries a promise with each engine.
func every(t *testing.T, generation string, rows int, try func(t *testing.T, e engine, w *workshop, args, prompts []string)) {
	t.Helper()
	for name, e := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := e.open(t, generation)
			prompts := make([]string, rows)
			for i := range prompts {
				prompts[i] = fmt.Sprintf("row %d", i)
			}
			try(t, e, w, []string{
				"batch", "run", w.manifest(t, prompts), "--provider", "kling", "-m", "kling-v2-1-master", "-o", "out/{row}.mp4", "--name", "b", "--concurrency", "40", "--rate", "100/s",
			}, prompts)
		})
	}
}

// A carrier that is killed costs nothing: another one goes on, and each row is
// charged once.
func TestEnginesOutliveAKill(t *testing.T) {
	t.Parallel()
	every(t, "1s", 40, func(t *testing.T, e engine, w *workshop, args, prompts []string) {
		t.Helper()
		id := e.begin(t, w, args)
		first := e.carrier(t, w, args)
		w.paid(t, 5)
		_ = first.Process.Kill()
		_ = first.Wait()
		e.finish(t, w, id, args, exitDone)
		if got := w.judged(t, prompts); got.charged != 40 || got.files != 40 {
			t.Errorf("%+v, want 40 charged and 40 files", got)
		}
		results, err := os.ReadFile(filepath.Join(w.work, "out", "results.jsonl"))
		if told := bytes.Count(results, []byte(`"charged":"yes"`)); err != nil || told < 40 {
			t.Errorf("results.jsonl tells of %d rows (%v), want 40", told, err)
		}
	})
}

// A carrier that gets SIGTERM ends with 143, soon, and leaves everything to the
// next one.
func TestEnginesDrain(t *testing.T) {
	t.Parallel()
	every(t, "1s", 40, func(t *testing.T, e engine, w *workshop, args, prompts []string) {
		t.Helper()
		id := e.begin(t, w, args)
		if id != "" { // nobody works on it yet
			w.run(t, exitRunning, "batch", "wait", id, "--timeout", "200ms")
		}
		first := e.carrier(t, w, args)
		w.paid(t, 5)
		since := time.Now()
		_ = first.Process.Signal(syscall.SIGTERM)
		if code := exitOf(t, first.Wait()); code != exitTerminated || time.Since(since) > 15*time.Second {
			t.Errorf("it ended with %d after %v, want 143 soon", code, time.Since(since))
		}
		e.finish(t, w, id, args, exitDone)
		if got := w.judged(t, prompts); got.charged != 40 || got.creates != 40 || got.files != 40 {
			t.Errorf("%+v, want 40 creates, 40 charged and 40 files", got)
		}
	})
}

// Two carriers at once buy each row once, and a cap holds for both together.
func TestEnginesShareRowsAndCaps(t *testing.T) {
	t.Parallel()
	every(t, "100ms", 20, func(t *testing.T, e engine, w *workshop, args, prompts []string) {
		t.Helper()
		capped := append(args, "--max-jobs", "7")
		id := e.begin(t, w, capped)
		e.carrier(t, w, capped)
		second := e.carrier(t, w, capped)
		w.paid(t, 7)
		_ = second.Process.Signal(syscall.SIGTERM)
		_ = second.Wait()
		if id == "" {
			id = "b"
		} else {
			w.run(t, exitPartial, "batch", "wait", id, "--timeout", "60s")
		}
		if truth, err := w.journal(); err != nil || len(truth) != 7 {
			t.Errorf("%d rows were bought (%v), want 7", len(truth), err)
		}
		e.begin(t, w, args) // without the cap
		w.finishWhenFree(t, e, id, args)
		if got := w.judged(t, prompts); got.charged != 20 || got.files != 20 {
			t.Errorf("%+v, want 20 charged and 20 files", got)
		}
	})
}

// finishWhenFree waits for a local carrier to give the batch free first.
func (w *workshop) finishWhenFree(t *testing.T, e engine, id string, args []string) {
	t.Helper()
	for _, carrier := range w.carriers {
		if len(carrier.Args) > 1 && carrier.Args[1] == "batch" {
			_ = carrier.Wait()
		}
	}
	e.finish(t, w, id, args, exitDone)
}

// started starts klingctl; it is killed at the end of the test.
func (w *workshop) started(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	command := w.program(context.WithoutCancel(t.Context()), args...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	w.carriers = append(w.carriers, command)
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	return command
}

// paid waits until the emulator has charged for so many rows.
func (w *workshop) paid(t *testing.T, rows int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		truth, err := w.journal()
		charged := 0
		for _, paid := range truth {
			charged += len(paid.tasks)
		}
		if err == nil && charged >= rows {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the emulator charged for %d rows (%v), want %d", charged, err, rows)
		case <-ticker.C:
		}
	}
}

// ageWork lets ten minutes pass for what a dead worker had in hand.
func (w *workshop) ageWork(t *testing.T) {
	t.Helper()
	parsed, err := url.Parse(w.ledger)
	if err != nil || !ledger.IsURL(w.ledger) {
		t.Fatal(errors.Join(err, os.ErrInvalid))
	}
	schema := parsed.Query().Get("search_path")
	conn, err := pgx.Connect(t.Context(), os.Getenv("KLINGCTL_TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for _, statement := range []string{
		"UPDATE " + schema + ".river_job SET attempted_at = attempted_at - interval '10 minutes' WHERE state = 'running'",
		"UPDATE " + schema + ".jobs SET create_deadline = create_deadline - 600000 WHERE state = 'submitting'",
		"DELETE FROM " + schema + ".river_leader", // its lease would last for seconds yet
	} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
