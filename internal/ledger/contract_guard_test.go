package ledger

import (
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// guarded is an intent that only the guard and the budget can hold.
func guarded(at time.Time, window time.Duration, budget Budget) Intent {
	return Intent{Now: at, Deadline: at.Add(time.Minute), Guard: Guard{Window: window}, Budget: budget}
}

// equals are two drafts of one request.
func (c contract) equals() (first, second kling.Job) {
	first, second = draft("aaaa00000001", epoch()), draft("aaaa00000002", epoch())
	second.Key = first.Key
	add(c.t, c.s, first, second)
	return first, second
}

// wantTwin asks both ways, and that the job stays what it is.
func (c contract) wantTwin(id string, at time.Time, window time.Duration, want string) {
	c.t.Helper()
	name := func(twin *kling.Job) string {
		if twin == nil {
			return ""
		}
		return twin.ID
	}
	before := mustGet(c.t, c.s, id)
	twin, err := c.s.Twin(c.t.Context(), before, window, at)
	if got := name(twin); err != nil || got != want {
		c.t.Errorf("the twin of %s is %q (%v), want %q", id, got, err, want)
	}
	if want == "" {
		return
	}
	granted := mustIntend(c.t, c.s, id, guarded(at, window, Budget{}))
	if got := name(granted.Twin); got != want || granted.Wait != 0 || granted.Over != nil {
		c.t.Errorf("the intent of %s is held by %q (%+v), want %q and nothing else", id, got, granted, want)
	}
	if got := mustGet(c.t, c.s, id); got.State != kling.Draft || !got.UpdatedAt.Equal(before.UpdatedAt) {
		c.t.Errorf("a job that was held is %s, want the draft that it was", got.State)
	}
}

func (c contract) guardOpen() {
	t, s := c.t, c.s
	first, second := c.equals()
	c.wantTwin(second.ID, epoch(), 0, "") // a draft may never be sent
	mustIntend(t, s, first.ID, guarded(epoch(), 0, Budget{}))
	for _, state := range []kling.State{kling.Submitting, kling.Queued, kling.Running, kling.Unknown} {
		update(t, s, first.ID, to(state))
		c.wantTwin(second.ID, epoch().AddDate(1, 0, 0), 0, first.ID)
	}
	in := guarded(epoch(), 0, Budget{})
	in.Guard.Off = true
	if granted := mustIntend(t, s, second.ID, in); granted.Job.State != kling.Submitting {
		t.Errorf("bought again on purpose the job is %s, want submitting", granted.Job.State)
	}
	for id, want := range map[string]string{first.ID: second.ID, second.ID: first.ID} {
		twin, err := s.Twin(t.Context(), mustGet(t, s, id), 0, epoch())
		if err != nil || twin == nil || twin.ID != want {
			t.Errorf("the twin of %s is %+v (%v), want the other one", id, twin, err)
		}
	}
}

func (c contract) guardWindow() {
	t, s := c.t, c.s
	first, second := c.equals()
	const window = 10 * time.Minute
	for _, state := range []kling.State{kling.Succeeded, kling.Failed, kling.Lost} {
		update(t, s, first.ID, func(job kling.Job) (kling.Job, error) {
			job.State, job.FinishedAt = state, epoch()
			return job, nil
		})
		c.wantTwin(second.ID, epoch().Add(window-time.Millisecond), window, first.ID)
		c.wantTwin(second.ID, epoch().Add(window), window, "")
		c.wantTwin(second.ID, epoch(), 0, "")
	}
	// One that can be waited for is told before one that is over.
	open := draft("aaaa00000003", epoch().Add(-time.Hour))
	open.Key, open.State = first.Key, kling.Running
	add(t, s, open)
	c.wantTwin(second.ID, epoch(), window, open.ID)
}

func (c contract) guardOthers() {
	t, s := c.t, c.s
	first, second := c.equals()
	update(t, s, first.ID, to(kling.Refused))
	c.wantTwin(second.ID, epoch(), time.Hour, "")
	toy := draft("bbbb00000001", epoch())
	toy.Key, toy.State, toy.Sandbox = first.Key, kling.Running, true
	keyless, keyless2 := draft("bbbb00000002", epoch()), draft("bbbb00000003", epoch())
	keyless.Key, keyless2.Key, keyless2.State = "", "", kling.Running
	add(t, s, toy, keyless, keyless2)
	c.wantTwin(second.ID, epoch(), time.Hour, "")
	c.wantTwin(keyless.ID, epoch(), time.Hour, "")
	if granted := mustIntend(t, s, second.ID, guarded(epoch(), time.Hour, Budget{})); granted.Job.State != kling.Submitting {
		t.Errorf("without a twin the job is %s, want submitting", granted.Job.State)
	}
}

func (c contract) order() {
	t, s := c.t, c.s
	first, second := c.equals()
	budget := Budget{Day: "d", Caps: []Cap{{Name: "max_jobs", Scope: ScopeDay, Unit: Jobs, Micros: micro}}}
	mustIntend(t, s, first.ID, guarded(epoch(), 0, budget))
	if err := s.SlowDown(t.Context(), "kie", false, epoch(), time.Minute); err != nil {
		t.Fatal(err)
	}
	in := guarded(epoch(), 0, budget)
	if got := mustIntend(t, s, second.ID, in); got.Twin == nil || got.Over != nil || got.Wait != 0 {
		t.Errorf("with a twin, over a cap and too soon: %+v, want the twin", got)
	}
	in.Guard.Off = true
	if got := mustIntend(t, s, second.ID, in); got.Twin != nil || got.Over == nil || got.Wait != 0 {
		t.Errorf("over a cap and too soon: %+v, want the cap", got)
	}
	in.Budget.Caps = nil
	if got := mustIntend(t, s, second.ID, in); got.Twin != nil || got.Over != nil || got.Wait != time.Minute {
		t.Errorf("too soon: %+v, want the wait", got)
	}
	wantSpent(t, s, "d", Spending{Provider: "kie", Jobs: 1}) // who waits holds nothing
}

func (c contract) drop() {
	t, s := c.t, c.s
	first, second := c.equals()
	mustIntend(t, s, first.ID, guarded(epoch(), 0, Budget{}))
	wantKind(t, s.Drop(t.Context(), first.ID), fault.Held)
	if err := s.Drop(t.Context(), second.ID); err != nil {
		t.Errorf("Drop of a fresh draft: %v", err)
	}
	wantKind(t, s.Drop(t.Context(), second.ID), fault.NotFound)
	if events, err := s.Events(t.Context(), second.ID); err != nil || len(events) > 0 {
		t.Errorf("%d events (%v) of a dropped draft are left", len(events), err)
	}
	if got := mustGet(t, s, first.ID).State; got != kling.Submitting {
		t.Errorf("the job that is no draft is %s, want submitting", got)
	}
}

func TestOneProcessOfTwentyBuysARequest(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, place string) {
		t.Helper()
		// Each process has a draft of its own; all of them have one key.
		s, granted := race(t, "twins", place)
		if granted != 1 {
			t.Errorf("%d of twenty equal requests may be sent, want 1", granted)
		}
		jobs, err := s.List(t.Context(), Filter{Key: "common", States: []kling.State{kling.Submitting}})
		if err != nil || len(jobs) != 1 {
			t.Errorf("%d rows (%v) are submitting, want 1", len(jobs), err)
		}
	})
}
