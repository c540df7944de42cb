package cmd

import (
	"context"
	"errors"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

// buy submits an order as often as there are takes. It stops at the first that
// goes wrong; what was bought until then comes back beside the error, which
// carries what the last one left behind.
func (a *app) buy(ctx context.Context, service *job.Service, order job.Order, takes int) ([]kling.Job, error) {
	var made []kling.Job
	for take := range takes {
		one := order
		one.Take, one.Prepared = take+1, order.Prepared.Clone()
		j, err := service.Submit(ctx, one)
		if err != nil {
			return made, failure{job: j, before: made, err: err}
		}
		a.stream.submitted(j)
		made = append(made, j)
	}
	return made, nil
}

// showSubmitted prints what scripts go on with: ids, and nothing else.
func (a *app) showSubmitted(made []kling.Job, single bool) error {
	switch {
	case a.stream != nil:
		if err := a.stream.failed(); err != nil {
			return a.closedPipe(err)
		}
		return nil
	case !a.global.json:
		return a.print(a.names(made)...)
	}
	records := make([]view.Job, len(made))
	for i, j := range made {
		records[i] = record(j)
	}
	if single {
		return a.printJSON(records[0])
	}
	return a.printJSON(records)
}

// follow waits for jobs that were just submitted, and saves their results.
func (a *app) follow(ctx context.Context, service *job.Service, made []kling.Job, o *submitOptions, output job.Output, single bool) error {
	e := o.errand(output)
	e.Save, e.owed, e.Interval = o.asked(), o.asked(), a.pace(o.interval)
	outcomes := a.bring(ctx, service, made, e)
	return a.showOutcomes(ctx, outcomes, single, o.asked())
}

// names are what new jobs are called: ids, or references where asked for.
func (a *app) names(made []kling.Job) []string {
	names := make([]string, len(made))
	for i, j := range made {
		names[i] = job.Name(j)
		if a.answer.word == printRef && j.Ref.Task != "" {
			names[i] = j.Ref.String()
		}
	}
	return names
}

// notSubmitted shows a submission that went wrong. Whatever may have been
// bought is named on standard output as well, where scripts look.
func (a *app) notSubmitted(made []kling.Job, err error) error {
	if a.global.json || a.stream != nil {
		return err
	}
	names := a.names(made)
	if f, ok := errors.AsType[failure](err); ok {
		switch {
		case f.job.Ref.Task != "" && fault.Is(err, fault.Local):
			names = append(names, f.job.Ref.String()) // the ledger may not know the id
		case f.job.Ref.Task != "", f.job.State == kling.Unknown:
			names = append(names, a.names([]kling.Job{f.job})...)
		}
	}
	if len(names) > 0 {
		// The first error says more than one of a pipe that nobody reads.
		_ = a.print(names...)
	}
	return err
}
