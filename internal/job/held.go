package job

import (
	"context"
	"fmt"
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

// priced holds back a job whose price no cap on money can count: it is unknown,
// or in a unit that none of the caps is in. The user may allow it, or bound the
// damage by a count of jobs.
func priced(order Order) error {
	price := order.Budget.Price
	money, counted := false, false
	for _, c := range order.Budget.Caps {
		money = money || c.Unit != ledger.Jobs
		counted = counted || c.Unit == ledger.Jobs || price.Known && c.Unit == price.Unit
	}
	if !money || counted || order.AllowUnknownPrice {
		return nil
	}
	problem := &fault.Error{
		Kind: fault.Held, Op: "submit to", Subject: order.Settings.Name, Charged: fault.NotCharged,
		Detail: "spending is capped, and the price of this job is not known; nothing was sent",
		Hint:   "add --allow-unknown-price, or bound the number of jobs with --max-jobs",
	}
	if price.Known {
		problem.Detail = "spending is capped, and none of the caps is in " + price.Unit + ", the unit of this job's price; nothing was sent"
		problem.Hint = "cap " + price.Unit + " too, add --allow-unknown-price, or bound the number of jobs with --max-jobs"
	}
	return problem
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
	unit, hint := over.Unit, "raise the cap"
	if over.Scope == ledger.ScopeDay {
		hint += ", or wait for tomorrow"
	}
	return &fault.Error{
		Kind: fault.Held, Op: "submit to", Subject: job.Ref.Provider, Charged: fault.NotCharged,
		Detail: fmt.Sprintf("%s is %s %s; %s are spent or reserved and this job would add %s; nothing was sent",
			over.Name, ledger.FormatMicros(over.Micros), unit, ledger.FormatMicros(over.Spent), ledger.FormatMicros(over.Asked)),
		Hint: hint + "; klingctl balance shows what was spent",
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
