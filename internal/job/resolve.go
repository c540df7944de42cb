package job

import (
	"context"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// ResolveTask settles an unknown job by a task id that the user found at the
// provider. The task is looked at first; one that the provider does not know
// changes nothing.
func (s *Service) ResolveTask(ctx context.Context, job kling.Job, task string) (kling.Job, error) {
	if err := resolvable(job); err != nil {
		return job, err
	}
	client, _, err := s.client(job)
	if err != nil {
		return job, err
	}
	ref := job.Ref
	ref.Task = task
	lookCtx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	seen, err := client.Look(lookCtx, ref, patience)
	if err != nil {
		return job, withJob(err, job)
	}
	if seen.Task == "" {
		seen.Task = task
	}
	if seen.ExternalID != "" && job.ExternalID != "" && seen.ExternalID != job.ExternalID {
		return job, &fault.Error{
			Kind: fault.Usage, Op: "resolve job", Subject: job.ID, Charged: fault.MayBeCharged, Job: job.ID,
			Detail: "the task has the external id " + fault.SafeText(seen.ExternalID) + ", this job's is " + job.ExternalID,
			Hint:   "look for the task of this job at the provider's console",
		}
	}
	return s.seen(ctx, client, job, seen)
}

// ResolveNotCreated settles an unknown job by the user's word that nothing was
// made.
func (s *Service) ResolveNotCreated(ctx context.Context, job kling.Job) (kling.Job, error) {
	if err := resolvable(job); err != nil {
		return job, err
	}
	return s.refuse(ctx, job, nothingMade+", says the user")
}

// refuse ends an unknown job of which nothing exists.
func (s *Service) refuse(ctx context.Context, job kling.Job, message string) (kling.Job, error) {
	stored, err := s.update(context.WithoutCancel(ctx), job, func(have kling.Job) (kling.Job, error) {
		if have.State == kling.Unknown {
			have.State, have.Word, have.Code, have.Message = kling.Refused, "", "", message
			have.FinishedAt = s.Now()
		}
		return have, nil
	})
	if err != nil {
		return job, withJob(err, job)
	}
	s.observe(Event{Stage: Moved, Job: stored})
	return stored, nil
}

func resolvable(job kling.Job) error {
	if job.State == kling.Unknown {
		return nil
	}
	return &fault.Error{
		Kind: fault.Usage, Op: "resolve job", Subject: Name(job), Charged: ChargedBy(job), Job: Name(job),
		Detail: "it is " + string(job.State) + "; only an unknown job is to be resolved", Hint: "klingctl jobs show " + Name(job),
	}
}
