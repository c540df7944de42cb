package job_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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

// exponential has no memory: when a job ends says nothing about the next
// second.
func exponential(mean time.Duration) service {
	return func(r *rand.Rand) time.Duration { return time.Duration(r.ExpFloat64() * float64(mean)) }
}

// either takes the first of two laws for a share of the jobs.
func either(share float64, one, other service) service {
	return func(r *rand.Rand) time.Duration {
		if r.Float64() < share {
			return one(r)
		}
		return other(r)
	}
}

func (s service) scaled(by float64) service {
	return func(r *rand.Rand) time.Duration { return time.Duration(by * float64(s(r))) }
}

// The laws of the documented generation times.
func flat() service   { return uniform(60*time.Second, 90*time.Second) }
func narrow() service { return lognormal(208*time.Second, 240.0/208) }
func wide() service   { return lognormal(208*time.Second, 295.0/208) }

// world is how long jobs took when the history was made, and take now. Its
// history is of fifty jobs unless it says otherwise.
type world struct {
	name      string
	past, now service
	history   int
}

func (w world) remembered(r *rand.Rand) []time.Duration {
	jobs := w.history
	if jobs == 0 {
		jobs = 50
	}
	past := make([]time.Duration, jobs)
	for i := range past {
		past[i] = w.past(r)
	}
	return past
}

// pacer is a pause at an age, after some looks at one job.
type pacer func(age time.Duration, looks int) time.Duration

// schedule is a way to place looks; it may learn from a history. A pacer is
// made for each job.
type schedule struct {
	name string
	with func(r *rand.Rand, past []time.Duration) func() pacer
}

// ours looks as a Watch does.
func ours(name string, poll provider.Poll) schedule {
	return schedule{name: name, with: func(r *rand.Rand, past []time.Duration) func() pacer {
		learnt := job.NewSchedule(past, catalog.Span{}, poll)
		return func() pacer {
			plan := job.Plan{Schedule: learnt, Phase: r.Float64()}
			return func(age time.Duration, _ int) time.Duration { return job.Next(plan, age) }
		}
	}}
}

func ignorant(s schedule) schedule {
	return schedule{name: s.name, with: func(r *rand.Rand, _ []time.Duration) func() pacer { return s.with(r, nil) }}
}

func plain(name string, pause pacer) schedule {
	return schedule{name: name, with: func(*rand.Rand, []time.Duration) func() pacer {
		return func() pacer { return pause }
	}}
}

func fixed(pause time.Duration) schedule {
	return plain(fmt.Sprintf("fixed %g s", pause.Seconds()), func(time.Duration, int) time.Duration { return pause })
}

// figures are of many jobs: the time from the end of a job to the look that
// sees it, in seconds, and the looks a job.
type figures struct{ lag, lag95, requests float64 }

// figuresOf takes the lags of all jobs in seconds.
func figuresOf(lags []float64, requests int) figures {
	slices.Sort(lags)
	sum := 0.0
	for _, lag := range lags {
		sum += lag
	}
	n := float64(len(lags))
	return figures{lag: sum / n, lag95: lags[len(lags)*95/100], requests: float64(requests) / n}
}

// simulate looks at two hundred jobs after each of a hundred histories. The
// network takes no time.
func simulate(s schedule, w world) figures {
	const histories, jobs = 100, 200
	r := rand.New(rand.NewPCG(1, 2))
	lags := make([]float64, 0, histories*jobs)
	requests := 0
	for range histories {
		begin := s.with(r, w.remembered(r))
		for range jobs {
			pause, end := begin(), w.now(r)
			age, n := time.Duration(0), 0
			for ; age < end; n++ {
				age += pause(age, n)
			}
			requests += n
			lags = append(lags, (age - end).Seconds())
		}
	}
	return figuresOf(lags, requests)
}
