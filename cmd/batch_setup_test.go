//go:build unix

package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// batchStage is a served emulator and the home of somebody who carries batches
// against it. Its program is the test binary, or the one of
// KLINGCTL_BATCH_BINARY.
type batchStage struct {
	killHome

	serving *watchedProcess
}

// newBatchStage serves an emulator whose jobs take a time.
func newBatchStage(t *testing.T, generation string) *batchStage {
	t.Helper()
	binary := os.Getenv("KLINGCTL_BATCH_BINARY")
	if binary == "" {
		binary = killBinary(t)
	}
	p := newPlace(t)
	s := &batchStage{killHome: killHome{place: p, stage: &killStage{binary: binary, root: p.work}}}
	s.serving = s.started(t, s.command(context.Background(), []string{ //nolint:usetesting // it ends after the test, in Cleanup
		binary, "sandbox", "serve", "--addr", "127.0.0.1:0", "--dir", s.stage.served(), "--generation-time", generation,
	}))
	t.Cleanup(func() { _ = s.serving.command.Process.Kill(); _ = s.serving.command.Wait() })
	line := s.serving.until(t, "sandbox at http://127.0.0.1:")
	s.stage.base, _, _ = strings.Cut(strings.TrimPrefix(line, "sandbox at "), ",")
	s.environ = append(s.environ,
		"KLINGCTL_PROVIDERS_KLING_BASE_URL="+s.stage.base+"/_as/kling", "KLING_API_KEY="+canary,
		"KLINGCTL_PROVIDERS_APIKLEY_BASE_URL="+s.stage.base+"/_as/apikley", "APIKLEY_API_KEY="+canary,
		"KLINGCTL_PROVIDERS_APIXO_BASE_URL="+s.stage.base+"/_as/apixo", "APIXO_API_KEY="+canary)
	return s
}

// klingctl is the program in this home, not started yet. The pace that the
// providers document would take longer than all jobs.
func (s *batchStage) klingctl(ctx context.Context, args ...string) *exec.Cmd {
	return s.command(ctx, append([]string{s.stage.binary}, args...))
}

// batchRun runs a batch, with results.jsonl and errors.jsonl in out/.
func (s *batchStage) batchRun(ctx context.Context, source string, flags ...string) *exec.Cmd {
	args := []string{"batch", "run", source, "-o", "out/{row}.mp4", "--rate", "100000/1s", "--json"}
	return s.klingctl(ctx, append(args, flags...)...)
}

// batchLine is what the tests read of results.jsonl and errors.jsonl.
type batchLine struct {
	Row, Result, Charged string
	Files                []string
	Error                *struct{ Kind, Message string }
}

// lines reads a file of a batch, by row. A line that is not whole, and a row
// that is there twice, is a failure.
func (s *batchStage) lines(t *testing.T, name string) map[string]batchLine {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.work, "out", name)) //nolint:gosec // of this test
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]batchLine{}
	for line := range strings.Lines(string(text)) {
		var read batchLine
		if err := json.Unmarshal([]byte(line), &read); err != nil || !strings.HasSuffix(line, "\n") {
			t.Errorf("%s holds the line %q (%v)", name, line, err)
			continue
		}
		if _, twice := found[read.Row]; twice {
			t.Errorf("%s has row %s twice", name, read.Row)
		}
		found[read.Row] = read
	}
	return found
}

// videos are the names of the files in out/.
func (s *batchStage) videos(t *testing.T) map[string]bool {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(s.work, "out", "*.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, path := range found {
		names[strings.TrimSuffix(filepath.Base(path), ".mp4")] = true
	}
	return names
}

// numberFrom reads a number from the environment.
func numberFrom(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 {
		t.Fatalf("%s is %q, want a number from 1", name, text)
	}
	return number
}

// pictures writes small images of which no two are the same.
func (p place) pictures(t *testing.T, folder string, count int) {
	t.Helper()
	encoded, err := encodedPicture()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(p.work, folder), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range count {
		path := filepath.Join(p.work, folder, fmt.Sprintf("%05d.png", i))
		// Bytes behind the end of a PNG are none of the picture's.
		if err := os.WriteFile(path, fmt.Appendf(slices.Clip(encoded), "%05d", i), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
