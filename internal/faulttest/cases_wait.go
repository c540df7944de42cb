package faulttest

import (
	"fmt"
	"time"
)

// waitCases are the faults 57 to 60: when a job is looked at.
func waitCases() []Case {
	return []Case{
		{
			Number: 57, Name: "57-pace-fixed", What: "the user asks for a pace of 300 ms", Args: []string{"--poll-interval", "300ms"},
			look:  first(3, (*question).working, (*question).done),
			Check: func(s Seen) error { return paced(s, 300*time.Millisecond, 300*time.Millisecond, 4) },
		},
		{
			Number: 57, Name: "57-pace-preset", What: "two minutes of work under the presets' own pace", Slow: true,
			Providers: []string{Apikley}, Scheduled: true, look: afterwards(120 * time.Second), Within: 150 * time.Second,
			Check: func(s Seen) error { return paced(s, 2*time.Second, 2*time.Second, 25) },
		},
		{
			Number: 57, Name: "57-pace-apixo", What: "a provider that asks for 60 s before the first look", Slow: true,
			Providers: []string{APIXO}, Scheduled: true, look: afterwards(75 * time.Second), Within: 100 * time.Second,
			Check: func(s Seen) error { return paced(s, 59*time.Second, 2*time.Second, 25) },
		},
		{
			Number: 59, Name: "59-suspend", What: "the client is stopped for a minute",
			Elsewhere: "TestFaultSuspend (cmd)",
		},
		{
			Number: 60, Name: "60-gateway", What: "the gateway says NOT_START until it has asked upstream", Providers: []string{NewAPI},
			look: first(5, (*question).waiting, (*question).honest), Says: []string{"queued"},
		},
		{
			Number: 60, Name: "60-gateway-15s", What: "the gateway asks upstream each 15 s", Slow: true, Providers: []string{NewAPI},
			look: afterwards(15 * time.Second), Within: 25 * time.Second,
		},
	}
}

// afterwards has a job wait until some time after its create.
func afterwards(takes time.Duration) func(*question) {
	return func(l *question) {
		creates := l.Seen().Creates
		if len(creates) > 0 && l.server.now().Sub(creates[0].At) < takes {
			l.waiting()
			return
		}
		l.done()
	}
}

// paced holds the pauses before the first look and between looks, and their
// number.
func paced(s Seen, before, pause time.Duration, most int) error {
	if len(s.Creates) == 0 || len(s.Looks) == 0 || len(s.Looks) > most {
		return fmt.Errorf("%d creates and %d looks, want a create and 1 to %d looks", len(s.Creates), len(s.Looks), most)
	}
	if got := s.Looks[0].At.Sub(s.Creates[0].At); got < before {
		return fmt.Errorf("the first look came %v after the create, want %v at least", got, before)
	}
	// The clocks of the two sides are read at different moments.
	const slack = 50 * time.Millisecond
	if got, ok := Least(s.Looks); ok && got < pause-slack {
		return fmt.Errorf("two looks are %v apart, want %v at least", got, pause)
	}
	return nil
}
