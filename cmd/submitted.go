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
		made = append(made, j)
	}
	return made, nil
}

// showSubmitted prints what scripts go on with: ids, and nothing else.
func (a *app) showSubmitted(made []kling.Job, ref, single bool) error {
	if a.global.json {
		records := make([]view.Job, len(made))
		for i, j := range made {
			records[i] = record(j)
		}
		if single {
			return a.printJSON(records[0])
		}
		return a.printJSON(records)
	}
	names := make([]string, len(made))
	for i, j := range made {
		names[i] = nameOf(j, ref)
	}
	return a.print(names...)
}

// follow waits for jobs that were just submitted, and saves their results.
func (a *app) follow(ctx context.Context, service *job.Service, made []kling.Job, o *submitOptions, output job.Output, single bool) error {
	outcomes := service.Wait(ctx, made, a.pace(o.interval))
	saves := o.asked()
	for i, outcome := range outcomes {
		switch {
		case outcome.Err != nil || !saves:
		case outcome.Job.State != kling.Succeeded:
			outcomes[i].Err = notFinished(outcome.Job)
		default:
			outcomes[i].Job, outcomes[i].Err = a.save(ctx, service, outcome.Job, output, o.sidecar)
		}
	}
	return a.showOutcomes(ctx, outcomes, single, saves)
}

func nameOf(made kling.Job, ref bool) string {
	if ref && made.Ref.Task != "" {
		return made.Ref.String()
	}
	return job.Name(made)
}

// notSubmitted shows a submission that went wrong. Whatever may have been
// bought is named on standard output as well, where scripts look.
func (a *app) notSubmitted(made []kling.Job, err error, ref bool) error {
	if a.global.json {
		return err
	}
	names := make([]string, 0, len(made)+1)
	for _, j := range made {
		names = append(names, nameOf(j, ref))
	}
	if f, ok := errors.AsType[failure](err); ok {
		switch {
		case f.job.Ref.Task != "" && fault.Is(err, fault.Local):
			names = append(names, f.job.Ref.String()) // the ledger may not know the id
		case f.job.Ref.Task != "", f.job.State == kling.Unknown:
			names = append(names, nameOf(f.job, ref))
		}
	}
	if len(names) > 0 {
		// The first error says more than one of a pipe that nobody reads.
		_ = a.print(names...)
	}
	return err
}
