package job

import (
	"math"
	"time"
)

const (
	// mostCells bounds the table, and with it the time to build it.
	mostCells = 4000
	// narrowCell and wideCell bound the width of a cell of a short table.
	narrowCell = 250 * time.Millisecond
	wideCell   = time.Second
)

// cellWidth is fine enough for the shortest pause and wide enough for the table
// to reach the horizon.
func cellWidth(horizon, least time.Duration) time.Duration {
	return max(min(max(least, narrowCell), wideCell), horizon/mostCells)
}

// optimum finds the best pause in each cell by dynamic programming from the
// horizon back. For a look at the end of cell i that finds the job unfinished,
// the rest costs, each weighed with how likely it comes to that,
//
//	V(i) = min over j of (lag of jobs that end between i and j, seen at j) + lambda*(unfinished at i) + V(j).
//
// From the age late on no pause is shorter than one before.
func (s *Schedule) optimum(t table, late time.Duration) []time.Duration {
	n := len(t.ended) - 1
	gaps := make([]time.Duration, n+1)
	// ahead holds what of the sum depends on j alone, but for its time.
	ahead := make([]float64, n+1)
	step := s.step.Seconds()
	for i := n; i >= 0; i-- {
		least, most := s.reach(time.Duration(i) * s.step)
		from := i + int((least+s.step-1)/s.step)
		to := min(max(from, i+int(most/s.step)), n)
		best, cost := from, math.Inf(1)
		for j := from; j <= to; j++ {
			if c := ahead[j] - float64(j)*step*t.ended[i]; c < cost {
				best, cost = j, c
			}
		}
		gaps[i] = time.Duration(best-i) * s.step
		rest := 0.0
		if from <= n {
			rest = cost + t.moment[i] + lambda*(1-t.ended[i])
		}
		ahead[i] = float64(i)*step*t.ended[i] - t.moment[i] + rest
	}
	for i := min(int(max(late, s.poll.First)/s.step), n) + 1; i <= n; i++ {
		gaps[i] = max(gaps[i], gaps[i-1])
	}
	return gaps
}
