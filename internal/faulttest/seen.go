package faulttest

import (
	"net/http"
	"slices"
	"time"
)

// Request is one request as it came.
type Request struct {
	At     time.Time
	Host   string
	Target string
	Header http.Header
	// Sent is how many bytes of a film went out.
	Sent int64
}

// Seen is what a provider saw of its client.
type Seen struct {
	// Film is how many bytes the video of a job has.
	Film int64
	// Creates are the orders that made a job, each of which was paid.
	Creates []Request
	// Looks asked for a state, Files for a video at the provider's own store.
	Looks, Files []Request
	// Others came to another origin or, through the proxy, to another host.
	Others []Request
	// Strange are requests that no provider has a path for.
	Strange []Request
}

// Sent is how many bytes of films went out.
func (s Seen) Sent() int64 {
	var sum int64
	for _, r := range slices.Concat(s.Files, s.Others) {
		sum += r.Sent
	}
	return sum
}

// Least is the shortest pause between two requests; false for fewer than two.
func Least(requests []Request) (time.Duration, bool) {
	least, ok := time.Duration(0), false
	for i := 1; i < len(requests); i++ {
		gap := requests[i].At.Sub(requests[i-1].At)
		if !ok || gap < least {
			least, ok = gap, true
		}
	}
	return least, ok
}

func (s Seen) clone() Seen {
	s.Creates, s.Looks, s.Files = slices.Clone(s.Creates), slices.Clone(s.Looks), slices.Clone(s.Files)
	s.Others, s.Strange = slices.Clone(s.Others), slices.Clone(s.Strange)
	return s
}
