package cmd

import (
	"context"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

// errand is what a verb wants done with jobs.
type errand struct {
	job.Errand
	// owed makes an error of a job that has no video in the end.
	owed bool
	// sidecar and command are for each file that gets its name.
	sidecar bool
	command *command
}

// bring carries jobs to their ends and, where asked, their videos to disk,
// and shows how it goes.
func (a *app) bring(ctx context.Context, service *job.Service, jobs []kling.Job, e errand) []job.Outcome {
	ctx, stop := a.stream.bound(ctx)
	defer stop()
	a.board = newBoard(jobs, a.process.Now())
	a.board.begin(a)
	a.ended = func(outcome job.Outcome) {
		_, problem := a.problem(ctx, e.judged(outcome))
		a.stream.ended(outcome.Job, problem)
	}
	e.Saved = func(ctx context.Context, j kling.Job) error { return a.afterSave(ctx, j, e) }
	outcomes := service.Bring(ctx, jobs, e.Errand)
	for i := range outcomes {
		outcomes[i] = e.judged(outcomes[i])
	}
	return outcomes
}

// judged makes an error of a job that ended well for itself but not for this
// errand.
func (e errand) judged(outcome job.Outcome) job.Outcome {
	if outcome.Err == nil && e.owed && outcome.Job.State != kling.Succeeded {
		outcome.Err = notFinished(outcome.Job)
	}
	return outcome
}

// afterSave does what is to be done once all files of a job are in their
// places. A sidecar belongs to every file, a command only to those that this
// run has brought.
func (a *app) afterSave(ctx context.Context, j kling.Job, e errand) error {
	var err error
	if e.sidecar {
		err = a.leaveSidecars(j, e.Output.Force)
	}
	fresh := a.board.fresh(j)
	if e.command == nil {
		return err
	}
	if failed := a.execAll(ctx, e.command, j, fresh); err == nil {
		err = failed
	}
	return err
}

// problem is the record of an outcome's error, nil for none, and the exit code
// that the outcome stands for. An unknown job stays that, whatever kept it
// from being settled.
func (a *app) problem(ctx context.Context, outcome job.Outcome) (code int, record *view.Problem) {
	code = codeOfState(outcome.Job.State)
	if outcome.Err == nil {
		return code, nil
	}
	problem := a.faultOf(outcome.Err)
	if outcome.Job.State != kling.Unknown {
		code = a.codeOf(ctx, problem)
	}
	made := view.NewProblem(problem, kindWord(problem, code), nil)
	return code, &made
}

// faultOf is the fault in an error, with a next step where one is known.
func (a *app) faultOf(err error) *fault.Error {
	problem := fault.Of(err)
	if problem == nil {
		problem = &fault.Error{Kind: plainKind(err), Err: err}
	}
	if hinted := a.hint(problem); hinted != problem.Hint {
		complete := *problem
		complete.Hint = hinted
		problem = &complete
	}
	return problem
}
