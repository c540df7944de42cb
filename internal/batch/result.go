package batch

import (
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

// End is how a row stands when this run is through with it.
type End string

const (
	// Done rows have all their files, brought by this run.
	Done End = "done"
	// Kept rows had all their files before this run.
	Kept End = "kept"
	// Changed rows were bought, and have been changed since: they are left as
	// they are unless the user wants them anew.
	Changed End = "changed"
	// Failed rows have a job that failed, was refused or is lost.
	Failed End = "failed"
	// Bad rows cannot be ordered as they are: nothing was sent.
	Bad End = "bad"
	// Unsaved rows have a job that succeeded and a file that could not be
	// brought.
	Unsaved End = "unsaved"
	// Doubtful rows may have been bought: their create got no clear answer.
	Doubtful End = "unknown"
	// Open rows have a job that goes on at its provider.
	Open End = "open"
	// Waiting rows were not bought yet when this run was stopped.
	Waiting End = "waiting"
)

// Ends lists every End, in the order of a summary.
func Ends() []End {
	return []End{Done, Kept, Changed, Open, Waiting, Failed, Bad, Unsaved, Doubtful}
}

// Trouble reports an end that the user has to do something about.
func (e End) Trouble() bool {
	switch e {
	case Failed, Bad, Unsaved, Doubtful:
		return true
	case Done, Kept, Changed, Open, Waiting:
	}
	return false
}

// Result is one row when this run is through with it.
type Result struct {
	Row Row
	End End
	// Job is the zero Job where nothing was ever sent.
	Job kling.Job
	// Err is why there is no file; nil for a job that failed, which says
	// itself why.
	Err error
	// Took is how long this run worked on the row.
	Took time.Duration
}

// Summary is how a batch stands at the end of a run.
type Summary struct {
	// Rows is how many this run had to do with, Ends how many ended how.
	Rows int
	Ends map[End]int
	// Bought is how many jobs this run bought for certain.
	Bought int
	// Stopped is why nothing more was bought before the last row; nil when
	// that was not so.
	Stopped error
}

// Files is how many rows have their files.
func (s Summary) Files() int { return s.Ends[Done] + s.Ends[Kept] + s.Ends[Changed] }

// Trouble is how many rows need the user.
func (s Summary) Trouble() int {
	n := 0
	for end, count := range s.Ends {
		if end.Trouble() {
			n += count
		}
	}
	return n
}

// endOf judges a job that no step is left for.
func endOf(j kling.Job, err error) End {
	switch j.State {
	case "", kling.Draft:
		if fault.Is(err, fault.Usage) {
			return Bad
		}
		return Waiting
	case kling.Submitting, kling.Queued, kling.Running:
		return Open
	case kling.Unknown:
		return Doubtful
	case kling.Succeeded:
		if err != nil {
			return Unsaved
		}
		return Done
	case kling.Failed, kling.Lost:
		return Failed
	case kling.Refused:
		if job.NeverMade(j) {
			return Waiting
		}
	}
	return Failed
}
