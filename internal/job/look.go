package job

import (
	"context"
	"reflect"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

// lookTime bounds one look at a task.
const lookTime = 45 * time.Second

// newTask is how long a provider may not know a task that it just made.
const newTask = 30 * time.Second

// Look asks the provider how a job stands and stores the answer. A job with no
// task, or one that has ended, is returned as it is. tries is how often the
// question is repeated when it fails in a way that passes.
func (s *Service) Look(ctx context.Context, job kling.Job, tries int) (kling.Job, error) {
	if job.Ref.Task == "" || job.State.Terminal() {
		return job, nil
	}
	return s.lookAt(ctx, job, tries)
}

// lookAt asks even about a job that has ended, for fresh links.
func (s *Service) lookAt(ctx context.Context, job kling.Job, tries int) (kling.Job, error) {
	client, _, err := s.client(job)
	if err != nil {
		return job, err
	}
	return s.lookWith(ctx, client, job, tries)
}

// lookWith asks through a client that is there already.
func (s *Service) lookWith(ctx context.Context, client *provider.Client, job kling.Job, tries int) (kling.Job, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	seen, err := client.Look(ctx, job.Ref, tries)
	if s.vanished(job, err) && sleep(ctx, twice) == nil {
		// One answer is no proof: a job that is given up for lost stays lost.
		seen, err = client.Look(ctx, job.Ref, tries)
	}
	if err != nil {
		return s.notSeen(ctx, job, err)
	}
	return s.seen(ctx, client, job, seen)
}

// seen stores a snapshot.
func (s *Service) seen(ctx context.Context, client *provider.Client, job kling.Job, seen kling.Snapshot) (kling.Job, error) {
	s.dated(client.Settings(), &seen)
	if !seen.Recognised && seen.Word != job.Word {
		s.notice(job, client.Settings().Name+" says \""+fault.SafeText(seen.Word)+"\", which is not a documented state; it is taken for running")
	}
	stored, err := s.advance(context.WithoutCancel(ctx), job, seen)
	if err != nil {
		return kling.Advance(job, seen, s.Now()), withJob(err, job)
	}
	s.observe(Event{Stage: Moved, Job: stored, Usual: s.usual(ctx, stored)})
	return stored, nil
}

// advance stores what a snapshot says. Who sees a job succeed first, in all
// processes, tidies up after it.
func (s *Service) advance(ctx context.Context, job kling.Job, seen kling.Snapshot) (kling.Job, error) {
	if s.nothingNew(job, seen) {
		return job, nil
	}
	first := false
	stored, err := s.update(ctx, job, func(have kling.Job) (kling.Job, error) {
		next := kling.Advance(have, seen, s.Now())
		first = next.State == kling.Succeeded && have.State != kling.Succeeded
		return next, nil
	})
	if err == nil && first {
		s.unhost(ctx, stored)
	}
	return stored, err
}

// nothingNew reports whether an answer says of a running job what is known of
// it already. Such answers are most of all, and each is an exchange of its own:
// its id alone is not worth a wait for the disk.
func (s *Service) nothingNew(job kling.Job, seen kling.Snapshot) bool {
	if !job.State.InFlight() {
		return false
	}
	seen.RequestID = job.RequestID
	next := kling.Advance(job, seen, s.Now())
	next.UpdatedAt = job.UpdatedAt
	return reflect.DeepEqual(next, job)
}

// dated gives links the age at which the provider lets them die.
func (s *Service) dated(settings provider.Settings, seen *kling.Snapshot) {
	if settings.ResultLifetime <= 0 {
		return
	}
	from := seen.FinishedAt
	if from.IsZero() {
		from = s.Now()
	}
	for i := range seen.Artifacts {
		if seen.Artifacts[i].ExpiresAt.IsZero() {
			seen.Artifacts[i].ExpiresAt = from.Add(settings.ResultLifetime).UTC().Truncate(time.Second)
		}
	}
}

// notSeen settles a look that failed. Only a task that is unknown to its
// provider, and not too new to be known, changes the job.
func (s *Service) notSeen(ctx context.Context, job kling.Job, lookErr error) (kling.Job, error) {
	if !s.vanished(job, lookErr) {
		return job, withJob(lookErr, job)
	}
	failure := fault.Of(lookErr)
	stored, err := s.update(context.WithoutCancel(ctx), job, func(have kling.Job) (kling.Job, error) {
		if !have.State.Terminal() {
			have.State, have.Word = kling.Lost, ""
			have.Code, have.Message = failure.Code, "the provider does not know the task: "+failure.Detail
			have.FinishedAt = s.Now()
		}
		return have, nil
	})
	if err != nil {
		return job, withJob(err, job)
	}
	s.observe(Event{Stage: Moved, Job: stored})
	return stored, withJob(lookErr, stored)
}

// vanished reports whether a look says that the provider does not know a task
// which it should know by now.
func (s *Service) vanished(job kling.Job, lookErr error) bool {
	return fault.Is(lookErr, fault.NotFound) && !job.State.Terminal() && !s.tooNew(job)
}

func (s *Service) tooNew(job kling.Job) bool {
	return !job.SubmittedAt.IsZero() && s.Now().Sub(job.SubmittedAt) < newTask
}
