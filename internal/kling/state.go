package kling

import "slices"

// State is where a job stands. A provider word that nobody documented means
// still running; it is kept beside the state in Job.Word.
type State string

const (
	// Draft is checked and stored, its images perhaps still being hosted;
	// nothing was sent. Set by submit.
	Draft State = "draft"
	// Submitting means that the intent is durable and a create may be in
	// flight. Set by submit right before the first byte leaves.
	Submitting State = "submitting"
	// Queued means that the provider has the task and has not begun. Set
	// from an answer of the provider.
	Queued State = "queued"
	// Running means that the provider is generating. Set from an answer.
	Running State = "running"
	// Succeeded means that the provider finished with a result. Terminal.
	Succeeded State = "succeeded"
	// Failed means that the provider finished without a result. Terminal.
	Failed State = "failed"
	// Unknown means that a create left and no clear answer came: it may have
	// been charged. Left only through reconciling.
	Unknown State = "unknown"
	// Refused means that the provider said no and nothing exists. Terminal.
	Refused State = "refused"
	// Lost means that the provider no longer knows the task. Terminal.
	Lost State = "lost"
)

// States lists every state in the order of a job's life.
func States() []State {
	return []State{Draft, Submitting, Queued, Running, Succeeded, Failed, Unknown, Refused, Lost}
}

// Terminal reports whether nothing that a provider says can move the job on.
func (s State) Terminal() bool {
	switch s {
	case Succeeded, Failed, Refused, Lost:
		return true
	case Draft, Submitting, Queued, Running, Unknown:
		return false
	}
	return false
}

// InFlight reports whether the provider holds an unfinished task.
func (s State) InFlight() bool { return s == Queued || s == Running }

// Open reports whether the job still needs somebody's attention: everything
// that is neither terminal nor a mere draft.
func (s State) Open() bool { return !s.Terminal() && s != Draft }

// Valid reports whether s is one of the declared states.
func (s State) Valid() bool { return slices.Contains(States(), s) }

// rank orders states along a job's life, so that a late or repeated answer
// cannot move a job backwards.
func (s State) rank() int {
	switch s {
	case Draft:
		return 0
	case Submitting:
		return 1
	case Unknown:
		return 2
	case Queued:
		return 3
	case Running:
		return 4
	case Succeeded, Failed, Refused, Lost:
		return 5
	}
	return 0
}
