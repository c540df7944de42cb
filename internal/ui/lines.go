package ui

import (
	"fmt"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

const (
	// manyJobs is the number above which a log is about all jobs together:
	// the steps of a single one are no longer told, only its end.
	manyJobs = 20
	// summaryPause and summaryStep are when a log of many jobs is told how
	// they stand: so long after the last time, or so many hundredths of them
	// later.
	summaryPause = 10 * time.Second
	summaryStep  = 5
)

// lines tells progress where nothing can be drawn: one line a change.
type lines struct {
	terminal Terminal
	now      func() time.Time

	mu    sync.Mutex
	last  string
	usual string
	file  string

	// ended is the most jobs that were seen to have ended.
	ended int
	// summed is the counts that the last summary told, summedAt its time, and
	// summedEnded how many jobs had ended then.
	summed      string
	summedAt    time.Time
	summedEnded int
}

// State tells a text once, and the usual time when it is news as well.
func (l *lines) State(text string, _ time.Time, low, high time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if text == l.last {
		return
	}
	l.last = text
	if usual := usually(low, high); usual != "" && usual != l.usual {
		l.usual = usual
		text += " (" + usual + ")"
	}
	l.terminal.Notice(text)
}

// Bytes tells the beginning of each transfer.
func (l *lines) Bytes(name string, _, total int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if name == l.file {
		return
	}
	l.file = name
	text := "downloading " + name
	if total > 0 {
		text += fmt.Sprintf(" (%s)", Size(total))
	}
	l.terminal.Notice(text)
}

// Tally tells each event once; of many jobs only how they end, and now and
// then how all of them stand.
func (l *lines) Tally(t Tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t = t.checked()
	if ends := t.ended() > l.ended; ends || t.Total <= manyJobs {
		l.event(fault.SafeText(t.Latest))
	}
	l.ended = max(l.ended, t.ended())
	if t.Total > manyJobs {
		l.summarize(t)
	}
}

// event tells what has just happened, once.
func (l *lines) event(text string) {
	if text != "" && text != l.last {
		l.last = text
		l.terminal.Notice(text)
	}
}

// summarize tells how many jobs stand when it is time to, and once more when
// all have ended.
func (l *lines) summarize(t Tally) {
	at := l.now()
	if l.summedAt.IsZero() {
		// What has just begun is no news yet.
		l.summedAt, l.summedEnded = at, t.ended()
	}
	further := (t.ended()-l.summedEnded)*100 >= summaryStep*t.Total
	if !further && at.Sub(l.summedAt) < summaryPause && t.ended() < t.Total {
		return
	}
	if counts := joined(t.counts()); counts != l.summed {
		l.summed, l.summedAt, l.summedEnded = counts, at, t.ended()
		l.terminal.Notice(joined(append([]string{counts}, t.times(at, at)...)))
	}
}

// Line tells a line.
func (l *lines) Line(text string) { l.terminal.Notice(text) }

// Close does nothing: there is nothing to take away.
func (l *lines) Close() {}
