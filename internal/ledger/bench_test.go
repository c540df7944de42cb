package ledger

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

// filled is a ledger of many jobs, made fast: its durability is not the point.
func filled(b *testing.B, count int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "ledger.db")
	s := openAt(b, path)
	err := s.change(b.Context(), "fill", func(t tx) error {
		states := kling.States()
		for i := range count {
			job := draft(fmt.Sprintf("%012d", i), epoch().Add(time.Duration(i)*time.Second))
			job.State = kling.Succeeded
			if i%1000 < len(states) {
				job.State = states[i%1000]
			}
			job.Ref.Task = "task" + strconv.Itoa(i)
			r, err := encode(job)
			if err != nil {
				return err
			}
			if err := t.exec(insertJob, append(r.values(), 0, r.created)...); err != nil {
				return err
			}
			// All on one day and in one batch: the longest sums there can be.
			if err := t.reserve(reservation(job, Intent{Now: job.CreatedAt, Budget: benchBudget()})); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	_ = s.Close()
	return path
}

func benchBudget() Budget {
	limit := func(scope Scope, unit string) Cap { return Cap{Scope: scope, Unit: unit, Micros: maxMicros} }
	return Budget{
		Price: price(1, "USD"), Day: "today", Batch: "cats", Command: "this",
		Caps: []Cap{
			limit(ScopeJob, "USD"), limit(ScopeDay, "USD"), limit(ScopeDay, Jobs), limit(ScopeBatch, "USD"), limit(ScopeCommand, "USD"),
		},
	}
}

func BenchmarkFirstOpenAndAdd(b *testing.B) {
	folder := b.TempDir()
	for n := 0; b.Loop(); n++ {
		s := openAt(b, filepath.Join(folder, strconv.Itoa(n), "ledger.db"))
		add(b, s, draft("aaaabbbbcccc", epoch()))
		_ = s.Close()
	}
}

func BenchmarkOpenAndAdd(b *testing.B) {
	path := filled(b, 10_000)
	for n := 0; b.Loop(); n++ {
		s := openAt(b, path)
		add(b, s, draft(fmt.Sprintf("b%011d", n), epoch()))
		_ = s.Close()
	}
}

func BenchmarkOpenAndGet(b *testing.B) {
	path := filled(b, 10_000)
	for _, readOnly := range []bool{false, true} {
		b.Run(fmt.Sprintf("readonly=%v", readOnly), func(b *testing.B) {
			for b.Loop() {
				s, err := Open(b.Context(), Options{Path: path, ReadOnly: readOnly})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := s.Get(b.Context(), "000000000007"); err != nil {
					b.Fatal(err)
				}
				_ = s.Close()
			}
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	s := openAt(b, filled(b, 1000))
	for n := 0; b.Loop(); n++ {
		update(b, s, "000000000000", func(job kling.Job) (kling.Job, error) {
			job.Word = strconv.Itoa(n)
			return job, nil
		})
	}
}

func BenchmarkUpdateWithoutADifference(b *testing.B) {
	s := openAt(b, filled(b, 1000))
	for b.Loop() {
		update(b, s, "000000000000", to(kling.Draft))
	}
}

func BenchmarkIntend(b *testing.B) {
	path := filled(b, 100_000)
	for name, test := range map[string]struct {
		guard  Guard
		budget Budget
		// volatile leaves out the wait for the disk.
		volatile bool
	}{
		"pace":               {guard: Guard{Off: true}},
		"all":                {guard: Guard{Window: 10 * time.Minute}, budget: benchBudget()},
		"paceWithoutTheDisk": {guard: Guard{Off: true}, volatile: true},
		"allWithoutTheDisk":  {guard: Guard{Window: 10 * time.Minute}, budget: benchBudget(), volatile: true},
	} {
		b.Run(name, func(b *testing.B) {
			s := openAt(b, path)
			if test.volatile {
				if _, err := inFile(s).writer.conn.ExecContext(b.Context(), "PRAGMA synchronous = OFF"); err != nil {
					b.Fatal(err)
				}
			}
			pace := Pace{Count: 20, Per: time.Second, InFlight: 1 << 20, Younger: time.Hour}
			now := epoch().AddDate(1, 0, 0)
			for n := 0; b.Loop(); n++ {
				b.StopTimer()
				id := fmt.Sprintf("b%011d", rand.Int64N(1e11))
				add(b, s, draft(id, now))
				now = now.Add(pace.Per)
				b.StartTimer()
				granted := mustIntend(b, s, id, Intent{
					Now: now, Deadline: now.Add(time.Minute), Pace: pace, Guard: test.guard, Budget: test.budget,
				})
				if granted.Job.State != kling.Submitting {
					b.Fatal(granted)
				}
			}
		})
	}
}

func BenchmarkTwin(b *testing.B) {
	s := openAt(b, filled(b, 100_000))
	job := draft("aaaabbbbcccc", epoch())
	for b.Loop() {
		if twin, err := s.Twin(b.Context(), job, time.Hour, epoch()); err != nil || twin != nil {
			b.Fatal(twin, err)
		}
	}
}

func BenchmarkList(b *testing.B) {
	s := openAt(b, filled(b, 100_000))
	for name, filter := range map[string]Filter{
		"newest50":     {Limit: 50},
		"succeeded50":  {Limit: 50, States: []kling.State{kling.Succeeded}},
		"open":         {States: []kling.State{kling.Submitting, kling.Queued, kling.Running, kling.Unknown}},
		"finished50":   {Limit: 50, States: []kling.State{kling.Succeeded, kling.Failed}},
		"oneprovider":  {Limit: 50, Provider: "kie"},
		"nooneprovide": {Limit: 50, Provider: "nobody"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.List(b.Context(), filter); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEach(b *testing.B) {
	s := openAt(b, filled(b, 100_000))
	for name, filter := range map[string]Filter{
		"all": {}, "twostates": {States: []kling.State{kling.Succeeded, kling.Failed}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := s.Each(b.Context(), filter, func(kling.Job) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSweepOfNothing(b *testing.B) {
	s := openAt(b, filled(b, 100_000))
	for b.Loop() {
		if _, err := s.Sweep(b.Context(), epoch().AddDate(-1, 0, 0)); err != nil {
			b.Fatal(err)
		}
	}
}
