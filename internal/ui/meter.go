package ui

import "time"

// Meter shows how far something is. Its methods are cheap and may be called
// from many goroutines; drawing happens elsewhere. What was told last is what
// is shown.
type Meter interface {
	// State shows what is going on, since when, and how long it usually
	// takes; a zero high says that nobody knows.
	State(text string, since time.Time, low, high time.Duration)
	// Bytes shows a transfer; total is 0 or less when unknown.
	Bytes(name string, done, total int64)
	// Tally shows how several jobs stand. Tallies are to come in the order in
	// which things happened: where nothing can be drawn, an event is told or
	// left out by what changed in the counts with it.
	Tally(t Tally)
	// Line leaves a line for good, also when the meter was taken away.
	Line(text string)
	// Close takes the meter away and gives the cursor back.
	Close()
}

// NewMeter makes a bar on a terminal and plain lines elsewhere.
func NewMeter(t Terminal, now func() time.Time) Meter {
	if t.Draw {
		return newBar(t, now)
	}
	return &lines{terminal: t, now: now}
}
