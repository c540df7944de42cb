package ledger

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

func TestTwentyProcessesOpenAnEmptyLedgerAtOnce(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, place string) {
		t.Helper()
		if !IsURL(place) {
			place = filepath.Join(filepath.Dir(place), "state", "ledger.db")
		}
		run(t, 20, func(int) (string, []string) { return "open", []string{place} })
		s := openAt(t, place)
		add(t, s, draft("aaaabbbbcccc", epoch()))
	})
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
	everywhere(t, func(t *testing.T, place string) {
		t.Helper()
		s := openAt(t, place)
		add(t, s, draft(commonID, epoch()))
		run(t, 20, func(i int) (string, []string) { return "work", []string{place, fmt.Sprintf("aaaabb%02d", i)} })
		jobs, err := s.List(t.Context(), Filter{States: []kling.State{kling.Queued}})
		if err != nil || len(jobs) != 200 {
			t.Errorf("%d queued jobs (%v), want 200", len(jobs), err)
		}
		if got := mustGet(t, s, commonID).Word; got != "200" {
			t.Errorf("the processes counted to %s, want 200", got)
		}
	})
}

func TestOneProcessOfTwentyGetsTheIntent(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, place string) {
		t.Helper()
		s := openAt(t, place)
		add(t, s, draft("aaaabbbbcccc", epoch()))
		children := make([]child, 20)
		for i := range children {
			children[i] = startChild(t, "intend", place, "aaaabbbbcccc")
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
	})
}

// race lets twenty processes intend a draft each and counts who may send. The
// drafts of twins have one key.
func race(t *testing.T, role, place string) (s *Store, granted int) {
	t.Helper()
	s = openAt(t, place)
	children := make([]child, 20)
	for i := range children {
		job := draft(fmt.Sprintf("aaaa%08d", i), epoch())
		if role == "twins" {
			job.Key = "common"
		}
		add(t, s, job)
		children[i] = startChild(t, role, place, job.ID)
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
	everywhere(t, func(t *testing.T, place string) {
		t.Helper()
		add(t, openAt(t, place), draft(commonID, epoch()))
		var group sync.WaitGroup
		for range 5 {
			s := openAt(t, place)
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
		if got := mustGet(t, openAt(t, place), commonID).Word; got != strconv.Itoa(200) {
			t.Errorf("the goroutines counted to %s, want 200", got)
		}
	})
}

func TestWhatWasAnsweredOutlivesAKill(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, place string) {
		t.Helper()
		s := openAt(t, place)
		args := []string{place}
		for i := range 30 {
			job := draft(fmt.Sprintf("aaaa%08d", i), epoch())
			add(t, s, job)
			args = append(args, job.ID)
		}
		c := startChild(t, "count", args...)
		c.start()
		answered := map[string]int{}
		for lines := 0; c.out.Scan(); lines++ {
			if lines == 300 {
				_ = c.command.Process.Kill()
			}
			id, word, _ := strings.Cut(c.out.Text(), " ")
			n, err := strconv.Atoi(word)
			if err != nil {
				t.Fatal(err)
			}
			answered[id] = max(answered[id], n)
		}
		_ = c.command.Wait()
		for _, id := range args[1:] {
			// One more may have been stored that nobody heard of.
			got, _ := strconv.Atoi(update(t, s, id, to(kling.Running)).Word)
			if got < answered[id] || got > answered[id]+1 {
				t.Errorf("%s stands at %d, the answer was %d", id, got, answered[id])
			}
		}
		if len(answered) == 0 {
			t.Error("nothing was answered before the kill")
		}
	})
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
