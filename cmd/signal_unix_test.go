//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A signal while waiting stops the waiting and nothing else.
func TestSignalWhileWaiting(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		signal syscall.Signal
		code   int
	}{
		{"SIGINT", syscall.SIGINT, exitInterrupted},
		{"SIGTERM", syscall.SIGTERM, exitTerminated},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, "KLINGCTL_SANDBOX=1")
			id := p.run(t, "submit", "-i", "a.png", "-p", "x [[never]]")
			waiting := p.start(t, "wait", id)
			waiting.until(t, "running at kling")
			since := time.Now()
			if err := waiting.command.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			stdout, stderr := waiting.end(t, test.code)
			if took := time.Since(since); took > time.Second {
				t.Errorf("it ended %v after the signal, want 1s at most", took)
			}
			if stdout != "" {
				t.Errorf("standard output holds %q, want nothing", stdout)
			}
			for _, want := range []string{"the job goes on at kling", "charged: yes, the job exists", "next: klingctl wait " + id} {
				if !strings.Contains(stderr, want) {
					t.Errorf("standard error does not say %q:\n%s", want, stderr)
				}
			}
			p.boughtOnce(t)
		})
	}
}

// Under --json a signal leaves one document with the job in it.
func TestSignalUnderJSON(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "KLINGCTL_SANDBOX=1")
	waiting := p.start(t, "submit", "--json", "--wait", "-i", "a.png", "-p", "x [[never]]")
	waiting.until(t, "running at kling")
	if err := waiting.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	stdout, _ := waiting.end(t, exitInterrupted)
	if got := field(t, stdout, "error", "kind"); got != "interrupted" {
		t.Errorf("error.kind = %q, want interrupted", got)
	}
	if got := field(t, stdout, "error", "charged"); got != "yes" {
		t.Errorf("error.charged = %q, want yes", got)
	}
	if got := field(t, stdout, "error", "job", "state"); got != "running" {
		t.Errorf("error.job.state = %q, want running", got)
	}
}

// A signal while the create is in flight leaves its outcome open: exit 11, the
// id on standard output, and the job is found again, not bought again.
func TestSignalDuringCreate(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "KLINGCTL_SANDBOX=1")
	submitting := p.start(t, "submit", "--provider", "kling", "-m", "kling-v2-1-master", "-i", "a.png", "-p", "x [[hang]]")
	p.bought(t, 1)
	if err := submitting.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	id, stderr := submitting.end(t, exitUnknown)
	if id == "" {
		t.Fatal("standard output does not name the job")
	}
	if want := "charged: unknown, a job may exist"; !strings.Contains(stderr, want) {
		t.Errorf("standard error does not say %q:\n%s", want, stderr)
	}
	p.run(t, "wait", id)
	p.boughtOnce(t)
}

// A signal during a download leaves no file under the name, and the next run
// goes on.
func TestSignalDuringDownload(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "KLINGCTL_SANDBOX=1")
	id := p.run(t, "submit", "-i", "a.png", "-p", "x [[stall]]")
	p.run(t, "wait", id)
	saving := p.start(t, "download", id, "-o", "clip.mp4")
	saving.until(t, "downloading clip.mp4")
	if err := saving.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_, stderr := saving.end(t, exitInterrupted)
	if want := "klingctl download " + id; !strings.Contains(stderr, want) {
		t.Errorf("standard error does not say %q:\n%s", want, stderr)
	}
	target := filepath.Join(p.work, "clip.mp4")
	if _, err := os.Stat(target); !os.IsNotExist(err) {
		t.Fatalf("a half file stands under its name (%v)", err)
	}
	p.run(t, "download", id, "-o", "clip.mp4")
	data, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := movieSeconds(data); err != nil {
		t.Errorf("the file of the second run is no whole MP4: %v", err)
	}
	p.boughtOnce(t)
}

// Nobody reads standard output any more: the job that was bought is in the
// ledger all the same, and there is no stack trace.
func TestStandardOutputClosed(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "KLINGCTL_SANDBOX=1")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Close(); err != nil {
		t.Fatal(err)
	}
	command := p.program(t.Context(), t, "submit", "-i", "a.png", "-p", "x [[never]]")
	var stderr strings.Builder
	command.Stdout, command.Stderr = write, &stderr
	if err := command.Run(); err == nil {
		t.Error("the program succeeded although its answer went nowhere")
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(stderr.String(), "goroutine ") || strings.Contains(stderr.String(), "panic") {
		t.Errorf("there is a stack trace:\n%s", &stderr)
	}
	stdout := p.run(t, "status")
	if !strings.Contains(stdout, "\tkling\tkling-v2-1-master\t") {
		t.Errorf("the ledger does not know the job:\n%s", stdout)
	}
	p.boughtOnce(t)
}
