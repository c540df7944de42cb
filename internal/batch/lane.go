package batch

import (
	"context"
	"sync"
)

// lane is a queue of rows. Those that go to one provider have a lane of their
// own, with a limit of its own, so that a busy provider holds up nobody but
// itself.
type lane struct {
	// limit is nil where nothing is bought.
	limit *limit

	mu    sync.Mutex
	queue []int
	// left counts rows that still need the lane, queued or not.
	left    int
	changed chan struct{}
}

func newLane(limit *limit) *lane { return &lane{limit: limit, changed: make(chan struct{})} }

// hold keeps those who wait for rows waiting until done is called for it.
func (l *lane) hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left++
}

// add is for a row that is new to the lane.
func (l *lane) add(row int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, row)
	l.left++
	l.wake()
}

// back is for a row that comes back, before all others.
func (l *lane) back(row int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append([]int{row}, l.queue...)
	l.wake()
}

// next waits for a row; false means that none will come any more.
func (l *lane) next(ctx context.Context) (int, bool) {
	for {
		l.mu.Lock()
		if len(l.queue) > 0 {
			row := l.queue[0]
			l.queue = l.queue[1:]
			l.mu.Unlock()
			return row, true
		}
		if l.left == 0 {
			l.mu.Unlock()
			return 0, false
		}
		changed := l.changed
		l.mu.Unlock()
		select {
		case <-ctx.Done():
			return 0, false
		case <-changed:
		}
	}
}

// done tells that a row needs the lane no more.
func (l *lane) done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left--
	l.wake()
}

func (l *lane) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}
