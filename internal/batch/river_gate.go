package batch

import (
	"sync"
	"time"
)

// gates hold the rows of a worker back while their provider takes none, so that
// they are not taken out of the queue and put back all the time.
type gates struct {
	now func() time.Time

	mu    sync.Mutex
	lanes map[string]*gate
}

// gate is closed until a moment; streak counts refusals in a row.
type gate struct {
	until  time.Time
	streak int
}

func newGates(now func() time.Time) *gates { return &gates{now: now, lanes: map[string]*gate{}} }

// wait is how long a lane is closed.
func (g *gates) wait(lane string) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(0, g.of(lane).until.Sub(g.now()))
}

// busy closes a lane for as long as was asked for, or, where its provider
// refused a job, at least for a pause that grows. It gives how long that is.
func (g *gates) busy(lane string, after time.Duration, refused bool) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	at, now := g.of(lane), g.now()
	if refused {
		after = max(after, min(leastPause<<min(at.streak, 10), mostPause))
		at.streak++
	}
	if until := now.Add(after); until.After(at.until) {
		at.until = until
	}
	return at.until.Sub(now)
}

// open tells that a lane took a job.
func (g *gates) open(lane string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.of(lane).streak = 0
}

func (g *gates) of(lane string) *gate {
	if g.lanes[lane] == nil {
		g.lanes[lane] = &gate{}
	}
	return g.lanes[lane]
}
