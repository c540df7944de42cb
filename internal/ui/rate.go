package ui

import "time"

// rateWindow is how far back a rate looks: long enough to stand still, short
// enough that a connection that stalls is seen.
const rateWindow = 5 * time.Second

// rateHaste is the time before which a rate would be a guess.
const rateHaste = 500 * time.Millisecond

// rate tells how fast a number of bytes grows. Its zero value is ready.
type rate struct {
	// marks are how much there was when, oldest first; all but the first are
	// within the window.
	marks []mark
}

type mark struct {
	at    time.Time
	bytes int64
}

// mark remembers how much there is now.
func (r *rate) mark(at time.Time, bytes int64) {
	r.marks = append(r.marks, mark{at, bytes})
	old := 0
	for old+1 < len(r.marks) && at.Sub(r.marks[old+1].at) >= rateWindow {
		old++
	}
	r.marks = append(r.marks[:0], r.marks[old:]...)
}

// perSecond is the bytes a second within the window; false when it is too
// early to tell.
func (r *rate) perSecond() (float64, bool) {
	if len(r.marks) == 0 {
		return 0, false
	}
	first, last := r.marks[0], r.marks[len(r.marks)-1]
	over := last.at.Sub(first.at)
	if over < rateHaste {
		return 0, false
	}
	return float64(last.bytes-first.bytes) / over.Seconds(), true
}
