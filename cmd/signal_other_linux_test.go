package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/sandbox"
)

// A second signal ends the program at once, also while it still tries to save
// what it knows; what it could not save is found later.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "POST /_as/kling/v1/videos/")
	d.open()
	first := d.run(t, order("kling")...)
	d.shut.Store(true)
	w := d.start(t, order("kling", "--again", "-o", "clip.mp4")...)
	d.knock(t)
	d.lockLedger(t, first) // so that the outcome cannot be saved
	ended, again := make(chan struct{}), time.NewTicker(20*time.Millisecond)
	defer again.Stop()
	go func() { // the first is for saving, of the others the next one counts
		for {
			_ = w.command.Process.Signal(os.Interrupt)
			select {
			case <-ended:
				return
			case <-again.C:
			}
		}
	}()
	since := time.Now()
	_, stderr := w.end(t, -1)
	close(ended)
	if took := time.Since(since); took > time.Second {
		t.Errorf("it ended %v after the second signal, want 1s at most", took)
	}
	if strings.Contains(stderr, "goroutine ") {
		t.Errorf("there is a stack trace:\n%s", stderr)
	}
	d.open()
	if states := d.run(t, "status"); !strings.Contains(states, "submitting") && !strings.Contains(states, "unknown") {
		t.Errorf("the ledger does not know the second job:\n%s", states)
	}
}

// A terminal that is closed ends the program as the system does. Nobody is
// left to read a message; the ledger has all there is.
func TestSIGHUP(t *testing.T) {
	t.Parallel()
	if signal.Ignored(syscall.SIGHUP) {
		t.Skip("SIGHUP is ignored here, as under nohup, and so it is by what is started")
	}
	t.Run("while a look hangs", func(t *testing.T) {
		t.Parallel()
		d := newDoor(t, "GET /_as/kling/v1/videos/")
		w := d.start(t, order("kling", "--wait")...)
		d.knock(t)
		w.signalled(t, syscall.SIGHUP, -1)
		d.open()
		d.run(t, "wait", field(t, strings.Trim(d.run(t, "jobs", "list", "--json"), "[]\n "), "id"))
		d.boughtOnce(t)
	})
	t.Run("while a create is in flight", func(t *testing.T) {
		t.Parallel()
		d := newDoor(t, "nothing")
		w := d.start(t, order("kling", "-p", "x [[hang]]")...)
		d.bought(t, 1)
		w.signalled(t, syscall.SIGHUP, -1)
		h := &killHome{place: d.place}
		if err := h.age(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.run(t, "reconcile")
		d.run(t, "wait", field(t, strings.Trim(d.run(t, "jobs", "list", "--json"), "[]\n "), "id"))
		d.boughtOnce(t)
	})
}

// A process that was stopped for a while (Ctrl-Z, fg) draws again and looks
// once, not once for each look it missed.
func TestStopAndContinue(t *testing.T) {
	t.Parallel()
	const pace, away = 150 * time.Millisecond, 900 * time.Millisecond
	p := newPlace(t, "KLINGCTL_SANDBOX=1", "TERM=xterm-256color")
	control, terminal := openTerminal(t)
	command := p.program(t.Context(), t, "submit", "-i", "a.png", "-p", "x [[never]]", "--wait", "--poll-interval", pace.String())
	command.Stderr = terminal
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if err := terminal.Close(); err != nil {
		t.Fatal(err)
	}
	var drawn atomic.Int64
	go func() {
		for piece := make([]byte, 4096); ; {
			n, err := control.Read(piece)
			if err != nil {
				return
			}
			drawn.Add(int64(n))
		}
	}()
	looked := func(least int) func() bool { return func() bool { return len(p.looks(t)) >= least } }
	eventually(t, "it never looked", looked(2))
	send := func(s syscall.Signal) {
		if err := command.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	send(syscall.SIGSTOP)
	<-time.After(away)
	before, seen := len(p.looks(t)), drawn.Load()
	send(syscall.SIGCONT)
	eventually(t, "it never looked again", looked(before+3))
	if drawn.Load() == seen {
		t.Error("the bar was not drawn again")
	}
	send(syscall.SIGINT)
	if got := exitOf(t, command.Wait()); got != exitInterrupted {
		t.Errorf("exit code %d, want %d", got, exitInterrupted)
	}
	looks := p.looks(t)[before:]
	for i := range looks[1:] {
		if gap := looks[i+1].Sub(looks[i]); gap < pace/2 {
			t.Errorf("looks %d and %d after the stop are %v apart, want about %v", i, i+1, gap, pace)
		}
	}
}

// looks are the times at which the emulator was asked for a state.
func (p place) looks(t *testing.T) []time.Time {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.emulator(), "journal.jsonl"))
	if err != nil {
		return nil
	}
	var times []time.Time
	for line := range bytes.Lines(text) {
		var e sandbox.Entry
		if !bytes.HasSuffix(line, []byte("\n")) || json.Unmarshal(line, &e) != nil {
			continue // still being written
		}
		if e.Op == "status" || e.Op == "list" {
			times = append(times, e.Time)
		}
	}
	return times
}

// Nobody reads standard output (`| head -1`): each verb ends quietly.
func TestStandardOutputUnread(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "KLINGCTL_SANDBOX=1")
	id := p.run(t, "submit", "-i", "a.png", "-p", "x")
	for _, args := range [][]string{
		{"jobs", "list"},
		{"jobs", "list", "--json"},
		{"wait", id},
		{"wait", id, "--json"},
		{"download", id, "-o", "clip.mp4"},
		{"models"},
		{"sandbox", "journal", "--json"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			command := p.program(t.Context(), t, append([]string{"--no-progress", "-q"}, args...)...)
			var stderr strings.Builder
			command.Stdout, command.Stderr = write, &stderr
			if err := read.Close(); err != nil {
				t.Fatal(err)
			}
			err = command.Run()
			if err := write.Close(); err != nil {
				t.Fatal(err)
			}
			if code := exitOf(t, err); code != exitUnexpected && code != -1 {
				t.Errorf("exit code %d, want 1 or the end by SIGPIPE", code)
			}
			if stderr.Len() > 0 {
				t.Errorf("standard error says %q, want nothing", &stderr)
			}
		})
	}
}
