package ui

import (
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// frame is the pause between drawings: ten a second look smooth and cost next
// to nothing.
const frame = 100 * time.Millisecond

// bar draws one line on a terminal. Whoever has news leaves it under the lock;
// one goroutine draws.
type bar struct {
	terminal Terminal
	now      func() time.Time
	stop     chan struct{}
	stopped  chan struct{}
	once     sync.Once

	mu    sync.Mutex
	news  news
	lines []string

	// drawn belongs to the drawing goroutine.
	drawn struct {
		bar   *progressbar.ProgressBar
		bytes bool
		name  string
		total int64
	}
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
	b.news = news{text: text, since: since, low: low, high: high}
}

// Bytes implements Meter.
func (b *bar) Bytes(name string, done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.news = news{bytes: true, name: name, done: done, total: total}
}

// Line implements Meter.
func (b *bar) Line(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
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
			b.clear()
			b.flush()
			return
		case <-ticker.C:
			b.refresh()
		}
	}
}

func (b *bar) refresh() {
	b.mu.Lock()
	now, pending := b.news, len(b.lines) > 0
	b.mu.Unlock()
	if pending {
		b.clear()
		b.flush()
	}
	switch {
	case now.bytes:
		b.drawBytes(now)
	case now.text != "":
		b.drawState(now)
	}
}

func (b *bar) flush() {
	b.mu.Lock()
	lines := b.lines
	b.lines = nil
	b.mu.Unlock()
	for _, line := range lines {
		_, _ = fmt.Fprintln(b.terminal.Err, line)
	}
}

// clear wipes the line and forgets the bar, so that the next drawing begins
// anew.
func (b *bar) clear() {
	if b.drawn.bar == nil {
		return
	}
	_, _ = io.WriteString(b.terminal.Err, "\r\x1b[2K")
	b.drawn.bar = nil
}

// drawState draws a spinner with the state, the time since, and the usual
// time; never a percentage, which nobody knows.
func (b *bar) drawState(now news) {
	if b.drawn.bar == nil || b.drawn.bytes {
		b.clear()
		b.drawn.bytes = false
		b.drawn.bar = progressbar.NewOptions64(-1, b.options(
			progressbar.OptionSpinnerType(14), progressbar.OptionSetElapsedTime(false),
			progressbar.OptionSetSpinnerChangeInterval(0),
		)...)
	}
	text := now.text
	if !now.since.IsZero() {
		text += " · " + Ago(b.now().Sub(now.since))
	}
	if usual := usually(now.low, now.high); usual != "" {
		text += " · " + usual
	}
	b.drawn.bar.Describe(Cut(text, b.terminal.Columns()-4))
}

// barParts is what a bar of bytes needs beside its name, in columns.
const barParts = 60

func (b *bar) drawBytes(now news) {
	if b.drawn.bar == nil || !b.drawn.bytes || b.drawn.name != now.name || b.drawn.total != now.total {
		b.clear()
		b.drawn.bytes, b.drawn.name, b.drawn.total = true, now.name, now.total
		columns := b.terminal.Columns()
		options := b.options(
			progressbar.OptionShowBytes(true), progressbar.OptionUseIECUnits(true), progressbar.OptionShowCount(),
			progressbar.OptionSetWidth(max(1, min(24, columns-barParts))), progressbar.OptionSetSpinnerChangeInterval(0),
		)
		b.drawn.bar = progressbar.NewOptions64(max(now.total, -1), options...)
		b.drawn.bar.Describe(Cut(filepath.Base(now.name), max(6, columns-barParts-24)))
	}
	// A bar that reached its end would finish itself and never draw again.
	shown := now.done
	if now.total > 0 {
		shown = min(shown, now.total-1)
	}
	_ = b.drawn.bar.Set64(shown)
}

func (b *bar) options(more ...progressbar.Option) []progressbar.Option {
	return append([]progressbar.Option{
		progressbar.OptionSetWriter(b.terminal.Err), progressbar.OptionUseANSICodes(true),
		progressbar.OptionEnableColorCodes(false),
	}, more...)
}
