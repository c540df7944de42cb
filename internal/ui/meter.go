package ui

import (
	"fmt"
	"time"
)

// Meter shows how far something is. Its methods are cheap and may be called
// from many goroutines; drawing happens elsewhere.
type Meter interface {
	// State shows what is going on, since when, and how long it usually
	// takes; a zero high says that nobody knows.
	State(text string, since time.Time, low, high time.Duration)
	// Bytes shows a transfer; total is -1 when unknown.
	Bytes(name string, done, total int64)
	// Line leaves a line for good.
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

// Ago is a duration for people: 42s, 3m10s, 2h5m.
func Ago(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		if seconds := int(d.Seconds()) % 60; seconds != 0 {
			return fmt.Sprintf("%dm%ds", int(d.Minutes()), seconds)
		}
		return fmt.Sprintf("%dm", int(d.Minutes()))
	}
	return fmt.Sprintf("%dh%dm", int(d.Hours()), int(d.Minutes())%60)
}

// Size is a number of bytes for people.
func Size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.0f KiB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%d B", bytes)
}

// usually tells the usual time, and nothing when nobody knows it.
func usually(low, high time.Duration) string {
	if high <= 0 {
		return ""
	}
	return "usually " + Ago(low) + " to " + Ago(high)
}
