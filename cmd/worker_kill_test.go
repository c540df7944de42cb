//go:build unix

package cmd

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// TestWorkersKilled has three workers carry a batch, a fifth of whose rows go
// wrong in some way, while every ten seconds one of them is killed and started
// again: "make workers". KLINGCTL_WORKERS is how many rows.
func TestWorkersKilled(t *testing.T) {
	t.Parallel()
	rows, err := strconv.Atoi(os.Getenv("KLINGCTL_WORKERS"))
	if err != nil {
		t.Skip("not run: KLINGCTL_WORKERS says how many rows workers are to carry; see make workers")
	}
	w := newWorkshop(t, "5s")
	prompts := faultyPrompts(rows)
	since := time.Now()
	id := w.run(t, exitDone, "batch", "run", w.manifest(t, prompts), "--provider", "kling", "-m", "kling-v2-1-master",
		"-o", "out/{row}.mp4", "--concurrency", "100", "--rate", "50/s", "--detach")
	workers := make([]*exec.Cmd, 3)
	for i := range workers {
		workers[i] = w.started(t, "worker")
	}
	waiting := w.program(t.Context(), "batch", "wait", id, "--timeout", "20m")
	through := make(chan error, 1)
	go func() { through <- waiting.Run() }()
	kills := 0
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	for done := false; !done; {
		select {
		case err := <-through:
			done = true
			if code := exitOf(t, err); code != exitPartial {
				t.Errorf("batch wait ended with %d, want %d", code, exitPartial)
			}
		case <-ticker.C:
			i := rand.IntN(len(workers)) //nolint:gosec // no secret
			_ = workers[i].Process.Kill()
			_ = workers[i].Wait()
			workers[i] = w.started(t, "worker")
			kills++
		}
	}
	got := w.judged(t, prompts)
	t.Logf("%d rows, 3 workers, %d kills, %v: %d creates, %d charged, %d refused, %d failed, %d unknown, %d succeeded, %d files",
		got.rows, kills, time.Since(since).Round(time.Second), got.creates, got.charged, got.refused, got.failed, got.unknown, got.succeeded, got.files)
	if got.charged != got.rows-got.refused || got.files != got.succeeded || got.unknown > 0 {
		t.Error("want as many charged as were not refused, as many files as succeeded, and none unknown")
	}
	again := w.run(t, exitDone, "batch", "run", "rows.csv", "--provider", "kling", "-m", "kling-v2-1-master",
		"-o", "out/{row}.mp4", "--concurrency", "100", "--rate", "50/s", "--detach")
	w.run(t, exitPartial, "batch", "wait", again, "--timeout", "5m")
	if later := w.judged(t, prompts); later.creates != got.creates {
		t.Errorf("running it again made %d creates", later.creates-got.creates)
	}
}

// faultyPrompts are prompts of which every fifth makes something go wrong.
func faultyPrompts(rows int) []string {
	faults := []string{
		"lost-reply", "eof", "half-reply", "500-created", "empty", "429:2", "1303:1", "422", "500", "moderated",
		"failed", "not-found:2", "busy-status:2", "error-status:2", "lost-status:2", "truncated", "expired:1", "no-range",
	}
	prompts := make([]string, rows)
	for i := range prompts {
		prompts[i] = fmt.Sprintf("row %d", i)
		if i%5 == 0 {
			prompts[i] += " [[" + faults[i/5%len(faults)] + "]]"
		}
	}
	return prompts
}
