package ledger

import (
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

func TestTwentyProcessesOpenAnEmptyFolderAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "ledger.db")
	run(t, 20, func(int) (string, []string) { return "open", []string{path} })
	s := openAt(t, path)
	add(t, s, draft("aaaabbbbcccc", epoch()))
}

// run starts processes and lets them go at the same time.
func run(t *testing.T, count int, what func(i int) (role string, args []string)) {
	t.Helper()
	children := make([]child, count)
	for i := range children {
		role, args := what(i)
		children[i] = startChild(t, role, args...)
	}
	for _, c := range children {
		c.start()
	}
	for _, c := range children {
		c.wait(t)
	}
}

func TestTwentyProcessesLoseNoRow(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := openAt(t, path)
	add(t, s, draft(commonID, epoch()))
	run(t, 20, func(i int) (string, []string) { return "work", []string{path, fmt.Sprintf("aaaabb%02d", i)} })
	jobs, err := s.List(t.Context(), Filter{States: []kling.State{kling.Queued}})
	if err != nil || len(jobs) != 200 {
		t.Errorf("%d queued jobs (%v), want 200", len(jobs), err)
	}
	if got := mustGet(t, s, commonID).Word; got != "200" {
		t.Errorf("the processes counted to %s, want 200", got)
	}
}

func TestOneProcessOfTwentyGetsTheIntent(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := openAt(t, path)
	add(t, s, draft("aaaabbbbcccc", epoch()))
	children := make([]child, 20)
	for i := range children {
		children[i] = startChild(t, "intend", path, "aaaabbbbcccc")
	}
	for _, c := range children {
		c.start()
	}
	won := 0
	for _, c := range children {
		for c.out.Scan() {
			won++
		}
		_ = c.command.Wait() // the others end with a fault, as they should
	}
	if won != 1 {
		t.Errorf("%d processes may send the create, want 1", won)
	}
}

// race lets twenty processes intend a draft each and counts who may send. The
// drafts of twins have one key.
func race(t *testing.T, role string) (s *Store, granted int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s = openAt(t, path)
	children := make([]child, 20)
	for i := range children {
		job := draft(fmt.Sprintf("aaaa%08d", i), epoch())
		if role == "twins" {
			job.Key = "common"
		}
		add(t, s, job)
		children[i] = startChild(t, role, path, job.ID)
	}
	for _, c := range children {
		c.start()
	}
	for _, c := range children {
		granted += len(c.wait(t))
	}
	return s, granted
}

func TestManyStoresInOneProcessLoseNoUpdate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	add(t, openAt(t, path), draft(commonID, epoch()))
	var group sync.WaitGroup
	for range 5 {
		s := openAt(t, path)
		for range 4 {
			group.Go(func() {
				for range 10 {
					if _, err := s.Update(t.Context(), commonID, epoch(), countOne); err != nil {
						t.Errorf("Update: %v", err)
					}
					if _, err := s.Get(t.Context(), commonID); err != nil {
						t.Errorf("Get: %v", err)
					}
				}
			})
		}
	}
	group.Wait()
	if got := mustGet(t, openAt(t, path), commonID).Word; got != strconv.Itoa(200) {
		t.Errorf("the goroutines counted to %s, want 200", got)
	}
}

func TestHoursPassInABubble(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(t.Context(), Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		add(t, s, draft("aaaabbbbcccc", now))
		<-time.After(2 * time.Hour)
		if _, _, err := intend(t.Context(), s, "aaaabbbbcccc", time.Now(), time.Now().Add(time.Minute), Pace{Count: 1, Per: time.Second}); err != nil {
			t.Error(err)
		}
		<-time.After(2 * time.Minute)
		if swept, err := s.Sweep(t.Context(), time.Now()); err != nil || len(swept) != 1 {
			t.Errorf("Sweep = %q, %v, want the abandoned job", ids(swept), err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
