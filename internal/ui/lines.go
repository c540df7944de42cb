package ui

import (
	"fmt"
	"sync"
	"time"
)

// lines tells progress where nothing can be drawn: one line a change.
type lines struct {
	terminal Terminal
	now      func() time.Time

	mu    sync.Mutex
	last  string
	usual string
	file  string
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

// Line tells a line.
func (l *lines) Line(text string) { l.terminal.Notice(text) }

// Close does nothing: there is nothing to take away.
func (l *lines) Close() {}
