package ui

import (
	"fmt"
	"time"
)

// Tally is how several jobs stand.
type Tally struct {
	// Total is how many jobs there are in all.
	Total int
	// Queued, Running, Saving, Done and Failed are where they are; those that
	// are missing from Total have not begun.
	Queued, Running, Saving, Done, Failed int
	// Low and High are when the last of them is likely to be done, counted
	// from the call, and negative once that has passed; a zero High says that
	// nobody knows.
	Low, High time.Duration
	// Since is when the command began.
	Since time.Time
	// Latest is the latest event worth a person's eye. It may hold a server's
	// words.
	Latest string
}

// ended is how many jobs nothing more will happen to.
func (t Tally) ended() int { return t.Done + t.Failed }

// checked is a tally whose figures cannot contradict one another, whatever
// came in.
func (t Tally) checked() Tally {
	for _, count := range []*int{&t.Queued, &t.Running, &t.Saving, &t.Done, &t.Failed} {
		*count = max(0, *count)
	}
	t.Total = max(t.Total, t.ended()+t.Queued+t.Running+t.Saving)
	return t
}

// counts is how many jobs are done and how many are elsewhere, most telling
// first; what is zero is left out.
func (t Tally) counts() []string {
	counts := []string{fmt.Sprintf("%d/%d done", t.Done, t.Total)}
	for _, count := range []struct {
		jobs int
		are  string
	}{{t.Failed, "failed"}, {t.Running, "running"}, {t.Saving, "saving"}, {t.Queued, "queued"}} {
		if count.jobs > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", count.jobs, count.are))
		}
	}
	return counts
}

// times is how long it has been going on at a moment and what is left, as far
// as anybody knows. The tally was given at another moment before.
func (t Tally) times(given, at time.Time) []string {
	var times []string
	if !t.Since.IsZero() {
		times = append(times, Ago(at.Sub(t.Since)))
	}
	if rest := left(t.Low, t.High, at.Sub(given)); rest != "" && t.ended() < t.Total {
		times = append(times, rest)
	}
	return times
}
