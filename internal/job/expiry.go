package job

import (
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

// never stands for links whose end nobody knows, behind all others.
func never() time.Time { return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }

// Expiry is when the first of a job's links dies that has no file yet. A time
// in the year 9999 says that nobody knows.
func Expiry(job kling.Job) time.Time {
	first := never()
	for _, artifact := range job.Artifacts {
		if !artifact.OnDisk() && !artifact.ExpiresAt.IsZero() && artifact.ExpiresAt.Before(first) {
			first = artifact.ExpiresAt
		}
	}
	return first
}

// Expires reports whether Expiry is known.
func Expires(job kling.Job) bool { return Expiry(job).Before(never()) }
