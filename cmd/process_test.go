package cmd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// place is where a process under test lives: an empty home, a folder to work
// in with a picture a.png, and an environment without any key.
type place struct {
	home, work string
	environ    []string
}

func newPlace(t *testing.T, environ ...string) place {
	t.Helper()
	p := place{home: t.TempDir(), work: t.TempDir()}
	p.environ = append(append(quickEnviron(p.home), "PATH="+os.Getenv("PATH")), environ...)
	writePicture(t, filepath.Join(p.work, "a.png"))
	return p
}

// program is klingctl as a process that is not started yet.
func (p place) program(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatalf("find the test binary: %v", err)
	}
	command := exec.CommandContext(ctx, self)
	command.Args = append([]string{"klingctl"}, args...)
	command.Dir, command.Env = p.work, p.environ
	return command
}

// run runs klingctl to a good end and gives its standard output.
func (p place) run(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	command := p.program(t.Context(), t, args...)
	command.Stdout, command.Stderr = &out, &errs
	if got := exitOf(t, command.Run()); got != exitDone {
		t.Fatalf("klingctl %s: exit code %d, want 0\nstdout: %s\nstderr: %s", strings.Join(args, " "), got, &out, &errs)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// exitOf is the exit code of a process that ended; -1 for one that a signal
// ended.
func exitOf(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		t.Fatalf("run the program: %v", err)
	}
	return exit.ExitCode()
}

// watchedProcess is a process that runs while a test looks on.
type watchedProcess struct {
	command *exec.Cmd
	out     bytes.Buffer
	lines   chan string
	heard   []string
}

func (p place) start(t *testing.T, args ...string) *watchedProcess {
	t.Helper()
	return p.started(t, p.program(t.Context(), t, args...))
}

// started starts a process of this place and looks on.
func (p place) started(t *testing.T, command *exec.Cmd) *watchedProcess {
	t.Helper()
	command.Dir, command.Env = p.work, p.environ
	w := &watchedProcess{command: command, lines: make(chan string, 100)}
	w.command.Stdout = &w.out
	pipe, err := w.command.StderrPipe()
	if err != nil {
		t.Fatalf("open a pipe: %v", err)
	}
	if err := w.command.Start(); err != nil {
		t.Fatalf("start the program: %v", err)
	}
	go func() {
		defer close(w.lines)
		for scanner := bufio.NewScanner(pipe); scanner.Scan(); {
			w.lines <- scanner.Text()
		}
	}()
	return w
}

// until reads standard error up to a line with a text, and gives that line.
func (w *watchedProcess) until(t *testing.T, text string) string {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case line, open := <-w.lines:
			if !open {
				t.Fatalf("standard error ended without %q:\n%s", text, strings.Join(w.heard, "\n"))
			}
			w.heard = append(w.heard, line)
			if strings.Contains(line, text) {
				return line
			}
		case <-late:
			t.Fatalf("standard error did not say %q:\n%s", text, strings.Join(w.heard, "\n"))
		}
	}
}

// end waits for the process and holds its exit code.
func (w *watchedProcess) end(t *testing.T, code int) (stdout, stderr string) {
	t.Helper()
	for line := range w.lines {
		w.heard = append(w.heard, line)
	}
	stderr = strings.Join(w.heard, "\n")
	if got := exitOf(t, w.command.Wait()); got != code {
		t.Fatalf("exit code %d, want %d\nstdout: %s\nstderr: %s", got, code, &w.out, stderr)
	}
	return strings.TrimSuffix(w.out.String(), "\n"), stderr
}

// emulator is the folder in which the in-process emulator of a place lives.
func (p place) emulator() string {
	return filepath.Join(p.home, ".local", "state", "klingctl", "sandbox", "emulator")
}

// bought waits until the emulator has charged for so many jobs.
func (p place) bought(t *testing.T, jobs int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		if _, charged, err := countJournal(p.emulator()); err == nil && charged == jobs {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the emulator never charged for %d jobs", jobs)
		case <-again.C:
		}
	}
}

// boughtOnce holds the emulator's journal: one create and one charge.
func (p place) boughtOnce(t *testing.T) {
	t.Helper()
	gotCreates, gotCharged, err := countJournal(p.emulator())
	if err != nil || gotCreates != 1 || gotCharged != 1 {
		t.Errorf("the journal counts %d creates and %d charges (%v), want 1 and 1", gotCreates, gotCharged, err)
	}
}

func writePicture(t *testing.T, path string) {
	t.Helper()
	encoded, err := encodedPicture()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, encoded, 0o600); err != nil {
		t.Fatal(err)
	}
}

func encodedPicture() ([]byte, error) {
	var encoded bytes.Buffer
	err := png.Encode(&encoded, picture(300, 300))
	return encoded.Bytes(), err
}

// field is a value of a JSON object, as text.
func field(t *testing.T, document string, path ...string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(document), &value); err != nil {
		t.Fatalf("standard output is no JSON document: %v\n%s", err, document)
	}
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			t.Fatalf("%s stands in no object:\n%s", name, document)
		}
		value = object[name]
	}
	text, ok := value.(string)
	if !ok {
		t.Fatalf("%v is %v, no text:\n%s", path, value, document)
	}
	return text
}
