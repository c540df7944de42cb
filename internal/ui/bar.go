package ui

import (
	"io"
	"strings"
	"sync"
	"time"
)

const (
	// frame is how long news wait to be drawn, together with what comes
	// meanwhile: ten drawings a second look smooth.
	frame = 100 * time.Millisecond
	// still is the pause between drawings while there is no news: the spinner
	// turns and the seconds pass, and a long wait costs next to nothing.
	still = 500 * time.Millisecond
)

// What a drawing is made of. The cursor always rests in the first column:
// there a terminal that wraps long lines anew when its window gets smaller
// leaves it above all that is to be wiped. The line itself is clipped at the
// edge: while a window is being resized, the width that we are told may be
// that of a moment ago.
const (
	toStart   = "\r"
	wipeBelow = "\x1b[J" // to the end of the screen
	clip      = "\x1b[?7l"
	wrap      = "\x1b[?7h"
)

// bar draws one line on a terminal. Whoever has news leaves it under the lock;
// one goroutine draws, each drawing in one write.
type bar struct {
	terminal Terminal
	now      func() time.Time
	fresh    chan struct{} // holds at most one: there is something to draw
	stop     chan struct{}
	stopped  chan struct{}
	once     sync.Once

	mu     sync.Mutex
	news   news
	lines  []string
	woken  bool
	closed bool

	// The rest belongs to the drawing goroutine.
	picture picture
	// drawn is the line that stands on the terminal, "" when none does.
	drawn string
}

func newBar(t Terminal, now func() time.Time) *bar {
	b := &bar{
		terminal: t, now: now,
		fresh: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	go b.draw()
	return b
}

// State implements Meter.
func (b *bar) State(text string, since time.Time, low, high time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.news.shows, b.news.state = aState, state{text, since, low, high}
	b.wake()
}

// Bytes implements Meter.
func (b *bar) Bytes(name string, done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.news.shows, b.news.transfer = aTransfer, transfer{name, max(0, done), max(0, total)}
	b.wake()
}

// Tally implements Meter.
func (b *bar) Tally(t Tally) {
	given := b.now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.news.shows, b.news.tally, b.news.given = aTally, t.checked(), given
	b.wake()
}

// Line implements Meter.
func (b *bar) Line(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		b.terminal.Notice(text)
		return
	}
	b.lines = append(b.lines, text)
	b.wake()
}

// wake makes the drawing goroutine draw soon. The caller holds the lock.
func (b *bar) wake() {
	if b.woken {
		return
	}
	b.woken = true
	select {
	case b.fresh <- struct{}{}:
	default: // it has not yet seen the last one
	}
}

// Close implements Meter.
func (b *bar) Close() {
	b.once.Do(func() { close(b.stop) })
	<-b.stopped
}

func (b *bar) draw() {
	defer close(b.stopped)
	timer := time.NewTimer(still)
	defer timer.Stop()
	for {
		select {
		case <-b.stop:
			b.end()
			return
		case <-b.fresh:
			timer.Reset(frame)
		case <-timer.C:
			b.refresh()
			timer.Reset(still)
		}
	}
}

// end wipes the line and tells what is left to tell.
func (b *bar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.write(b.wiped() + told(b.lines))
	b.lines, b.drawn = nil, ""
}

func (b *bar) refresh() {
	b.mu.Lock()
	now, lines := b.news, b.lines
	b.lines, b.woken = nil, false
	b.mu.Unlock()

	before := ""
	if len(lines) > 0 {
		before = b.wiped() + told(lines)
		b.drawn = ""
	}
	// The last column stays free: some terminals wrap once it is filled.
	columns := b.terminal.Columns() - 1
	line := Cut(b.picture.line(now, b.now(), columns), columns)
	if line == b.drawn {
		b.write(before)
		return
	}
	b.drawn = line
	b.write(before + toStart + clip + line + wipeBelow + wrap + toStart)
}

// wiped is what takes the line away, wherever a resized window put its parts.
func (b *bar) wiped() string {
	if b.drawn == "" {
		return ""
	}
	return toStart + wipeBelow
}

// told are lines that stay.
func told(lines []string) string {
	var text strings.Builder
	for _, line := range lines {
		text.WriteString(safe(line) + "\n")
	}
	return text.String()
}

func (b *bar) write(text string) {
	if text != "" {
		_, _ = io.WriteString(b.terminal.Err, text)
	}
}
