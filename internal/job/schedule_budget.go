package job

import (
	"math"
	"time"
)

const (
	// fixedPace is the pace whose number of requests a schedule may spend.
	fixedPace = 10 * time.Second
	// leastWorth and mostWorth bound how many seconds of delay a request is
	// worth: long jobs are not looked at without end for the sake of the last
	// tenth of a second, and short ones not left alone.
	leastWorth = 0.07
	mostWorth  = 1.0
	// halvings is how often the range between them is halved.
	halvings = 7
)

// spend finds the looks that are as many as the fixed pace would make, by
// bisection over what a request is worth.
func (s *Schedule) spend(t table) []time.Duration {
	budget := 0.0
	for age := time.Duration(0); int(age/t.step) < len(t.known); age += fixedPace {
		budget += t.open(age)
	}
	planner := newPlanner(s, t)
	cheap, dear := leastWorth, mostWorth
	best := planner.optimum(dear)
	for range halvings {
		worth := math.Sqrt(cheap * dear)
		looks := planner.optimum(worth)
		if t.requests(looks) > budget {
			cheap = worth
			continue
		}
		dear, best = worth, looks
	}
	return best
}

// requests is how many looks are to be expected at a job that takes as long as
// known.
func (t table) requests(looks []time.Duration) float64 {
	sum := 1.0
	for _, age := range looks {
		sum += t.open(age)
	}
	return sum
}

// open is the share of jobs that take longer than an age as far as is known.
func (t table) open(age time.Duration) float64 {
	cell := int(age / t.step)
	if cell >= len(t.known) {
		return 0
	}
	return 1 - t.known[cell]
}
