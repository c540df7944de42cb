package job_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/provider"
)

// service is a law of generation times.
type service func(*rand.Rand) time.Duration

func uniform(low, high time.Duration) service {
	return func(r *rand.Rand) time.Duration { return low + time.Duration(r.Float64()*float64(high-low)) }
}

// lognormal has sixty-eight per cent of jobs end from median/spread to
// median*spread.
func lognormal(median time.Duration, spread float64) service {
	return func(r *rand.Rand) time.Duration {
		return time.Duration(float64(median) * math.Exp(r.NormFloat64()*math.Log(spread)))
	}
}

func (s service) scaled(by float64) service {
	return func(r *rand.Rand) time.Duration { return time.Duration(by * float64(s(r))) }
}

// pacer is a pause at an age, after some looks.
type pacer func(age time.Duration, looks int) time.Duration

// schedule is a way to place looks; it may learn from a history.
type schedule struct {
	name string
	with func(r *rand.Rand, past []time.Duration) pacer
}

func schedules() []schedule {
	ours := func(poll provider.Poll, jitter, remember bool) func(*rand.Rand, []time.Duration) pacer {
		return func(r *rand.Rand, past []time.Duration) pacer {
			if !remember {
				past = nil
			}
			plan := job.Plan{Schedule: job.NewSchedule(past, catalog.Span{}, poll)}
			return func(age time.Duration, _ int) time.Duration {
				pause := job.Next(plan, age)
				if jitter {
					pause += time.Duration(r.Int64N(int64(pause/10) + 1))
				}
				return pause
			}
		}
	}
	plain := func(pause pacer) func(*rand.Rand, []time.Duration) pacer {
		return func(*rand.Rand, []time.Duration) pacer { return pause }
	}
	kie := provider.Poll{First: 3 * time.Second, Min: 3 * time.Second, Max: 15 * time.Second}
	return []schedule{
		{"ours", ours(provider.Poll{}, false, true)},
		{"ours-jittered", ours(provider.Poll{}, true, true)},
		{"ours-3s-to-15s", ours(kie, true, true)},
		{"ours-knowing-nothing", ours(provider.Poll{}, false, false)},
		{"fixed-10s", plain(func(time.Duration, int) time.Duration { return 10 * time.Second })},
		{"60s-then-5s", plain(func(_ time.Duration, looks int) time.Duration {
			if looks == 0 {
				return time.Minute
			}
			return 5 * time.Second
		})},
		{"exponential-to-30s", plain(func(_ time.Duration, looks int) time.Duration {
			return min(time.Duration(2*math.Pow(1.5, float64(looks))*float64(time.Second)), 30*time.Second)
		})},
	}
}

// world is how long jobs took when the history was made, and take now.
type world struct {
	name      string
	past, now service
}

func worlds() []world {
	flat, narrow, wide := uniform(60*time.Second, 90*time.Second), lognormal(208*time.Second, 240.0/208), lognormal(208*time.Second, 295.0/208)
	return []world{
		{"U60-90", flat, flat},
		{"LN208-narrow", narrow, narrow},
		{"LN208-wide", wide, wide},
		{"U60-90-now-0.6x", flat, flat.scaled(0.6)},
		{"LN208-narrow-now-0.6x", narrow, narrow.scaled(0.6)},
		{"LN208-narrow-now-1.5x", narrow, narrow.scaled(1.5)},
	}
}

// figures are of many jobs: the time from the end of a job to the look that
// sees it, and the looks a job.
type figures struct{ lag, lag95, requests float64 }

// simulate looks at a thousand jobs after each of twenty histories of fifty
// jobs. The network takes no time.
func simulate(s schedule, w world) figures {
	const histories, jobs, remembered = 20, 1000, 50
	r := rand.New(rand.NewPCG(1, 2))
	var lags []float64
	looks, sum := 0, 0.0
	for range histories {
		past := make([]time.Duration, remembered)
		for i := range past {
			past[i] = w.past(r)
		}
		pause := s.with(r, past)
		for range jobs {
			end := w.now(r)
			age, n := time.Duration(0), 0
			for ; age < end; n++ {
				age += pause(age, n)
			}
			looks += n
			lags = append(lags, (age - end).Seconds())
		}
	}
	slices.Sort(lags)
	for _, lag := range lags {
		sum += lag
	}
	n := float64(len(lags))
	return figures{lag: sum / n, lag95: lags[len(lags)*95/100], requests: float64(looks) / n}
}

// BenchmarkSchedules prints what docs/performance.md shows: seconds of lag and
// requests a job.
func BenchmarkSchedules(b *testing.B) {
	for _, w := range worlds() {
		for _, s := range schedules() {
			b.Run(fmt.Sprintf("%s/%s", w.name, s.name), func(b *testing.B) {
				var got figures
				for b.Loop() {
					got = simulate(s, w)
				}
				b.ReportMetric(got.lag, "s-lag")
				b.ReportMetric(got.lag95, "s-p95")
				b.ReportMetric(got.requests, "requests/job")
			})
		}
	}
}

func BenchmarkNewSchedule(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, median := range []time.Duration{75 * time.Second, 208 * time.Second, time.Hour} {
		past := make([]time.Duration, 50)
		for i := range past {
			past[i] = lognormal(median, 1.4)(r)
		}
		b.Run(median.String(), func(b *testing.B) {
			for b.Loop() {
				job.NewSchedule(past, catalog.Span{}, provider.Poll{})
			}
		})
	}
	b.Run("span", func(b *testing.B) {
		for b.Loop() {
			job.NewSchedule(nil, catalog.Span{Low: 90 * time.Second, High: 7 * time.Minute}, provider.Poll{})
		}
	})
}
