package ledger

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

// crowd is how many jobs a busy batch has under way.
const crowd = 1000

// lives lets every job of a crowd live at the same time, in a goroutine of
// its own: six changes each.
func lives(tb testing.TB, s *Store, round int) {
	tb.Helper()
	var group sync.WaitGroup
	for i := range crowd {
		group.Go(func() {
			if err := life(tb, s, fmt.Sprintf("%04d%08d", round, i)); err != nil {
				tb.Error(err)
			}
		})
	}
	group.Wait()
}

func life(tb testing.TB, s *Store, id string) error {
	tb.Helper()
	ctx := tb.Context()
	if err := s.Add(ctx, draft(id, epoch())); err != nil {
		return err
	}
	in := Intent{Now: epoch(), Deadline: epoch().Add(time.Minute), Guard: Guard{Window: time.Hour}, Budget: benchBudget()}
	if granted, err := s.Intend(ctx, id, in); err != nil || granted.Job.State != kling.Submitting {
		return fmt.Errorf("the intent of %s gives %+v: %w", id, granted, err)
	}
	if err := s.Settle(ctx, id, "USD", micro, epoch()); err != nil {
		return err
	}
	for _, state := range []kling.State{kling.Queued, kling.Running, kling.Succeeded} {
		if _, err := s.Update(ctx, id, epoch(), to(state)); err != nil {
			return err
		}
	}
	return nil
}

// manifest is a batch of drafts.
func manifest(batch string, rows int) []kling.Job {
	jobs := make([]kling.Job, rows)
	for i := range jobs {
		jobs[i] = draft(fmt.Sprintf("%s%08d", batch, i), epoch())
		jobs[i].Batch, jobs[i].Row = batch, fmt.Sprintf("%d.png", i)
	}
	return jobs
}

func BenchmarkAddAllOf10000(b *testing.B) {
	for name, place := range map[string]func(testing.TB) string{"SQLite": newFile, "PostgreSQL": newSchema} {
		b.Run(name, func(b *testing.B) {
			s := openAt(b, place(b))
			for round := 0; b.Loop(); round++ {
				if err := s.AddAll(b.Context(), manifest(fmt.Sprintf("%04d", round), 10_000)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCountsOfABatchOf10000(b *testing.B) {
	s := openAt(b, newFile(b))
	for _, batch := range []string{"cats", "dogs"} {
		if err := s.AddAll(b.Context(), manifest(batch, 10_000)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if counts, err := s.Counts(b.Context(), Filter{Batch: "cats"}); err != nil || counts[kling.Draft] != 10_000 {
			b.Fatal(counts, err)
		}
	}
}

func BenchmarkAThousandJobsAtOnce(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) {
		commits := 0
		for round := 0; b.Loop(); round++ {
			s := openAt(b, newFile(b))
			keepLog(b, s)
			lives(b, s, round)
			commits += commitsOf(b, s)
			_ = s.Close()
		}
		b.ReportMetric(float64(commits)/float64(b.N*crowd), "commits/job")
	})
	b.Run("PostgreSQL", func(b *testing.B) {
		s := openAt(b, newSchema(b))
		for round := 0; b.Loop(); round++ {
			lives(b, s, round)
		}
	})
}
