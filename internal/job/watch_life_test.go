package job_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

// life is how a crowd of jobs was waited for.
type life struct {
	// requests are those for each job.
	requests float64
	// lag is the mean, late that of nineteen in twenty.
	lag, late time.Duration
	// most is the greatest number of requests in any ten seconds.
	most int
}

// live has jobs join over a minute, each looked at until it ends.
func live(t *testing.T, s *shop, w *works, crowd int, takes service, row bool) life {
	t.Helper()
	s.reads = w
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a fixed crowd
	watch := s.NewWatch(0)
	go func() {
		pause := time.NewTicker(time.Minute / time.Duration(crowd))
		defer pause.Stop()
		for range crowd {
			<-pause.C
			watch.Add(t.Context(), w.order(t, s, takes(r), row))
		}
		watch.Close()
	}()
	var lags []time.Duration
	watch.Run(t.Context(), func(ended kling.Job, err error) {
		if err != nil || ended.State != kling.Succeeded || len(ended.Artifacts) != 1 {
			t.Errorf("%s ended %s with %d videos: %v", ended.Ref, ended.State, len(ended.Artifacts), err)
		}
		lags = append(lags, w.lag(ended))
	})
	if len(lags) != crowd {
		t.Fatalf("%d jobs ended, want %d", len(lags), crowd)
	}
	slices.Sort(lags)
	var sum time.Duration
	for _, lag := range lags {
		sum += lag
	}
	return life{
		requests: float64(w.requests()) / float64(crowd), lag: sum / time.Duration(crowd), late: lags[crowd*19/20],
		most: busiest(append(slices.Clone(w.asked), w.listed...), 10*time.Second),
	}
}

// busiest is the greatest number of moments within any span of time.
func busiest(moments []time.Time, span time.Duration) int {
	slices.SortFunc(moments, time.Time.Compare)
	most, from := 0, 0
	for to := range moments {
		for moments[to].Sub(moments[from]) >= span {
			from++
		}
		most = max(most, to-from+1)
	}
	return most
}

// crowds are the laws of generation times that jobs are waited for under.
func crowds() map[string]service {
	return map[string]service{
		"uniform-60s-90s":     uniform(time.Minute, 90*time.Second),
		"lognormal-208s-180+": lognormal(208*time.Second, 1.155),
	}
}

func TestAThousandJobsTakeLessThanARequestEachWhereThereAreLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := live(t, open(t), &works{}, 1000, uniform(time.Minute, 90*time.Second), false)
		if got.requests >= 0.25 || got.lag > 2500*time.Millisecond || got.late > 8*time.Second {
			t.Errorf("%+v, want a quarter of a request a job at most and a lag of 2.5s", got)
		}
	})
}

// Where each job must be asked for, the looks keep to what a provider can be
// asked, and all jobs get their turn.
func TestAThousandJobsDoNotFloodAProviderWithoutLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		s.lookup = "unverified"
		got := live(t, s, &works{}, 1000, uniform(time.Minute, 90*time.Second), false)
		if got.most > 210 || got.requests > 6 || got.late > time.Minute {
			t.Errorf("%+v, want 20 looks a second at most and nobody forgotten", got)
		}
	})
}

// The rows of a crowd are written when something is new, and not at each look.
func TestLooksThatBringNothingNewWriteNothing(t *testing.T) {
	t.Parallel()
	for _, lookup := range []string{"yes", "no"} {
		synctest.Test(t, func(t *testing.T) {
			s, w := open(t), &works{}
			s.reads, s.lookup = w, lookup
			var jobs []kling.Job
			for range 5 {
				jobs = append(jobs, w.order(t, s, time.Hour, true))
			}
			first, cancel := context.WithTimeout(t.Context(), 25*time.Second)
			defer cancel()
			s.Wait(first, jobs, 0)
			row := s.row(t, jobs[0].ID)
			second, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			before := w.requests()
			s.Wait(second, []kling.Job{row, s.row(t, jobs[1].ID), s.row(t, jobs[2].ID)}, 0)
			if after := s.row(t, jobs[0].ID); row.State != kling.Running || !after.UpdatedAt.Equal(row.UpdatedAt) || w.requests() < before+10 {
				t.Errorf("%s, written %s after %d looks, want running and as it was at %s", after.State, after.UpdatedAt, w.requests()-before, row.UpdatedAt)
			}
		})
	}
}

// BenchmarkWatch waits for a thousand jobs that join over a minute, with lists
// and without, and tells requests for each job and the lag behind its end. The
// time that it waits for is not real.
func BenchmarkWatch(b *testing.B) {
	for name, law := range crowds() {
		for _, lookup := range []string{"yes", "no"} {
			b.Run(fmt.Sprintf("%s/lists=%s", name, lookup), func(b *testing.B) {
				var got life
				for b.Loop() {
					inBubble(b, func(t *testing.T) {
						t.Helper()
						s := open(t)
						s.lookup = lookup
						got = live(t, s, &works{}, 1000, law, false)
					})
				}
				b.ReportMetric(got.requests, "requests/job")
				b.ReportMetric(got.lag.Seconds(), "s-lag")
				b.ReportMetric(got.late.Seconds(), "s-lag-p95")
			})
		}
	}
}

// inBubble gives a benchmark the clock that only tests have.
func inBubble(b *testing.B, work func(*testing.T)) {
	b.Helper()
	all := func(string, string) (bool, error) { return true, nil }
	bubble := func(t *testing.T) {
		t.Helper()
		synctest.Test(t, work)
	}
	if !testing.RunTests(all, []testing.InternalTest{{Name: b.Name(), F: bubble}}) {
		b.Fatal("it failed")
	}
}
