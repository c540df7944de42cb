package ui

import (
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

// state is what is going on with one job.
type state struct {
	words string
	// since is when it began, zero when that does not matter; low and high are
	// how long it usually takes, high is zero when nobody knows.
	since     time.Time
	low, high time.Duration
}

// text is the state, the time since, and what is left. Where there is no room
// for all, what is left goes first, and the time since stays.
func (s state) text(at time.Time, columns int) string {
	words, since, rest := fault.SafeText(s.words), "", usually(s.low, s.high)
	if !s.since.IsZero() {
		after := at.Sub(s.since)
		since, rest = separator+Ago(after), left(s.low, s.high, after)
	}
	if rest != "" {
		rest = separator + rest
	}
	if Columns(words+since+rest) > columns {
		rest = ""
	}
	return Cut(words, columns-Columns(since)) + since + rest
}
