package kling_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/kling"
)

// word draws a short text, often empty, from few enough that two draws meet.
func word() *rapid.Generator[string] { return rapid.SampledFrom([]string{"", "", "a", "b", "c"}) }

func moment() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		seconds := rapid.Int64Range(0, 1000).Draw(t, "seconds")
		if seconds == 0 {
			return time.Time{}
		}
		return time.Unix(1_700_000_000+seconds, 0).UTC()
	})
}

func cost() *rapid.Generator[*kling.Cost] {
	return rapid.SampledFrom([]*kling.Cost{nil, {Amount: "1", Unit: "credits"}, {Amount: "2", Unit: "credits"}})
}

// artifacts draws results; only those of a job have files.
func artifacts(files bool) *rapid.Generator[[]kling.Artifact] {
	one := rapid.Custom(func(t *rapid.T) kling.Artifact {
		a := kling.Artifact{
			Kind: rapid.SampledFrom([]kling.ArtifactKind{kling.Video, kling.Watermarked}).Draw(t, "kind"),
			URL:  word().Draw(t, "url"), Seconds: float64(rapid.IntRange(0, 2).Draw(t, "length")),
			ExpiresAt: moment().Draw(t, "expires"),
		}
		if files && rapid.Bool().Draw(t, "on disk") {
			a.Path, a.SHA256 = "/p/"+word().Draw(t, "path"), "s"+word().Draw(t, "sha")
			a.Bytes = rapid.Int64Range(1, 9).Draw(t, "bytes")
		}
		return a
	})
	return rapid.SliceOfN(one, 0, 4)
}

func state() *rapid.Generator[kling.State] { return rapid.SampledFrom(kling.States()) }

func jobs() *rapid.Generator[kling.Job] {
	return rapid.Custom(func(t *rapid.T) kling.Job {
		return kling.Job{
			ID: "0123456789ab", Ref: kling.Ref{Provider: "kie", Task: word().Draw(t, "task")},
			State: state().Draw(t, "state"), Word: word().Draw(t, "word"),
			Code: word().Draw(t, "code"), Message: word().Draw(t, "message"), RequestID: word().Draw(t, "request"),
			Cost: cost().Draw(t, "cost"), Artifacts: artifacts(true).Draw(t, "artifacts"),
			CreatedAt: time.Unix(1_700_000_000, 0).UTC(), UpdatedAt: moment().Draw(t, "updated"),
			SubmittedAt: moment().Draw(t, "submitted"), FinishedAt: moment().Draw(t, "finished"),
		}
	})
}

// snapshots also draws states that no dialect ought to give.
func snapshots() *rapid.Generator[kling.Snapshot] {
	return rapid.Custom(func(t *rapid.T) kling.Snapshot {
		states := append(kling.States(), "", "nonsense")
		return kling.Snapshot{
			Task: word().Draw(t, "task"), State: rapid.SampledFrom(states).Draw(t, "state"),
			Word: word().Draw(t, "word"), Recognised: true,
			Code: word().Draw(t, "code"), Message: word().Draw(t, "message"), RequestID: word().Draw(t, "request"),
			Artifacts: artifacts(false).Draw(t, "artifacts"), Cost: cost().Draw(t, "cost"),
		}
	})
}

// soon is later than every time that moment draws.
func soon() time.Time { return time.Unix(1_700_002_000, 0).UTC() }

// files are the files that a job knows, by digest and kind.
func files(job kling.Job) map[kling.Artifact]int {
	known := map[kling.Artifact]int{}
	for _, a := range job.Artifacts {
		if a.OnDisk() {
			known[kling.Artifact{Kind: a.Kind, Path: a.Path, SHA256: a.SHA256, Bytes: a.Bytes}]++
		}
	}
	return known
}

func TestAdvanceTwiceIsOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		job, seen := jobs().Draw(t, "job"), snapshots().Draw(t, "snapshot")
		once := kling.Advance(job, seen, soon())
		again := seen
		if seen.Cost != nil { // a second answer is decoded anew
			same := *seen.Cost
			again.Cost = &same
		}
		twice := kling.Advance(once, again, soon().Add(time.Hour))
		if diff := cmp.Diff(once, twice); diff != "" {
			t.Errorf("the second application changed the job (-once +twice):\n%s", diff)
		}
	})
}

func TestAdvanceNeverGoesBack(t *testing.T) {
	t.Parallel()
	order := map[kling.State]int{
		kling.Draft: 0, kling.Submitting: 1, kling.Unknown: 2, kling.Queued: 3, kling.Running: 4,
		kling.Succeeded: 5, kling.Failed: 5, kling.Refused: 5, kling.Lost: 5,
	}
	rapid.Check(t, func(t *rapid.T) {
		job, seen := jobs().Draw(t, "job"), snapshots().Draw(t, "snapshot")
		next := kling.Advance(job, seen, soon())
		if !next.State.Valid() {
			t.Fatalf("state is %q, which is none", next.State)
		}
		if order[next.State] < order[job.State] {
			t.Errorf("went back from %s to %s", job.State, next.State)
		}
		if job.State.Terminal() {
			kept := next
			kept.Ref.Task, kept.Cost, kept.Artifacts = job.Ref.Task, job.Cost, job.Artifacts
			kept.UpdatedAt, kept.SubmittedAt, kept.FinishedAt = job.UpdatedAt, job.SubmittedAt, job.FinishedAt
			if diff := cmp.Diff(job, kept); diff != "" {
				t.Errorf("a terminal state let more than task, links and cost through:\n%s", diff)
			}
			if job.State != kling.Succeeded && !cmp.Equal(job.Artifacts, next.Artifacts) {
				t.Errorf("a %s job took links", job.State)
			}
		}
		if job.Ref.Task != "" && next.Ref != job.Ref {
			t.Errorf("a task id was replaced: got %v, want %v", next.Ref, job.Ref)
		}
		if job.Cost != nil && next.Cost != job.Cost {
			t.Errorf("a cost was replaced: got %v, want %v", next.Cost, job.Cost)
		}
	})
}

func TestAdvanceForgetsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		job, seen := jobs().Draw(t, "job"), snapshots().Draw(t, "snapshot")
		before := append([]kling.Artifact(nil), job.Artifacts...)
		next := kling.Advance(job, seen, soon())
		if diff := cmp.Diff(files(job), files(next)); diff != "" {
			t.Errorf("files changed (-had +has):\n%s", diff)
		}
		for _, kind := range []kling.ArtifactKind{kling.Video, kling.Watermarked} {
			had, has := count(job.Artifacts, kind), count(next.Artifacts, kind)
			if has < had {
				t.Errorf("had %d of kind %s, has %d", had, kind, has)
			}
		}
		if diff := cmp.Diff(before, append([]kling.Artifact(nil), job.Artifacts...)); diff != "" {
			t.Errorf("the argument was changed:\n%s", diff)
		}
	})
}

func count(list []kling.Artifact, kind kling.ArtifactKind) int {
	n := 0
	for _, a := range list {
		if a.Kind == kind {
			n++
		}
	}
	return n
}

func TestAdvanceKeepsTimesInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		job, seen := jobs().Draw(t, "job"), snapshots().Draw(t, "snapshot")
		now := moment().Draw(t, "now") // a clock may be set back
		next := kling.Advance(job, seen, now)
		if next.UpdatedAt.Before(job.UpdatedAt) {
			t.Errorf("UpdatedAt went back from %v to %v", job.UpdatedAt, next.UpdatedAt)
		}
		if cmp.Equal(job, next) != next.UpdatedAt.Equal(job.UpdatedAt) && now.After(job.UpdatedAt) {
			t.Errorf("UpdatedAt %v, was %v, but the job changed: %v", next.UpdatedAt, job.UpdatedAt, !cmp.Equal(job, next))
		}
		if !job.FinishedAt.IsZero() && !next.FinishedAt.Equal(job.FinishedAt) {
			t.Errorf("FinishedAt moved from %v to %v", job.FinishedAt, next.FinishedAt)
		}
		if job.FinishedAt.IsZero() && next.State.Terminal() && !next.FinishedAt.Equal(now) {
			t.Errorf("FinishedAt is %v, want %v", next.FinishedAt, now)
		}
		if job.FinishedAt.IsZero() && !next.State.Terminal() && !next.FinishedAt.IsZero() {
			t.Errorf("FinishedAt is set in state %s", next.State)
		}
		if !job.SubmittedAt.IsZero() && !next.SubmittedAt.Equal(job.SubmittedAt) {
			t.Errorf("SubmittedAt moved from %v to %v", job.SubmittedAt, next.SubmittedAt)
		}
	})
}

func TestAdvance(t *testing.T) {
	t.Parallel()
	file := kling.Artifact{Kind: kling.Video, URL: "old", Path: "/a.mp4", SHA256: "aa", Bytes: 7, ExpiresAt: soon()}
	tests := map[string]struct {
		job  kling.Job
		seen kling.Snapshot
		want kling.Job
	}{
		"the answer to a create makes the job findable": {
			kling.Job{State: kling.Submitting},
			kling.Snapshot{Task: "t1", State: kling.Queued, Word: "submitted", RequestID: "r"},
			kling.Job{
				State: kling.Queued, Word: "submitted", RequestID: "r", Ref: kling.Ref{Task: "t1"},
				SubmittedAt: soon(), UpdatedAt: soon(),
			},
		},
		"an unknown job that is found loses its complaint": {
			kling.Job{State: kling.Unknown, Code: "eof", Message: "no answer"},
			kling.Snapshot{Task: "t1", State: kling.Running, Word: "processing"},
			kling.Job{State: kling.Running, Word: "processing", Ref: kling.Ref{Task: "t1"}, SubmittedAt: soon(), UpdatedAt: soon()},
		},
		"a late answer changes nothing": {
			kling.Job{State: kling.Running, Word: "processing", Ref: kling.Ref{Task: "t1"}, SubmittedAt: soon(), RequestID: "new"},
			kling.Snapshot{Task: "t1", State: kling.Queued, Word: "submitted", RequestID: "old"},
			kling.Job{State: kling.Running, Word: "processing", Ref: kling.Ref{Task: "t1"}, SubmittedAt: soon(), RequestID: "new"},
		},
		"a state that is none changes nothing": {
			kling.Job{State: kling.Draft}, kling.Snapshot{State: ""}, kling.Job{State: kling.Draft},
		},
		"a failed job does not rise again": {
			kling.Job{State: kling.Failed, Message: "moderated", FinishedAt: soon()},
			kling.Snapshot{State: kling.Succeeded, Artifacts: []kling.Artifact{{Kind: kling.Video, URL: "x"}}},
			kling.Job{State: kling.Failed, Message: "moderated", FinishedAt: soon()},
		},
		"fresh links find their files in another order": {
			kling.Job{State: kling.Succeeded, FinishedAt: soon(), Artifacts: []kling.Artifact{file}},
			kling.Snapshot{State: kling.Succeeded, Artifacts: []kling.Artifact{
				{Kind: kling.Watermarked, URL: "marked"},
				{Kind: kling.Video, URL: "new", Path: "/etc/passwd", SHA256: "ff", ExpiresAt: soon().Add(time.Hour)},
			}},
			kling.Job{State: kling.Succeeded, FinishedAt: soon(), UpdatedAt: soon(), Artifacts: []kling.Artifact{
				{Kind: kling.Watermarked, URL: "marked"},
				{Kind: kling.Video, URL: "new", Path: "/a.mp4", SHA256: "aa", Bytes: 7, ExpiresAt: soon().Add(time.Hour)},
			}},
		},
		"a link that does not change keeps its first end": {
			kling.Job{State: kling.Succeeded, FinishedAt: soon(), Artifacts: []kling.Artifact{file}},
			kling.Snapshot{State: kling.Succeeded, Artifacts: []kling.Artifact{{Kind: kling.Video, URL: "old", ExpiresAt: soon().Add(time.Hour)}}},
			kling.Job{State: kling.Succeeded, FinishedAt: soon(), Artifacts: []kling.Artifact{file}},
		},
		"cost may come after the end": {
			kling.Job{State: kling.Succeeded, FinishedAt: soon()},
			kling.Snapshot{State: kling.Succeeded, Cost: &kling.Cost{Amount: "3", Unit: "units"}},
			kling.Job{State: kling.Succeeded, FinishedAt: soon(), UpdatedAt: soon(), Cost: &kling.Cost{Amount: "3", Unit: "units"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, kling.Advance(test.job, test.seen, soon())); diff != "" {
				t.Errorf("Advance (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAdvanceIsTotal walks every state against every state.
func TestAdvanceIsTotal(t *testing.T) {
	t.Parallel()
	for _, from := range kling.States() {
		for _, to := range append(kling.States(), "", "nonsense") {
			next := kling.Advance(kling.Job{State: from}, kling.Snapshot{State: to}, soon())
			switch {
			case from.Terminal() && next.State != from:
				t.Errorf("%s left its end for %s", from, next.State)
			case !from.Terminal() && to.Terminal() && next.State != to:
				t.Errorf("%s seen as %s became %s", from, to, next.State)
			case from.InFlight() && !next.State.InFlight() && !next.State.Terminal():
				t.Errorf("%s in flight seen as %q became %s", from, to, next.State)
			}
		}
	}
}
