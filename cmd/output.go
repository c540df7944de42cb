package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

// ended is the error of a verb that did its work and whose exit code says how
// that turned out; everything was already shown.
type ended struct{ code int }

func (e ended) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// endWith gives nil for success.
func endWith(code int) error {
	if code == exitDone {
		return nil
	}
	return ended{code: code}
}

// print writes data to standard output.
func (a *app) print(lines ...string) error {
	a.endMeter()
	for _, line := range lines {
		if _, err := fmt.Fprintln(a.process.Out, line); err != nil {
			return a.closedPipe(err)
		}
	}
	return nil
}

// printJSON writes the one JSON document of a verb.
func (a *app) printJSON(document any) error {
	a.endMeter()
	a.answered = true
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return &fault.Error{Kind: fault.Internal, Op: "encode the answer", Err: err}
	}
	if _, err := a.process.Out.Write(view.Inert(text.Bytes())); err != nil {
		return a.closedPipe(err)
	}
	return nil
}

// closedPipe ends quietly when nobody reads standard output any more.
func (a *app) closedPipe(err error) error {
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, os.ErrClosed) {
		return ended{code: exitUnexpected}
	}
	return &fault.Error{Kind: fault.Local, Op: "write to standard output", Err: err}
}

// record is the JSON form of a job.
func record(j kling.Job) view.Job { return view.NewJob(j, job.ChargedBy(j)) }

// failure is an error that leaves a job behind, for the JSON document.
type failure struct {
	job kling.Job
	// before are the jobs that the command bought before it went wrong.
	before []kling.Job
	// unknown is set where the job's outcome is, which decides the exit code
	// whatever kept it from being found out.
	unknown bool
	err     error
}

// fill puts the records of the jobs into the record of the error.
func (f failure) fill(into *view.Problem) {
	if f.job.ID != "" || f.job.Ref.Task != "" {
		made := record(f.job)
		into.Job = &made
	}
	for _, j := range f.before {
		into.Bought = append(into.Bought, record(j))
	}
}

func (f failure) Error() string { return f.err.Error() }
func (f failure) Unwrap() error { return f.err }

// withState joins an error with the job that it leaves behind.
func withState(j kling.Job, err error) error {
	if err == nil || j.ID == "" && j.Ref.Task == "" {
		return err
	}
	return failure{job: j, err: err}
}

// finish shows how a command ended and gives its exit code.
func (a *app) finish(ctx context.Context, err error) int {
	code, problem := a.concluded(ctx, err)
	switch {
	case a.answer.events && !a.global.json && (a.stream != nil || problem != nil):
		a.openStream(ctx)
		if failed := a.stream.close(problem, code); failed != nil && code == exitDone {
			code, _ = a.concluded(ctx, a.closedPipe(failed))
		}
	case a.global.json && problem != nil && !a.answered:
		_ = a.printJSON(view.Failure{SchemaVersion: view.SchemaVersion, Error: *problem})
	}
	return code
}

// concluded tells people of an error and gives its record, nil where there is
// none or all was shown, and the exit code.
func (a *app) concluded(ctx context.Context, err error) (code int, record *view.Problem) {
	a.endMeter()
	if err == nil || errors.Is(err, errHelp) {
		return exitDone, nil
	}
	if done, ok := errors.AsType[ended](err); ok {
		return done.code, nil
	}
	problem := a.faultOf(err)
	code = a.codeOf(ctx, problem)
	left, leaves := errors.AsType[failure](err)
	if left.unknown {
		code = exitUnknown
	}
	a.tell(problem, err)
	made := view.NewProblem(problem, kindWord(problem, code), nil)
	if leaves {
		left.fill(&made)
	}
	return code, &made
}

// plainKind is the kind of an error that no room named: Cobra's complaints
// about a command line, or a bug.
func plainKind(err error) fault.Kind {
	switch {
	case errors.Is(err, context.Canceled):
		return fault.Interrupted
	case errors.Is(err, context.DeadlineExceeded):
		return fault.Deadline
	}
	return fault.Internal
}

// codeOf settles the exit code: a signal shows in it unless the outcome of a
// submission is unknown, which matters more.
func (a *app) codeOf(ctx context.Context, problem *fault.Error) int {
	code := codeOfKind(problem.Kind)
	if problem.Kind == fault.Ambiguous {
		return code
	}
	if signal, ok := signalCode(ctx); ok {
		return signal
	}
	return code
}

// kindWord is the kind under --json; a signal has a word of its own.
func kindWord(problem *fault.Error, code int) string {
	if code == exitInterrupted || code == exitTerminated {
		return string(fault.Interrupted)
	}
	return string(problem.Kind)
}

// tell prints an error for people: what happened, whether money was spent, and
// what to do next.
func (a *app) tell(problem *fault.Error, err error) {
	message := problem.Error()
	if f, ok := errors.AsType[interface {
		error
		Fault() *fault.Error
	}](err); ok {
		message = f.Error()
	}
	if problem.Code != "" {
		message += " (code " + problem.Code + ")"
	}
	hint := problem.Hint
	if problem.RetryAfter > 0 {
		hint = joinHint(hint, "not before "+a.process.Now().Add(problem.RetryAfter).UTC().Format(time.RFC3339))
	}
	a.term().Problem(message, money(problem), hint)
}

func joinHint(hint, more string) string {
	if hint == "" {
		return more
	}
	return hint + "; " + more
}

// money says what is known of the cost, in words.
func money(problem *fault.Error) string {
	switch problem.Spent() {
	case fault.Charged:
		return "yes, the job exists"
	case fault.MayBeCharged:
		if problem.Kind == fault.Failed {
			return "unknown, the provider decides whether a failed job costs"
		}
		return "unknown, a job may exist"
	case fault.NotCharged:
		return "no"
	}
	return ""
}

// asEnded reports whether an error only carries an exit code.
func asEnded(err error) (ended, bool) { return errors.AsType[ended](err) }
