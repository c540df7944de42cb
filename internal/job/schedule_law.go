package job

import (
	"math"
	"slices"
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
)

const (
	// doubt is the share of jobs of which even a long history says nothing;
	// doubtOfOne is what a history of a single job would add to it, and
	// doubtOfDocuments the share where there is none.
	doubt            = 0.04
	doubtOfOne       = 0.25
	doubtOfDocuments = 0.2
	// horizons is how many times as long as a late job the table is.
	horizons = 3
	// tenth is how many standard deviations the middle eighty per cent of a
	// normal law reach to each side.
	tenth = 1.2816
	// someMedian and someSigma are the lognormal law of a job of which nothing
	// is known.
	someMedian = 150 * time.Second
	someSigma  = 0.5
	// leastSigma keeps a narrow span from being taken for certainty.
	leastSigma = 0.05
)

// law is what is believed about the time that jobs take.
type law struct {
	// ended is the share of jobs that have ended at an age in seconds.
	ended func(age float64) float64
	// known is the middle eighty per cent, zero when it is a guess.
	known catalog.Span
	// doubt is the share of jobs that ended tells nothing about.
	doubt float64
	// late is an age that nine in ten do not reach; the table ends at the
	// horizon.
	late, horizon time.Duration
}

// believe takes the history where there is enough, else the documented span,
// else a guess.
func believe(past []time.Duration, usual catalog.Span) law {
	// A provider's clock may be anywhere.
	past = slices.DeleteFunc(slices.Clone(past), func(d time.Duration) bool { return d <= 0 })
	if len(past) >= enoughHistory {
		slices.Sort(past)
		known := middle(past)
		return law{
			ended: smoothed(past), known: known, doubt: doubt + doubtOfOne/float64(len(past)),
			late: known.High, horizon: beyond(known.High),
		}
	}
	if usual.High <= 0 {
		late := time.Duration(float64(someMedian) * math.Exp(tenth*someSigma))
		return law{
			ended: lognormal(someMedian.Seconds(), someSigma), doubt: doubtOfDocuments,
			late: late, horizon: beyond(late),
		}
	}
	low, high := max(usual.Low, usual.High/20).Seconds(), usual.High.Seconds()
	sigma := max(leastSigma, math.Log(high/low)/(2*tenth))
	return law{
		ended: lognormal(math.Sqrt(low*high), sigma), known: usual, doubt: doubtOfDocuments,
		late: usual.High, horizon: beyond(usual.High),
	}
}

// middle is the span of eighty per cent of sorted durations.
func middle(sorted []time.Duration) catalog.Span {
	return catalog.Span{Low: sorted[len(sorted)/10], High: sorted[len(sorted)*9/10]}
}

// beyond is a horizon; an absurd history ends at a day.
func beyond(late time.Duration) time.Duration {
	return horizons*min(late, 8*time.Hour) + time.Minute
}

func lognormal(median, sigma float64) func(float64) float64 {
	return func(age float64) float64 {
		if age <= 0 {
			return 0
		}
		return math.Erfc(-math.Log(age/median)/(sigma*math.Sqrt2)) / 2
	}
}

// smoothed is the law of sorted durations, each blurred with Epanechnikov's
// kernel in Silverman's width.
func smoothed(sorted []time.Duration) func(float64) float64 {
	seconds := make([]float64, len(sorted))
	sum, squares := 0.0, 0.0
	for i, d := range sorted {
		seconds[i] = d.Seconds()
		sum += seconds[i]
	}
	n := float64(len(seconds))
	for _, x := range seconds {
		squares += (x - sum/n) * (x - sum/n)
	}
	quartiles := seconds[len(seconds)*3/4] - seconds[len(seconds)/4]
	spread := min(math.Sqrt(squares/n), quartiles/1.34)
	// Times are not known better than to a second, nor a law from few of them.
	width := math.Sqrt(5) * max(0.9*spread*math.Pow(n, -0.2), min(1, seconds[0]/10))
	return func(age float64) float64 {
		// Those before from are over for certain, those from to on are not.
		from, _ := slices.BinarySearch(seconds, age-width)
		total := float64(from)
		for _, x := range seconds[from:] {
			u := (age - x) / width
			if u <= -1 {
				break
			}
			total += (2 + 3*u - u*u*u) / 4
		}
		return total / n
	}
}
