//go:build unix

package cmd

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// The kill suite holds the promise of the project against SIGKILL: a job is
// never bought twice, and a bought job is never lost. The journal of
// "sandbox serve" is the truth about what was bought.
//
// KLINGCTL_KILL_ROUNDS asks for the long run of "make kill", and
// KLINGCTL_KILL_BINARY for a klingctl as it is released; else the test binary
// plays it.

// killRounds is how often each protocol point is tried; full says that the
// long run was asked for.
func killRounds(t *testing.T) (rounds int, full bool) {
	t.Helper()
	text := os.Getenv("KLINGCTL_KILL_ROUNDS")
	if text == "" {
		return 2, false
	}
	rounds, err := strconv.Atoi(text)
	if err != nil || rounds < 1 {
		t.Fatalf("KLINGCTL_KILL_ROUNDS is %q, want a number from 1", text)
	}
	return rounds, true
}

// killBinary is the path of the program to be killed.
func killBinary(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("KLINGCTL_KILL_BINARY"); path != "" {
		return path
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatalf("find the test binary: %v", err)
	}
	link := filepath.Join(t.TempDir(), "klingctl")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	return link
}

// killOffer is what a trial orders from a provider.
type killOffer struct {
	provider, model, image string
	// finds says that the provider looks tasks up by our id, so that no
	// outcome may stay unknown.
	finds bool
}

func killOffers() []killOffer {
	return []killOffer{
		{provider: "kling", model: "kling-v2-1-master", image: "a.png", finds: true},
		{provider: "apikley", model: "kling/v2-1-master-image-to-video", image: "https://files.example.net/a.png"},
	}
}

// killStage is what all trials of one test share: a served emulator.
type killStage struct {
	binary, root string
	base         string // of the emulator, http://127.0.0.1:PORT
}

func newKillStage(t *testing.T) *killStage {
	t.Helper()
	return newKillStageOf(t, "40ms")
}

// newKillStageOf has an emulator whose jobs take a time.
func newKillStageOf(t *testing.T, generation string) *killStage {
	t.Helper()
	s := &killStage{binary: killBinary(t), root: t.TempDir()}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:usetesting // it is killed after the trials, in Cleanup
	p := place{home: filepath.Join(s.root, "served-home"), work: s.root}
	p.environ = quickEnviron(p.home)
	serving := p.started(t, exec.CommandContext(ctx, s.binary,
		"sandbox", "serve", "--addr", "127.0.0.1:0", "--dir", s.served(), "--generation-time", generation))
	t.Cleanup(func() { cancel(); _ = serving.command.Wait() })
	line := serving.until(t, "sandbox at http://127.0.0.1:")
	s.base, _, _ = strings.Cut(strings.TrimPrefix(line, "sandbox at "), ",")
	return s
}

func (s *killStage) served() string { return filepath.Join(s.root, "served") }

// killHome is the machine of one user: a home with its ledger and a folder.
type killHome struct {
	place

	stage  *killStage
	offers []killOffer
}

// home makes an empty home whose providers are reached at a base address.
func (s *killStage) home(name, base string) (*killHome, error) {
	h := &killHome{stage: s, offers: killOffers()}
	h.home, h.work = filepath.Join(s.root, name, "home"), filepath.Join(s.root, name, "work")
	h.environ = append(quickEnviron(h.home),
		"KLINGCTL_PROVIDERS_KLING_BASE_URL="+base+"/_as/kling", "KLING_API_KEY="+canary,
		"KLINGCTL_PROVIDERS_APIKLEY_BASE_URL="+base+"/_as/apikley", "APIKLEY_API_KEY="+canary)
	if err := errors.Join(os.MkdirAll(h.home, 0o700), os.MkdirAll(h.work, 0o700)); err != nil {
		return nil, err
	}
	picture, err := encodedPicture()
	if err != nil {
		return nil, err
	}
	return h, os.WriteFile(filepath.Join(h.work, "a.png"), picture, 0o600)
}

// submit is a whole run: submit, wait, download.
func (h *killHome) submit(o killOffer, prompt, output string) []string {
	return []string{h.stage.binary, "submit", "--provider", o.provider, "-m", o.model, "-i", o.image, "-p", prompt, "-o", output, "--timeout", "60s"}
}

// command is a process in this home that is not started yet.
func (h *killHome) command(ctx context.Context, argv []string) *exec.Cmd {
	command := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // the program under test
	command.Dir, command.Env = h.work, h.environ
	return command
}

// age lets ten minutes pass for creates that nobody finished: the process that
// would have told their outcome is dead, and a deadline is all that says so.
func (h *killHome) age(ctx context.Context) error {
	path := filepath.Join(h.home, ".local", "state", "klingctl", "ledger.db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	store, err := ledger.Open(ctx, ledger.Options{Path: path})
	if err != nil {
		return err
	}
	err = store.Each(ctx, ledger.Filter{States: []kling.State{kling.Submitting}}, func(j kling.Job) error {
		_, err := store.Update(ctx, j.ID, time.Now(), func(j kling.Job) (kling.Job, error) {
			j.CreateDeadline = j.CreateDeadline.Add(-10 * time.Minute)
			return j, nil
		})
		return err
	})
	return errors.Join(err, store.Close())
}

// killedBy tells a process that a signal ended from one that ended by itself.
func killedBy(err error) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	return ok && exit.ExitCode() == -1
}

// atOnce runs n trials, a few at a time: most of a trial is waiting.
func atOnce(n, width int, trial func(i int)) {
	room := make(chan struct{}, width)
	var all sync.WaitGroup
	for i := range n {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			trial(i)
		})
	}
	all.Wait()
}
