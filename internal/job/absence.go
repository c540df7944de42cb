package job

import (
	"context"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

const (
	// knownAfter is how long after the send a provider that looks tasks up by
	// our id is believed when it does not find one.
	knownAfter = 30 * time.Second
	// twice is the pause between the two questions that prove an absence.
	twice = 2 * time.Second
	// listPages and listSize bound the search through a provider's list.
	listPages = 10
	listSize  = 100
)

// Reconcile settles an unknown job as far as anybody can: by our own id, then
// through the provider's list of tasks. Where the provider is known to look
// tasks up by our id, not finding it twice, and not too soon after the send,
// proves that nothing was made, and the job is Refused.
func (s *Service) Reconcile(ctx context.Context, job kling.Job) (kling.Job, error) {
	settled, err := s.Settle(ctx, job)
	if err == nil || settled.State != kling.Unknown {
		return settled, err
	}
	client, settings, clientErr := s.client(job)
	if clientErr != nil {
		return job, clientErr
	}
	if job.ExternalID == "" || settings.Lookup != "yes" {
		return job, err
	}
	if settings.Lists() {
		if found, listErr := s.listed(ctx, client, job); listErr == nil && found.Task != "" {
			return s.seen(ctx, client, job, found)
		}
	}
	if !fault.Is(causeOf(err), fault.NotFound) {
		return job, err
	}
	if wait := s.sentAt(job).Add(knownAfter).Sub(s.Now()); wait > 0 {
		s.notice(job, "the provider does not know job "+job.ID+" yet; asking again in "+wait.Round(time.Second).String())
		if sleep(ctx, wait) != nil {
			return job, err
		}
	} else if sleep(ctx, twice) != nil {
		return job, err
	}
	settled, err = s.Settle(ctx, job)
	if err == nil || settled.State != kling.Unknown || !fault.Is(causeOf(err), fault.NotFound) {
		return settled, err
	}
	return s.refuse(ctx, job, nothingMade+": the provider does not know our id, asked twice")
}

// sentAt is the latest moment at which the create may have left.
func (s *Service) sentAt(job kling.Job) time.Time {
	if job.CreateDeadline.IsZero() || job.CreateDeadline.After(s.Now()) {
		return job.UpdatedAt
	}
	return job.CreateDeadline
}

// listed searches the newest tasks of a provider that lists them.
func (s *Service) listed(ctx context.Context, client *provider.Client, job kling.Job) (kling.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	for page := 1; page <= listPages; page++ {
		tasks, err := client.List(ctx, job.Ref.Path, page, listSize, provider.Patient)
		if err != nil {
			return kling.Snapshot{}, err
		}
		for _, task := range tasks {
			if task.ExternalID == job.ExternalID {
				return task, nil
			}
			if !task.CreatedAt.IsZero() && task.CreatedAt.Before(job.CreatedAt.Add(-time.Hour)) {
				return kling.Snapshot{}, nil
			}
		}
		if len(tasks) < listSize {
			break
		}
	}
	return kling.Snapshot{}, nil
}

// causeOf is the fault below an unsettled job.
func causeOf(err error) error {
	if outer := fault.Of(err); outer != nil {
		return outer.Err
	}
	return nil
}
