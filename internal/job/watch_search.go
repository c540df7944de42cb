package job

import (
	"context"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

const (
	// mostListed is the size of a page, shortListed that after a page was more
	// than an answer may be.
	mostListed, shortListed = 500, 100
	// mostPages bounds one list.
	mostPages = 50
	// oldTasks is how far the clocks of a provider may be off when its list is
	// read no further than the oldest job.
	oldTasks = time.Hour
)

// pages are what lists said of tasks.
type pages struct {
	seen  map[string]kling.Snapshot
	count int
	// complete is set when what is not seen is not in the list either.
	complete bool
	err      error
}

// search reads the list, newest tasks first, until so few are missing that
// asking for each is cheaper.
func search(ctx context.Context, client *provider.Client, size int, wanted []*watched) pages {
	found := pages{seen: map[string]kling.Snapshot{}}
	missing := map[string]bool{}
	oldest := wanted[0].job.SubmittedAt
	for _, one := range wanted {
		missing[one.job.Ref.Task] = true
		if one.job.SubmittedAt.Before(oldest) {
			oldest = one.job.SubmittedAt
		}
	}
	for len(missing) >= leastListed && found.count < min(mostPages, len(wanted)) {
		found.count++
		tasks, err := page(ctx, client, wanted[0].job.Ref.Path, found.count, size)
		if err != nil {
			found.err = err
			return found
		}
		for _, task := range tasks {
			found.seen[task.Task] = task
			delete(missing, task.Task)
		}
		if len(tasks) < size || before(tasks[len(tasks)-1].CreatedAt, oldest.Add(-oldTasks)) {
			found.complete = true
			break
		}
	}
	return found
}

// before reports whether a moment that is known lies before another.
func before(moment, other time.Time) bool { return !moment.IsZero() && moment.Before(other) }

func page(ctx context.Context, client *provider.Client, path string, number, size int) ([]kling.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return client.List(ctx, path, number, size, 1)
}

// whole reports whether an entry of a list says all that a look would say: it
// is of this job, and an end comes with its video or its reason.
func whole(job kling.Job, seen kling.Snapshot) bool {
	switch {
	case seen.ExternalID != "" && job.ExternalID != "" && seen.ExternalID != job.ExternalID:
		return false
	case seen.State == kling.Succeeded:
		return len(seen.Artifacts) > 0
	case seen.State == kling.Failed:
		return seen.Message != "" || seen.Code != ""
	}
	return true
}
