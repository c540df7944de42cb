package kling

import "time"

// Advance applies what a provider said to a job and returns the job as it now
// stands. It is pure, total and idempotent: a terminal state absorbs
// everything but links and cost, an older answer never moves a job back, and
// files already on disk are never forgotten.
func Advance(job Job, seen Snapshot, now time.Time) Job {
	next := job
	if seen.RequestID != "" {
		next.RequestID = seen.RequestID
	}
	if next.Ref.Task == "" && seen.Task != "" {
		next.Ref.Task = seen.Task
	}
	if next.Cost == nil {
		next.Cost = seen.Cost
	}
	switch {
	case job.State.Terminal():
		if job.State == Succeeded && seen.State == Succeeded {
			next.Artifacts = mergeArtifacts(job.Artifacts, seen.Artifacts)
		}
	case seen.State.rank() < job.State.rank():
		// A late answer: nothing to learn.
	default:
		next.State = seen.State
		next.Word = seen.Word
		next.Code, next.Message = seen.Code, seen.Message
		next.Artifacts = mergeArtifacts(job.Artifacts, seen.Artifacts)
	}
	if next.Ref.Task != "" && next.SubmittedAt.IsZero() && next.State.rank() >= Queued.rank() {
		next.SubmittedAt = now
	}
	if next.State.Terminal() && next.FinishedAt.IsZero() {
		next.FinishedAt = now
	}
	if changed(job, next) {
		next.UpdatedAt = now
	}
	return next
}

// mergeArtifacts takes fresh links by position and kind and keeps what is
// already known of the files.
func mergeArtifacts(have, seen []Artifact) []Artifact {
	if len(seen) == 0 {
		return have
	}
	merged := make([]Artifact, 0, max(len(have), len(seen)))
	for i, fresh := range seen {
		if i < len(have) && have[i].Kind == fresh.Kind {
			fresh.Path, fresh.SHA256, fresh.Bytes = have[i].Path, have[i].SHA256, have[i].Bytes
			if fresh.URL == have[i].URL && !have[i].ExpiresAt.IsZero() {
				fresh.ExpiresAt = have[i].ExpiresAt
			}
		}
		merged = append(merged, fresh)
	}
	if len(have) > len(seen) {
		merged = append(merged, have[len(seen):]...)
	}
	return merged
}

func changed(a, b Job) bool {
	if a.State != b.State || a.Word != b.Word || a.Code != b.Code || a.Message != b.Message ||
		a.Ref != b.Ref || a.RequestID != b.RequestID || a.Cost != b.Cost || len(a.Artifacts) != len(b.Artifacts) {
		return true
	}
	for i := range a.Artifacts {
		if a.Artifacts[i] != b.Artifacts[i] {
			return true
		}
	}
	return false
}
