package cmd

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// signalStage is a moment of a run at which a signal comes.
type signalStage struct {
	name string
	// shutFor is the request that gets no answer; "" where none is held.
	shutFor string
	// begin starts the run and comes back when it has reached the stage.
	begin func(t *testing.T, d *door) *watchedProcess
	// unknown says that the signal leaves the outcome of a create open.
	unknown bool
	// bought is how many jobs exist by then.
	bought int
	// resume is the command to be printed, ID for the job's id; "" where
	// nothing was bought and the same command is the way on.
	resume string
}

func signalStages() []signalStage {
	finished := func(t *testing.T, d *door) string {
		t.Helper()
		id := d.run(t, order("kling")...)
		d.run(t, "wait", id)
		return id
	}
	return []signalStage{
		{
			name: "hosting the image", shutFor: "POST /_as/kie/api/file-",
			begin: func(t *testing.T, d *door) *watchedProcess {
				t.Helper()
				w := d.start(t, order("kie")...)
				d.knock(t)
				return w
			},
		},
		{
			name: "create in flight", unknown: true, bought: 1, resume: "klingctl reconcile ID",
			begin: func(t *testing.T, d *door) *watchedProcess {
				t.Helper()
				w := d.start(t, order("kling", "-p", "x [[hang]]", "-o", "clip.mp4")...)
				d.bought(t, 1)
				return w
			},
		},
		{
			name: "a look hangs", shutFor: "GET /_as/kling/v1/videos/", bought: 1, resume: "klingctl wait ID",
			begin: func(t *testing.T, d *door) *watchedProcess {
				t.Helper()
				w := d.start(t, order("kling", "--wait")...)
				d.knock(t)
				return w
			},
		},
		{
			name: "the status hangs", shutFor: "GET /_as/kling/v1/videos/", bought: 1,
			begin: func(t *testing.T, d *door) *watchedProcess {
				t.Helper()
				w := d.start(t, "status", d.run(t, order("kling")...))
				d.knock(t)
				return w
			},
		},
		{
			name: "between two looks", bought: 1, resume: "klingctl wait ID",
			begin: func(t *testing.T, d *door) *watchedProcess {
				t.Helper()
				w := d.start(t, order("kling", "--wait", "--poll-interval", "1h")...)
				w.until(t, "queued at kling")
				return w
			},
		},
		{
			name: "the download hangs", shutFor: "GET /files/", bought: 1, resume: "klingctl download ID",
			begin: func(t *testing.T, d *door) *watchedProcess {
				t.Helper()
				w := d.start(t, "download", finished(t, d), "-o", "clip.mp4")
				d.knock(t)
				return w
			},
		},
		{
			name: "a big file is hashed", bought: 1,
			begin: func(t *testing.T, d *door) *watchedProcess {
				t.Helper()
				id := finished(t, d)
				d.run(t, "download", id, "-o", "clip.mp4")
				clip := filepath.Join(d.work, "clip.mp4")
				if err := os.Truncate(clip, 64<<30); err != nil { // all hole
					t.Skipf("needs sparse files: %v", err)
				}
				w := d.start(t, "download", id, "-o", "clip.mp4")
				reads(t, w, clip)
				return w
			},
		},
		{
			name: "reading references",
			begin: func(t *testing.T, d *door) *watchedProcess {
				t.Helper()
				command := d.program(t.Context(), t, "wait", "-")
				read, write, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _, _ = read.Close(), write.Close() })
				if _, err := write.WriteString("kling:image2video/1 "); err != nil {
					t.Fatal(err)
				}
				command.Stdin = read
				w := d.started(t, command)
				eventually(t, "the program never read its input", func() bool {
					left, err := unix.IoctlGetInt(int(read.Fd()), unix.TIOCINQ)
					return err == nil && left == 0
				})
				return w
			},
		},
		{
			name: "waiting for the pace", bought: 20,
			begin: func(t *testing.T, d *door) *watchedProcess {
				t.Helper()
				w := d.start(t, order("kie", "--takes", "25")...)
				w.until(t, "waiting for room in the pace of kie")
				return w
			},
		},
		{
			name: "the ledger is locked before the create", bought: 1,
			begin: func(t *testing.T, d *door) *watchedProcess {
				t.Helper()
				d.lockLedger(t, d.run(t, order("kling")...))
				w := d.start(t, order("kling", "--again")...)
				reads(t, w, "ledger.db")
				<-time.After(300 * time.Millisecond) // from open to the lock, which nothing shows
				return w
			},
		},
		{
			name: "the ledger is locked after a look", shutFor: "GET /_as/kling/v1/videos/", bought: 1, resume: "klingctl wait ID",
			begin: func(t *testing.T, d *door) *watchedProcess {
				t.Helper()
				id := d.run(t, order("kling")...)
				w := d.start(t, "wait", id)
				d.knock(t)
				d.lockLedger(t, id)
				return w
			},
		},
	}
}

// A signal at any stage ends the program within a second, with nothing lost
// and a way on.
func TestSignalAtEveryStage(t *testing.T) {
	t.Parallel()
	for _, stage := range signalStages() {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(stage.name+" "+signal.String(), func(t *testing.T) {
				t.Parallel()
				d := newDoor(t, stage.shutFor)
				if stage.shutFor == "" {
					d.open()
				}
				w := stage.begin(t, d)
				code := exitInterrupted
				if signal == syscall.SIGTERM {
					code = exitTerminated
				}
				if stage.unknown {
					code = exitUnknown
				}
				stdout, stderr := w.signalled(t, signal, code)
				d.open()
				_, charged, err := countJournal(d.emulator())
				if err != nil || charged != stage.bought {
					t.Errorf("the journal counts %d charges (%v), want %d", charged, err, stage.bought)
				}
				d.resume(t, stage, stdout, stderr)
			})
		}
	}
}

// signalled sends a signal and holds the end: its code, and its second.
func (w *watchedProcess) signalled(t *testing.T, signal syscall.Signal, code int) (stdout, stderr string) {
	t.Helper()
	since := time.Now()
	if err := w.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	stdout, stderr = w.end(t, code)
	if took := time.Since(since); took > time.Second {
		t.Errorf("it ended %v after the signal, want 1s at most", took)
	}
	return stdout, stderr
}

// resume does what the program advised and holds that it helps.
func (d *door) resume(t *testing.T, stage signalStage, stdout, stderr string) {
	t.Helper()
	if stage.resume == "" {
		return
	}
	_, advice, _ := strings.Cut(stderr, "next: ")
	command := regexp.MustCompile(`klingctl ([a-z]+ ?)+[0-9a-hjkmnp-tv-z]{12}`).FindString(advice)
	id := field(t, strings.Trim(d.run(t, "jobs", "list", "--json"), "[]\n "), "id")
	if want := strings.ReplaceAll(stage.resume, "ID", id); command != want {
		t.Fatalf("it advises %q, want %q; standard output %q", command, want, stdout)
	}
	d.run(t, strings.Fields(command)[1:]...)
}

// reads waits until a process has a file open whose name holds a text.
func reads(t *testing.T, w *watchedProcess, name string) {
	t.Helper()
	eventually(t, "the program never opened "+name, func() bool {
		open, _ := filepath.Glob("/proc/" + strconv.Itoa(w.command.Process.Pid) + "/fd/*")
		return slices.ContainsFunc(open, func(file string) bool {
			target, err := os.Readlink(file)
			return err == nil && strings.Contains(target, name)
		})
	})
}

// eventually waits until something is true.
func eventually(t *testing.T, never string, holds func() bool) {
	t.Helper()
	late := time.After(20 * time.Second)
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-late:
			t.Fatal(never)
		case <-again.C:
		}
	}
}

// ledgerOf opens the ledger of a place beside its programs.
func (p place) ledgerOf(t *testing.T) *ledger.Store {
	t.Helper()
	store, err := ledger.Open(t.Context(), ledger.Options{Path: filepath.Join(p.home, ".local", "state", "klingctl", "ledger.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// lockLedger holds the ledger's write lock until the door opens.
func (d *door) lockLedger(t *testing.T, id string) {
	t.Helper()
	store := d.ledgerOf(t)
	held, end, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := store.Update(context.Background(), id, time.Now(), func(j kling.Job) (kling.Job, error) { //nolint:usetesting // it ends by release
			close(held)
			<-end
			return j, nil
		})
		done <- err
	}()
	<-held
	d.release = sync.OnceFunc(func() {
		close(end)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(d.release)
}
