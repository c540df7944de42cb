package batch

import (
	"context"
	"os"

	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

// standing is what is remembered of a row: the job that decides about it.
type standing struct {
	id    string
	key   string
	state kling.State
	// never tells a refused job that nobody turned down.
	never bool
	// saved tells that its files are where they were put.
	saved bool
}

// standings reads how the rows of a batch stand. Of several jobs of one row the
// newest decides, but for one that was bought: a later attempt that came to
// nothing does not hide it.
func standings(ctx context.Context, service *job.Service, batch string) (map[string]standing, error) {
	known := map[string]standing{}
	err := service.Ordered(ctx, batch, func(j kling.Job) error { // newest first
		have, seen := known[j.Row]
		if seen && (have.bought() || !bought(j)) {
			return nil
		}
		service.Keep(j)
		known[j.Row] = standing{
			id: j.ID, key: j.Key, state: j.State, never: job.NeverMade(j),
			saved: j.State == kling.Succeeded && onDisk(j),
		}
		return nil
	})
	return known, err
}

// bought reports a job that exists, or may exist, at its provider and can still
// end in a file.
func bought(j kling.Job) bool { return standing{state: j.State}.bought() }

func (s standing) bought() bool {
	switch s.state {
	case kling.Submitting, kling.Unknown, kling.Queued, kling.Running, kling.Succeeded:
		return true
	case "", kling.Draft, kling.Failed, kling.Refused, kling.Lost:
	}
	return false
}

// over reports a job that ended without a result.
func (s standing) over() bool {
	switch s.state {
	case kling.Failed, kling.Lost:
		return true
	case kling.Refused:
		return !s.never
	case "", kling.Draft, kling.Submitting, kling.Unknown, kling.Queued, kling.Running, kling.Succeeded:
	}
	return false
}

// onDisk reports whether every file of a job is there in its size. Its digest
// was checked when it came.
func onDisk(j kling.Job) bool {
	for _, artifact := range j.Artifacts {
		if !artifact.OnDisk() {
			return false // or a killed process renamed it and did not say so: saving finds it
		}
		info, err := os.Stat(artifact.Path)
		if err != nil || info.Size() != artifact.Bytes {
			return false
		}
	}
	return len(j.Artifacts) > 0
}
