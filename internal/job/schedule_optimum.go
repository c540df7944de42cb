package job

import (
	"math"
	"time"
)

// planner finds where the looks of a schedule cost least under a law.
type planner struct {
	schedule *Schedule
	table    table
	// following is the cell of the look after one at the end of each cell.
	following []int
	// ahead holds what of the cost of a look depends on its cell alone, but for
	// its time.
	ahead []float64
}

func newPlanner(s *Schedule, t table) *planner {
	n := len(t.ended)
	return &planner{schedule: s, table: t, following: make([]int, n), ahead: make([]float64, n)}
}

// optimum finds the best ages for a look by dynamic programming from the
// horizon back, where a request costs as much as worth seconds of delay. For a
// look at the end of cell i that finds the job unfinished, the rest costs, each
// weighed with how likely it comes to that,
//
//	V(i) = min over j of (lag of jobs that end between i and j, seen at j) + worth*(unfinished at i) + V(j).
//
// The best j never falls as i grows, which bounds the search.
func (p *planner) optimum(worth float64) []time.Duration {
	t, n := p.table, len(p.table.ended)-1
	step := t.step.Seconds()
	nearest := n
	for i := n; i >= 0; i-- {
		least, most := p.schedule.reach(time.Duration(i) * t.step)
		from := i + max(1, int(least/t.step))
		if i == 0 {
			// The first look is not to be a part of a cell too soon.
			from = int((least + t.step - 1) / t.step)
		}
		to := min(max(from, min(i+int(most/t.step), nearest)), n)
		best, cost := from, math.Inf(1)
		for j := from; j <= to; j++ {
			if c := p.ahead[j] - float64(j)*step*t.ended[i]; c < cost {
				best, cost = j, c
			}
		}
		p.following[i] = best
		rest := 0.0
		if from <= n {
			nearest = best
			rest = cost + t.moment[i] + worth*(1-t.ended[i])
		}
		p.ahead[i] = float64(i)*step*t.ended[i] - t.moment[i] + rest
	}
	return p.path()
}

// path follows the looks from the start until one is beyond the horizon. At a
// late job no pause is shorter than the one before.
func (p *planner) path() []time.Duration {
	var path []time.Duration
	gap := 0
	for i := 0; i < len(p.following); {
		next := p.following[i]
		if time.Duration(i)*p.table.step > p.schedule.late {
			next = max(next, i+gap)
		}
		if i > 0 {
			gap = next - i
		}
		i = next
		path = append(path, time.Duration(i)*p.table.step)
	}
	return path
}
