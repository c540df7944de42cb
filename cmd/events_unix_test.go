//go:build unix

package cmd

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Nobody reads the events any more: the command ends quietly, what it bought
// is remembered, and the rest is for the next command.
func TestEventsReaderGone(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "KLINGCTL_SANDBOX=1", "KLINGCTL_SANDBOX_GENERATION_TIME=300ms")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command := p.program(t.Context(), t, "submit", "--events", "--wait", "-i", "a.png", "-p", "x")
	var stderr strings.Builder
	command.Stdout, command.Stderr = write, &stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	first, err := bufio.NewReader(read).ReadString('\n')
	if err != nil || !strings.Contains(first, `"job.submitting"`) {
		t.Errorf("the first line is %q (%v)", first, err)
	}
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	if code := exitOf(t, command.Wait()); code != exitUnexpected {
		t.Errorf("exit code %d, want 1", code)
	}
	for _, bad := range []string{"error", "panic", "goroutine "} {
		if strings.Contains(stderr.String(), bad) {
			t.Errorf("it does not end quietly:\n%s", &stderr)
		}
	}
	p.run(t, "wait", field(t, first, "job", "id"))
	p.boughtOnce(t)
}

// A reader that does not read holds back neither the work nor the end.
func TestEventsReaderAsleep(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "KLINGCTL_SANDBOX=1")
	var ids []string
	for range 3 {
		ids = append(ids, p.run(t, "submit", "--again", "-i", "a.png", "-p", "x [[never]]"))
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	fillPipe(t, write)
	command := p.program(t.Context(), t, append([]string{"wait", "--events"}, ids...)...)
	command.Stdout = write
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	told := bufio.NewReader(stderr)
	for line := ""; !strings.Contains(line, "running at kling"); {
		if line, err = told.ReadString('\n'); err != nil {
			t.Fatalf("standard error ended early: %v", err)
		}
	}
	since := time.Now()
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(told)
	if err != nil {
		t.Fatal(err)
	}
	if code := exitOf(t, command.Wait()); code != exitInterrupted {
		t.Errorf("exit code %d, want 130", code)
	}
	if took := time.Since(since); took > time.Second {
		t.Errorf("it ended %v after the signal, want 1s at most", took)
	}
	if want := "next: klingctl wait " + ids[0]; !strings.Contains(string(rest), want) {
		t.Errorf("standard error does not say %q:\n%s", want, rest)
	}
}

// fillPipe writes until there is no room.
func fillPipe(t *testing.T, pipe *os.File) {
	t.Helper()
	if err := pipe.SetWriteDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := pipe.Write(make([]byte, 16<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("the pipe took everything: %v", err)
	}
}

// A command that hangs is told of the signal and ended; the file stays.
func TestSignalDuringExec(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]string{"obedient": "hang", "stubborn": "hang stubborn"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, "KLINGCTL_SANDBOX=1")
			saving := p.start(t, "submit", "-i", "a.png", "-p", "x", "-o", "clip.mp4", "--exec", "tell "+how)
			saving.until(t, "hanging")
			since := time.Now()
			if err := saving.command.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			_, stderr := saving.end(t, exitInterrupted)
			if took := time.Since(since); took > time.Second {
				t.Errorf("it ended %v after the signal, want 1s at most", took)
			}
			if want := "heard interrupt"; !strings.Contains(stderr, want) {
				t.Errorf("standard error does not say %q:\n%s", want, stderr)
			}
			if _, err := os.Stat(filepath.Join(p.work, "clip.mp4")); err != nil {
				t.Errorf("the file is gone: %v", err)
			}
			p.boughtOnce(t)
		})
	}
}
