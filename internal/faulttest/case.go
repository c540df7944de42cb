package faulttest

import (
	"slices"
	"time"
)

// The providers that can be played. Their names are those of the client's
// presets.
const (
	Apikley = "apikley" // POST /api/v1/jobs/createTask
	APIXO   = "apixo"   // POST /api/v1/generateTask/{slug}
	Kling   = "kling"   // POST /v1/videos/{kind}
	NewAPI  = "newapi"  // POST /kling/v1/videos/{kind}, answers of its own
)

// Way is how a client reaches the provider of a case.
type Way int

const (
	// Direct is plain http on loopback.
	Direct Way = iota
	// Proxied is plain http to a public name, through a proxy that is the
	// fault server itself.
	Proxied
	// Secure is https on loopback; plain http to other hosts goes through the
	// proxy.
	Secure
)

// Case is one fault to be survived: what the other side does, how a client is
// set up to meet it, and how it must come out of it.
type Case struct {
	// Number is the fault's in the list of faults, Name that of this variant
	// of it and of its prefix, What one line on what the other side does.
	Number int
	Name   string
	What   string
	// Providers play it in turn; nil means Apikley and Kling.
	Providers []string
	// Slow cases take longer than a quick run has.
	Slow bool
	// Elsewhere names the test that covers a fault no client can be made to
	// meet over a base URL. Such a case is not played.
	Elsewhere string
	// Known is why a client fails this case today. It is expected to.
	Known string

	// Way, Settings (below providers.NAME), Args (beside those of a submit
	// that saves to Output) and Timeout are how the client is set up. Output
	// is clip.mp4 unless given; Existing puts an older file there first.
	// Command is run in place of a submit, with {ref} for a task that the
	// provider already has. Scheduled clients look at the pace that they
	// choose themselves; others are told a fast one.
	Way       Way
	Settings  map[string]string
	Args      []string
	Command   []string
	Timeout   time.Duration
	Output    string
	Existing  bool
	Scheduled bool

	// Exit is the exit code. Films is how many whole videos stand under final
	// names; 0 means one after exit code 0 and none after others. Standard
	// error must tell what Says lists. No output may hold what Secret lists,
	// and only JSON what Hidden lists.
	Exit   int
	Films  int
	Says   []string
	Secret []string
	Hidden []string
	// Within bounds the run; 0 is five seconds. AtLeast is how soon it must
	// not end.
	Within, AtLeast time.Duration
	// Unpaid cases end before anything is bought.
	Unpaid bool
	// Heals has the provider mended afterwards: then the same job must bring
	// its film, and nothing may be bought again.
	Heals bool
	// Check judges what was seen on the provider's side.
	Check func(Seen) error

	look  func(*question)
	links func(*Stage) []string
	send  func(*delivery)
}

// Room is the letter of the part of the list that a case stands in.
func (c Case) Room() string {
	for _, part := range []struct {
		last   int
		letter string
	}{{15, "A"}, {31, "B"}, {43, "C"}, {60, "D"}, {71, "E"}, {95, "F"}} {
		if c.Number <= part.last {
			return part.letter
		}
	}
	return "G"
}

// Players are the providers that play a case.
func (c Case) Players() []string {
	if c.Providers == nil {
		return []string{Apikley, Kling}
	}
	return c.Providers
}

// Limit is the time that a run may take.
func (c Case) Limit() time.Duration {
	if c.Within == 0 {
		return 5 * time.Second
	}
	return c.Within
}

// Wanted is how many films there must be.
func (c Case) Wanted() int {
	switch {
	case c.Films > 0:
		return c.Films
	case c.Exit == 0:
		return 1
	}
	return 0
}

// Cases lists all faults of parts D, E and F, in order.
func Cases() []Case {
	return slices.Concat(lookCases(), waitCases(), linkCases(), storeCases(), resumeCases(), bodyCases())
}
