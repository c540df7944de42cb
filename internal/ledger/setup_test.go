package ledger

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// epoch is when every test begins.
func epoch() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }

func openAt(tb testing.TB, path string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), Options{Path: path})
	if err != nil {
		tb.Fatalf("Open: %v", err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// inFile is the SQLite file of a store.
func inFile(s *Store) *file {
	kept, _ := s.engine.(*file)
	return kept
}

func openNew(t *testing.T) *Store {
	t.Helper()
	return openAt(t, newFile(t))
}

func draft(id string, at time.Time) kling.Job {
	return kling.Job{
		ID: id, Ref: kling.Ref{Provider: "kie"}, Model: "kling-2.6/image-to-video", Kind: kling.ImageToVideo,
		Prompt: "a boat", Key: "k-" + id, Seconds: 5, State: kling.Draft, CreatedAt: at, UpdatedAt: at,
		Request: []byte(`{"prompt":"a boat"}`), Settings: []byte(`{"base_url":"https://example.org"}`),
	}
}

// to is a change of state and nothing else.
func to(state kling.State) func(kling.Job) (kling.Job, error) {
	return func(job kling.Job) (kling.Job, error) {
		job.State = state
		return job, nil
	}
}

func add(tb testing.TB, s *Store, jobs ...kling.Job) {
	tb.Helper()
	for _, job := range jobs {
		if err := s.Add(tb.Context(), job); err != nil {
			tb.Fatalf("Add(%s): %v", job.ID, err)
		}
	}
}

func update(tb testing.TB, s *Store, id string, change func(kling.Job) (kling.Job, error)) kling.Job {
	tb.Helper()
	job, err := s.Update(tb.Context(), id, epoch(), change)
	if err != nil {
		tb.Fatalf("Update(%s): %v", id, err)
	}
	return job
}

// intend asks for a create that only the pace can hold up.
func intend(ctx context.Context, s *Store, id string, now, deadline time.Time, pace Pace) (kling.Job, time.Duration, error) {
	granted, err := s.Intend(ctx, id, Intent{Now: now, Deadline: deadline, Pace: pace})
	return granted.Job, granted.Wait, err
}

func ids(jobs []kling.Job) string {
	names := make([]string, 0, len(jobs))
	for _, job := range jobs {
		names = append(names, job.ID)
	}
	return strings.Join(names, " ")
}

func wantKind(t *testing.T, err error, want fault.Kind) {
	t.Helper()
	if got := fault.KindOf(err); got != want {
		t.Errorf("the error is %q (%v), want %q", got, err, want)
	}
}

// wantLocal is a fault of this machine that names the file and a way out.
func wantLocal(t *testing.T, err error, path string) {
	t.Helper()
	wantKind(t, err, fault.Local)
	if err == nil {
		return
	}
	if !strings.Contains(err.Error(), path) {
		t.Errorf("the error %q does not name %s", err, path)
	}
	if f := fault.Of(err); f == nil || f.Hint == "" {
		t.Errorf("the error %q has no hint", err)
	}
}

func mustIntend(tb testing.TB, s *Store, id string, in Intent) Granted {
	tb.Helper()
	granted, err := s.Intend(tb.Context(), id, in)
	if err != nil {
		tb.Fatalf("Intend(%s): %v", id, err)
	}
	return granted
}

// ended is a job that is over and what it cost.
func ended(state kling.State, amount, unit string) func(kling.Job) (kling.Job, error) {
	return func(job kling.Job) (kling.Job, error) {
		job.State, job.Cost = state, &kling.Cost{Amount: amount, Unit: unit}
		return job, nil
	}
}

func wantSpent(t *testing.T, s *Store, day string, want ...Spending) {
	t.Helper()
	got, err := s.Spent(t.Context(), day, false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the spending of %s is another (-want +got):\n%s", day, diff)
	}
}
