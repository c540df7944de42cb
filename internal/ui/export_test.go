package ui

import "time"

// StillBar is a bar that draws when it is told to, by the goroutine that tells
// it.
func StillBar(t Terminal, now func() time.Time) (m Meter, draw func()) {
	b := &bar{terminal: t, now: now}
	return b, b.refresh
}

// Frame is the pause between drawings.
const Frame = frame
