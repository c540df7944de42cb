package ui

import "time"

// shows says which kind of news is the latest.
type shows int

const (
	nothing shows = iota
	aState
	aTransfer
	aTally
)

// news is what is to be shown. It is copied under the lock at each call, so it
// holds values only, and is made fit to print when it is drawn.
type news struct {
	shows    shows
	state    state
	transfer transfer
	tally    Tally
	// given is when the tally came.
	given time.Time
}
