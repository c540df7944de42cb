package job

import (
	"context"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// lastResort is what is left to do when a job was bought and the ledger cannot
// be written: the reference goes into a file beside it, and into the fault that
// everybody shows.
func (s *Service) lastResort(bought kling.Job, cause error) error {
	detail := "the job was bought, but the ledger could not be written: keep this reference"
	if path, err := s.Ledger.Rescue(bought, s.Now()); err == nil {
		detail += " (it also stands in " + path + ", which klingctl reconcile reads)"
	}
	return &fault.Error{
		Kind: fault.Local, Op: "remember the task", Subject: bought.Ref.String(), Charged: fault.Charged,
		Detail: detail, Job: bought.Ref.String(), Hint: "klingctl wait " + bought.Ref.String(), Err: cause,
	}
}

// Rescue puts tasks that could not be remembered into their rows, and returns
// the jobs that this settled. A task whose row is not in this ledger, as after
// a broken one was set aside, is told and stays in the file.
func (s *Service) Rescue(ctx context.Context) ([]kling.Job, error) {
	found, err := s.Ledger.Rescued()
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var settled []kling.Job
	homeless := false
	for _, one := range found {
		ref, err := kling.ParseRef(one.Ref)
		if err != nil {
			continue // a line that somebody else wrote
		}
		job, err := s.Ledger.Get(ctx, one.ID)
		if fault.Is(err, fault.NotFound) {
			homeless = true
			s.notice(kling.Job{ID: one.ID, Ref: ref}, "task "+ref.String()+" was bought for job "+one.ID+", which is not in this ledger: klingctl download --wait "+ref.String())
			continue
		}
		if err == nil && job.Ref.Task == "" {
			seen := kling.Snapshot{Task: ref.Task, State: kling.Queued, Recognised: true}
			job, err = s.update(ctx, job, func(have kling.Job) (kling.Job, error) {
				return kling.Advance(have, seen, s.Now()), nil
			})
			settled = append(settled, job)
		}
		if err != nil {
			return settled, err
		}
	}
	if homeless {
		return settled, nil
	}
	return settled, s.Ledger.ForgetRescued()
}
