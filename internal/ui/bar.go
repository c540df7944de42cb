package ui

import (
	"io"
	"strings"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

// frame is the pause between drawings: ten a second look smooth and cost next
// to nothing.
const frame = 100 * time.Millisecond

// What a drawing is made of. The cursor always rests in the first column:
// there a terminal that wraps long lines anew when its window gets smaller
// leaves it above all that is to be wiped.
const (
	toStart   = "\r"
	wipeRight = "\x1b[K" // to the end of the line
	wipeBelow = "\x1b[J" // to the end of the screen
)

// bar draws one line on a terminal. Whoever has news leaves it under the lock;
// one goroutine draws, each drawing in one write.
type bar struct {
	terminal Terminal
	now      func() time.Time
	stop     chan struct{}
	stopped  chan struct{}
	once     sync.Once

	mu     sync.Mutex
	news   news
	lines  []string
	closed bool

	// The rest belongs to the drawing goroutine.
	picture picture
	// drawn is the line that stands on the terminal, "" when none does.
	drawn string
	// columns is the width that it was drawn for.
	columns int
}

// news is what is to be shown.
type news struct {
	text        string
	since       time.Time
	low, high   time.Duration
	name        string
	done, total int64
	bytes       bool
}

func newBar(t Terminal, now func() time.Time) *bar {
	b := &bar{terminal: t, now: now, stop: make(chan struct{}), stopped: make(chan struct{})}
	go b.draw()
	return b
}

// State implements Meter.
func (b *bar) State(text string, since time.Time, low, high time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.news = news{text: fault.SafeText(text), since: since, low: low, high: high}
}

// Bytes implements Meter.
func (b *bar) Bytes(name string, done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.news = news{bytes: true, name: name, done: max(0, done), total: max(0, total)}
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
}

// Close implements Meter.
func (b *bar) Close() {
	b.once.Do(func() { close(b.stop) })
	<-b.stopped
}

func (b *bar) draw() {
	defer close(b.stopped)
	ticker := time.NewTicker(frame)
	defer ticker.Stop()
	for {
		select {
		case <-b.stop:
			b.end()
			return
		case <-ticker.C:
			b.refresh()
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
	b.lines = nil
	b.mu.Unlock()

	columns := b.terminal.Columns()
	before := ""
	if len(lines) > 0 || columns < b.columns {
		before = b.wiped() + told(lines)
		b.drawn = ""
	}
	// The last column stays free: some terminals wrap once it is filled.
	line := Cut(b.picture.line(now, b.now(), columns-1), columns-1)
	if line == b.drawn {
		b.write(before)
		return
	}
	b.drawn, b.columns = line, columns
	b.write(before + toStart + line + wipeRight + toStart)
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
