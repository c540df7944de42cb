package faulttest

import (
	"fmt"
	"time"
)

// lookCases are the faults 44 to 56: what a look may be told.
func lookCases() []Case {
	return []Case{
		{
			Number: 44, Name: "44-not-yet-known", What: "the task is not found just after the create, then it is there",
			Providers: []string{Apikley, Kling, NewAPI},
			look:      first(2, (*question).unknown, (*question).honest), Within: 15 * time.Second,
			Check: func(s Seen) error { return atLeast("looks", len(s.Looks), 3) },
		},
		{
			Number: 45, Name: "45-never-known", What: "the task of a reference is not found, ever",
			Providers: []string{Apikley, Kling, NewAPI}, Command: []string{"wait", "{ref}"}, Unpaid: true,
			look: (*question).unknown, Exit: 12, Within: 10 * time.Second,
			Check: func(s Seen) error { return between("looks", len(s.Looks), 2, 2) },
		},
		{
			Number: 45, Name: "45-lost-after-create", What: "the task of a create is not found, ever", Slow: true,
			Providers: []string{Apikley, Kling, NewAPI},
			look:      (*question).unknown, Exit: 12, AtLeast: 28 * time.Second, Within: 65 * time.Second,
		},
		{
			Number: 46, Name: "46-three-errors", What: "three looks meet a server error, then all is well", Within: 25 * time.Second,
			look:  first(3, (*question).serverError, (*question).honest),
			Check: func(s Seen) error { return atLeast("looks", len(s.Looks), 4) },
		},
		{
			Number: 46, Name: "46-three-resets", What: "three looks are reset, then all is well", Within: 25 * time.Second,
			look:  first(3, (*question).reset, (*question).honest),
			Check: func(s Seen) error { return atLeast("looks", len(s.Looks), 4) },
		},
		{
			Number: 47, Name: "47-errors-for-ever", What: "each look meets a server error",
			look: (*question).serverError, Timeout: 2 * time.Second, Exit: 7, Within: 3 * time.Second,
			Says: []string{"next: klingctl wait "}, Heals: true,
		},
		{
			Number: 48, Name: "48-hang", What: "the first look hangs, the next would not",
			look: first(1, (*question).hang, (*question).done), Timeout: 2 * time.Second, Exit: 7, Within: 3 * time.Second,
			Says: []string{"next: klingctl wait "}, Heals: true,
		},
		{
			Number: 48, Name: "48-hang-once", What: "the first look hangs, and there is time to ask again", Slow: true,
			look: first(1, (*question).hang, (*question).done), AtLeast: 40 * time.Second, Within: 75 * time.Second,
		},
		{
			Number: 49, Name: "49-never-ends", What: "the job works for ever",
			look: (*question).working, Timeout: 2 * time.Second, Exit: 7, AtLeast: 1900 * time.Millisecond, Within: 3 * time.Second,
			Says: []string{"it is still running", "next: klingctl wait "}, Heals: true,
		},
		{
			Number: 49, Name: "49-never-ends-5s", What: "the job works for ever, and five seconds are given", Slow: true,
			look: (*question).working, Timeout: 5 * time.Second, Exit: 7, AtLeast: 4 * time.Second, Within: 6 * time.Second, Heals: true,
		},
		{
			Number: 50, Name: "50-unknown-state", What: "the state is a word that nobody documented, then a known one",
			look: first(2, func(l *question) { l.say(report{state: working, word: "upscaling"}) }, (*question).honest),
			Says: []string{"upscaling"},
		},
		{
			Number: 52, Name: "52-failed", What: "the job fails with a message",
			look: func(l *question) { l.failed("Failure to pass the risk control system") },
			Exit: 5, Says: []string{"Failure to pass the risk control system"},
		},
		{
			Number: 52, Name: "52-failed-silently", What: "the job fails without a message",
			look: func(l *question) { l.failed("") }, Exit: 5, Says: []string{"no reason given"},
		},
		{
			Number: 52, Name: "52-failed-hostile", What: "the message has escape codes and turns the direction of writing",
			look: func(l *question) { l.failed("a\x1b[2J\x1b]0;title\aB\r\u0085C\u202eD") }, Exit: 5, Says: []string{"B"},
		},
		{
			Number: 55, Name: "55-object", What: "the result is an object where a text belongs", Providers: []string{Apikley, APIXO},
			look: func(l *question) { l.say(report{state: succeeded, result: object{"resultUrls": l.results()}}) },
		},
		{
			Number: 55, Name: "55-no-json", What: "the result is not JSON", Slow: true, Providers: []string{Apikley, APIXO},
			look: func(l *question) { l.say(report{state: succeeded, result: "{resultUrls: [https://"}) },
			Exit: 13, Within: 20 * time.Second, Heals: true,
		},
		{
			Number: 56, Name: "56-page-for-ever", What: "each look is answered with 200 and a web page",
			look: (*question).page, Timeout: 2 * time.Second, Exit: 7, Within: 3 * time.Second, Heals: true,
		},
		{
			Number: 56, Name: "56-page-twice", What: "two looks are answered with 200 and a web page",
			look: first(2, (*question).page, (*question).honest), Within: 15 * time.Second,
		},
	}
}

func atLeast(what string, got, least int) error {
	if got < least {
		return fmt.Errorf("%d %s, want %d at least", got, what, least)
	}
	return nil
}

func between(what string, got, least, most int) error {
	if got < least || got > most {
		return fmt.Errorf("%d %s, want %d to %d", got, what, least, most)
	}
	return nil
}
