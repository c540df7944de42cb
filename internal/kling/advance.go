package kling

import (
	"slices"
	"time"
)

// Advance applies what a provider said to a job and returns the job as it now
// stands. It is pure, total and idempotent: a terminal state absorbs
// everything but a task id, links and cost, an older answer never moves a job
// back, a state that is none changes nothing, and files already on disk are
// never forgotten.
func Advance(job Job, seen Snapshot, now time.Time) Job {
	next := job
	if next.Ref.Task == "" && seen.Task != "" {
		next.Ref.Task = seen.Task // even late: it is how a bought job is found
	}
	if next.Cost == nil {
		next.Cost = seen.Cost
	}
	switch {
	case job.State.Terminal():
		if job.State == Succeeded && seen.State == Succeeded {
			next.Artifacts = mergeArtifacts(job.Artifacts, seen.Artifacts)
		}
	case !seen.State.Valid(), seen.State.rank() < job.State.rank():
		// A late answer or none: nothing to learn.
	default:
		next.State = seen.State
		next.Word = seen.Word
		next.Code, next.Message = seen.Code, seen.Message
		next.Artifacts = mergeArtifacts(job.Artifacts, seen.Artifacts)
		if seen.RequestID != "" {
			next.RequestID = seen.RequestID
		}
	}
	if next.Ref.Task != "" && next.SubmittedAt.IsZero() && next.State.rank() >= Queued.rank() {
		next.SubmittedAt = now
	}
	if next.State.Terminal() && next.FinishedAt.IsZero() {
		next.FinishedAt = now
	}
	if changed(job, next) && now.After(job.UpdatedAt) {
		next.UpdatedAt = now
	}
	return next
}

// mergeArtifacts takes fresh links and keeps what is already known of the
// files. The second video belongs to the second video, wherever in the list
// the provider puts it now.
func mergeArtifacts(have, seen []Artifact) []Artifact {
	if len(seen) == 0 {
		return have
	}
	merged := make([]Artifact, 0, max(len(have), len(seen)))
	taken := make([]bool, len(have))
	for _, fresh := range seen {
		fresh.Path, fresh.SHA256, fresh.Bytes, fresh.Placing = "", "", 0, false // not the provider's to say
		for i, known := range have {
			if !taken[i] && known.Kind == fresh.Kind {
				taken[i] = true
				fresh = renewed(known, fresh)
				break
			}
		}
		merged = append(merged, fresh)
	}
	for i, known := range have {
		if !taken[i] {
			merged = append(merged, known)
		}
	}
	return merged
}

// renewed is a known artifact with what a fresh answer adds to it.
func renewed(known, fresh Artifact) Artifact {
	if fresh.URL != "" && fresh.URL != known.URL {
		known.URL, known.ExpiresAt = fresh.URL, fresh.ExpiresAt
	}
	if known.ExpiresAt.IsZero() {
		known.ExpiresAt = fresh.ExpiresAt
	}
	if fresh.Seconds != 0 {
		known.Seconds = fresh.Seconds
	}
	return known
}

func changed(a, b Job) bool {
	return a.State != b.State || a.Word != b.Word || a.Code != b.Code || a.Message != b.Message ||
		a.Ref != b.Ref || a.RequestID != b.RequestID || (a.Cost == nil) != (b.Cost == nil) ||
		!a.SubmittedAt.Equal(b.SubmittedAt) || !a.FinishedAt.Equal(b.FinishedAt) ||
		!slices.EqualFunc(a.Artifacts, b.Artifacts, sameArtifact)
}

// sameArtifact compares times as moments: a stored one has lost its zone.
func sameArtifact(a, b Artifact) bool {
	moment := a.ExpiresAt.Equal(b.ExpiresAt)
	a.ExpiresAt, b.ExpiresAt = time.Time{}, time.Time{}
	return moment && a == b
}
