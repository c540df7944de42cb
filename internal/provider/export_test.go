package provider

import (
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// Scrub and Forms are reached by fuzzing.
func Scrub(text string, secrets ...string) string { return newScrubber(secrets...).text(text) }

// Forms lists what is looked for.
func Forms(secrets ...string) []string { return newScrubber(secrets...).forms }

// ReadRetryAfter is what a busy answer with this header asks for.
func ReadRetryAfter(value string) (time.Duration, bool) {
	c := &Client{wiring: Wiring{Now: time.Now}}
	busy := &fault.Error{Kind: fault.Busy}
	got := fault.Of(c.withRetryAfter(busy, dialect.Reply{Header: map[string][]string{"Retry-After": {value}}}))
	return got.RetryAfter, got != busy
}
