package job

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// held reports early, before an image is uploaded, what Intend would hold the
// order back for. Intend asks again, in the transaction of the intent.
func (s *Service) held(ctx context.Context, order Order, job kling.Job) error {
	if err := priced(order); err != nil {
		return err
	}
	if order.Guard.Off {
		return nil
	}
	twin, err := s.Ledger.Twin(ctx, job, order.Guard.Window, s.Now())
	if err != nil || twin == nil {
		return err
	}
	return s.heldByTwin(*twin)
}

// priced holds back a job of unknown price under a cap on money, unless the
// user allowed it or a count of jobs bounds the damage.
func priced(order Order) error {
	money := func(c ledger.Cap) bool { return c.Unit != ledger.Jobs }
	count := func(c ledger.Cap) bool { return c.Unit == ledger.Jobs }
	if order.Budget.Price.Known || order.AllowUnknownPrice ||
		!slices.ContainsFunc(order.Budget.Caps, money) || slices.ContainsFunc(order.Budget.Caps, count) {
		return nil
	}
	return &fault.Error{
		Kind: fault.Held, Op: "submit to", Subject: order.Settings.Name, Charged: fault.NotCharged,
		Detail: "spending is capped, and the price of this job is not known; nothing was sent",
		Hint:   "add --allow-unknown-price, or bound the number of jobs with --max-jobs",
	}
}

// heldByTwin names the job that is the same request.
func (s *Service) heldByTwin(twin kling.Job) error {
	problem := &fault.Error{
		Kind: fault.Held, Op: "submit to", Subject: twin.Ref.Provider, Charged: fault.NotCharged, Job: twin.ID,
		Detail: fmt.Sprintf("the same request is job %s, %s since %s; nothing was sent",
			twin.ID, twin.State, since(twin).UTC().Format(time.RFC3339)),
		Hint: "klingctl wait " + twin.ID + "; to pay for it again on purpose add --again, for several takes --takes N",
	}
	switch twin.State {
	case kling.Unknown:
		problem.Hint = "find out what became of it: klingctl reconcile " + twin.ID + "; to risk paying twice add --again"
	case kling.Succeeded:
		problem.Hint = "klingctl download " + twin.ID + "; to pay for it again on purpose add --again, for several takes --takes N"
	case kling.Failed, kling.Lost:
		problem.Hint = "klingctl jobs show " + twin.ID + " says why; to try it again on purpose add --again"
	case kling.Draft, kling.Submitting, kling.Queued, kling.Running, kling.Refused:
	}
	return problem
}

// since is when a job came to the state it is in.
func since(job kling.Job) time.Time {
	if !job.FinishedAt.IsZero() {
		return job.FinishedAt
	}
	return job.CreatedAt
}

// heldByCap names the cap that the job would have passed.
func heldByCap(job kling.Job, over ledger.Excess) error {
	unit := over.Unit
	return &fault.Error{
		Kind: fault.Held, Op: "submit to", Subject: job.Ref.Provider, Charged: fault.NotCharged,
		Detail: fmt.Sprintf("%s is %s %s; %s are spent or reserved and this job would add %s; nothing was sent",
			over.Name, ledger.FormatMicros(over.Micros), unit, ledger.FormatMicros(over.Spent), ledger.FormatMicros(over.Asked)),
		Hint: "raise the cap, or wait until it counts anew; klingctl balance shows what was spent",
	}
}

// heldBack names what kept the ledger from granting an intent.
func (s *Service) heldBack(job kling.Job, granted ledger.Granted) error {
	switch {
	case granted.Twin != nil:
		return s.heldByTwin(*granted.Twin)
	case granted.Over != nil:
		return heldByCap(job, *granted.Over)
	}
	return notSent(job, fault.Held, 0, nil)
}
