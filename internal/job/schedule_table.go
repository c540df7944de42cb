package job

import (
	"math"
	"time"
)

const (
	// mostCells bounds the table, and with it the time to build it.
	mostCells = 3000
	// narrowCell and wideCell bound the width of a cell of a short table.
	narrowCell = 250 * time.Millisecond
	wideCell   = 500 * time.Millisecond

	// drift is how many times as fast or as slow a service may have become
	// since its history; every factor between is as likely on a scale of
	// logarithms.
	drift = 2.5
	// anywhere is the share of the doubt that goes to no law at all: ends
	// spread as 1/t from seldomBefore to the horizon.
	anywhere     = 0.2
	seldomBefore = 5 * time.Second
)

// table holds a law at the edges of cells: the share of jobs that have ended by
// then, as known and with the doubt, and the sum of their times in seconds,
// weighed with that last share.
type table struct {
	step                 time.Duration
	known, ended, moment []float64
}

// cellWidth is fine enough for the shortest pause, which is a whole number of
// cells, and wide enough for the table to reach the horizon.
func cellWidth(horizon, least time.Duration) time.Duration {
	width := max(min(max(least/4, narrowCell), wideCell), horizon/mostCells)
	if least <= width {
		return width
	}
	return least / ((least + width - 1) / width)
}

func tabulate(l law, least time.Duration) table {
	step := cellWidth(l.horizon, least)
	n := int(l.horizon/step) + 1
	t := table{step: step, known: make([]float64, n+1), ended: make([]float64, n+1), moment: make([]float64, n+1)}
	width := step.Seconds()
	for i := 1; i <= n; i++ {
		t.known[i] = l.ended(float64(i) * width)
	}
	drifted := t.drifted()
	seldom := min(seldomBefore, l.late/10+1).Seconds()
	scale := math.Log(float64(n) * width / seldom)
	for i := 1; i <= n; i++ {
		age := float64(i) * width
		strayed := max(0, math.Log(age/seldom)/scale)
		odd := anywhere*strayed + (1-anywhere)*drifted(i)
		t.ended[i] = (1-l.doubt)*t.known[i] + l.doubt*odd
		t.moment[i] = t.moment[i-1] + (t.ended[i]-t.ended[i-1])*(age-width/2)
	}
	return t
}

// drifted is the share of jobs that have ended by the edge of a cell when the
// service takes a factor times as long as known: the mean over the logarithms of
// the factors, which is a difference of two values of one integral.
func (t table) drifted() func(cell int) float64 {
	n := len(t.known) - 1
	// sums holds the integral of known(u)/u from 0 to each edge.
	sums := make([]float64, n+1)
	sums[1] = t.known[1]
	for i := 2; i <= n; i++ {
		sums[i] = sums[i-1] + (t.known[i]+t.known[i-1])/2*math.Log(float64(i)/float64(i-1))
	}
	sum := func(edge float64) float64 {
		below := int(edge)
		if below >= n {
			return sums[n] + math.Log(edge/float64(n))
		}
		return sums[below] + (edge-float64(below))*(sums[below+1]-sums[below])
	}
	return func(cell int) float64 {
		return (sum(float64(cell)*drift) - sum(float64(cell)/drift)) / (2 * math.Log(drift))
	}
}
