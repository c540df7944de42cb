package batch

import (
	"context"
	"sync"
	"time"
)

const (
	// leastPause is the first pause after a provider was busy, mostPause the
	// longest; it doubles in between.
	leastPause = time.Second
	mostPause  = 30 * time.Second
	// spread is the least time between two creates while a provider recovers
	// from being busy: at most 3 a second.
	spread = 350 * time.Millisecond
)

// limit is how many jobs of one provider may be in flight. It falls when the
// provider says that it is busy, and recovers as jobs are taken again: by one
// for each round of as many as there may be.
type limit struct {
	now func() time.Time

	mu sync.Mutex
	// most is the configured bound, room the present one, held how many jobs
	// are in flight; taken counts creates since room last changed.
	most, room, held, taken int
	// pause grows with each busy answer, and notBefore is when it is over.
	pause     time.Duration
	notBefore time.Time
	// slow has creates go one by one, the next of them at spaced.
	slow   bool
	spaced time.Time
	// streak is how many pauses followed each other without a job taken.
	streak int
	// changed is closed, and made anew, whenever waiting may be over.
	changed chan struct{}
}

func newLimit(most int, now func() time.Time) *limit {
	most = max(1, most)
	return &limit{now: now, most: most, room: most, changed: make(chan struct{})}
}

// acquire waits for room for one more job, or until the context is done.
func (l *limit) acquire(ctx context.Context) error {
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		l.mu.Lock()
		now := l.now()
		wait := max(l.notBefore.Sub(now), l.spaced.Sub(now))
		if l.held < l.room && wait <= 0 {
			l.held++
			if l.slow {
				l.spaced = now.Add(spread)
			}
			l.mu.Unlock()
			return nil
		}
		changed := l.changed
		full := l.held >= l.room
		l.mu.Unlock()
		if full {
			wait = time.Hour // only a change can help
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// adopt counts a job that was in flight before this run; nobody asks whether
// there is room.
func (l *limit) adopt() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held++
}

// release gives the room of one job back.
func (l *limit) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held--
	l.wake()
}

// took tells that the provider took a job.
func (l *limit) took() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken++
	l.streak, l.pause = 0, 0
	if l.taken < l.room {
		return
	}
	l.taken = 0
	if l.room < l.most {
		l.room++
		l.wake()
	}
	if l.slow {
		l.slow = false
		l.wake()
	}
}

// busy tells that the provider refused a job for now, and perhaps until when. It
// gives the pause until the next create and how many such pauses followed each
// other. Room falls to half of what is in flight, once for all creates that were
// under way together.
func (l *limit) busy(retryAfter time.Duration) (pause time.Duration, streak int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Before(l.notBefore) && l.streak > 0 && retryAfter <= l.notBefore.Sub(now) {
		return l.notBefore.Sub(now), l.streak // told by another create of the same moment
	}
	l.slow, l.taken = true, 0
	l.streak++
	l.room = max(1, min(l.room, l.held)/2)
	l.pause = min(max(leastPause, 2*l.pause), mostPause)
	wait := max(l.pause, retryAfter)
	l.notBefore = now.Add(wait)
	l.wake()
	return wait, l.streak
}

// wake lets everybody who waits look again; the caller holds the lock.
func (l *limit) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}
