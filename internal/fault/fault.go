// Package fault holds the one error type of the program.
//
// It knows the kinds of things that go wrong on the way to a provider and
// back, and that every one of them must say whether money may have been spent
// and what to do next. It must not know vendors, exit codes or how anything is
// printed. A failed generation is no fault: it is a state of a job.
package fault

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Kind is what sort of thing went wrong. The right next step differs by kind.
type Kind string

const (
	// Internal is a bug or an unexpected local failure.
	Internal Kind = "internal"
	// Local is a fault of this machine: disk, permission, ledger.
	Local Kind = "local"
	// Usage is an input, setting or command that was refused here.
	Usage Kind = "usage"
	// Held is a request held back by a guard of ours: duplicate, budget.
	Held Kind = "held"
	// Auth is a key that is missing or was refused.
	Auth Kind = "auth"
	// Stale is a signed token outside its time: sign again, once.
	Stale Kind = "stale"
	// Busy is a provider that asks to slow down; nothing was made.
	Busy Kind = "busy"
	// Unavailable is a provider that is down or could not be reached.
	Unavailable Kind = "unavailable"
	// Credit is an account without money, credits or quota.
	Credit Kind = "credit"
	// Ambiguous is a create whose outcome is not known.
	Ambiguous Kind = "ambiguous"
	// Refused is a request that the provider turned down.
	Refused Kind = "refused"
	// NotFound is a task that the provider does not know.
	NotFound Kind = "not_found"
	// Answer is an answer that could not be understood.
	Answer Kind = "answer"
	// Deadline is time that ran out while a job was still going.
	Deadline Kind = "deadline"
	// Download is a result that could not be fetched.
	Download Kind = "download"
	// Failed is a job that its provider could not finish, told by a verb
	// that needs its result.
	Failed Kind = "failed"
	// Interrupted is a signal from the user or the system.
	Interrupted Kind = "interrupted"
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{
		Internal, Local, Usage, Held, Auth, Stale, Busy, Unavailable, Credit,
		Ambiguous, Refused, NotFound, Answer, Deadline, Download, Failed, Interrupted,
	}
}

// Charge says whether money was spent.
type Charge string

const (
	// NotCharged is the zero answer: nothing was bought.
	NotCharged Charge = "no"
	// Charged means that a job exists and costs what it costs.
	Charged Charge = "yes"
	// MayBeCharged means that nobody here can tell.
	MayBeCharged Charge = "unknown"
)

// Error is a fault with everything a person or a script needs to act on it.
type Error struct {
	Kind Kind
	// Op is what was being done, as in "submit" or "read the status".
	Op string
	// Subject is what it was done to: a provider, a file, a flag, a job.
	Subject string
	// Detail is what happened, in words safe to print.
	Detail string
	// Code is the provider's own code, "" when there is none.
	Code string
	// Charged says whether money was spent; "" means NotCharged.
	Charged Charge
	// Hint is the next step, best as a command to run.
	Hint string
	// RetryAfter is how long the provider asked to wait, 0 when it did not.
	RetryAfter time.Duration
	// RequestID is the provider's id of the exchange.
	RequestID string
	// Job is the local id or reference of the job concerned.
	Job string
	// Err is the cause.
	Err error
}

// Error tells operation, subject, detail and cause in one line, without the
// hint and without saying anything twice.
func (e *Error) Error() string {
	var parts []string
	add := func(text string) {
		if text != "" && (len(parts) == 0 || !strings.Contains(parts[len(parts)-1], text)) {
			parts = append(parts, text)
		}
	}
	switch {
	case e.Op != "" && e.Subject != "":
		add(e.Op + " " + e.Subject)
	default:
		add(e.Op + e.Subject)
	}
	add(e.Detail)
	if e.Err != nil {
		add(e.Err.Error())
	}
	if len(parts) == 0 {
		add(string(e.Kind))
	}
	return strings.Join(parts, ": ")
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Spent is Charged with the zero value read as NotCharged.
func (e *Error) Spent() Charge {
	if e.Charged == "" {
		return NotCharged
	}
	return e.Charged
}

// Of returns the outermost *Error in a chain, or nil.
func Of(err error) *Error {
	found, _ := errors.AsType[*Error](err)
	return found
}

// KindOf returns the kind of the outermost *Error, Internal for any other
// error, and "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e := Of(err); e != nil {
		return e.Kind
	}
	return Internal
}

// Is reports whether err carries one of the kinds.
func Is(err error, kinds ...Kind) bool {
	if err == nil {
		return false
	}
	return slices.Contains(kinds, KindOf(err))
}
