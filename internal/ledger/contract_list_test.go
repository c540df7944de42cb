package ledger

import (
	"errors"
	"fmt"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

func (c contract) list() {
	t, s := c.t, c.s
	at := func(id string, minute int, state kling.State) kling.Job {
		job := draft(id, epoch().Add(time.Duration(minute)*time.Minute))
		job.State = state
		return job
	}
	saved, half := at("cccc00000000", 3, kling.Succeeded), at("dddd00000000", 4, kling.Succeeded)
	saved.Artifacts = []kling.Artifact{{Kind: kling.Video, SHA256: "ab"}}
	half.Artifacts = []kling.Artifact{{Kind: kling.Video, SHA256: "ab"}, {Kind: kling.Watermarked}}
	elsewhere := at("eeee00000000", 5, kling.Running)
	elsewhere.Ref.Provider = "kling"
	elsewhere.Artifacts = []kling.Artifact{{Kind: kling.Video}}
	saved.Batch, saved.Row = "cats", "a.png"
	half.Batch, half.Row = "cats", "b.png"
	add(t, s, half, at("aaaa00000000", 1, kling.Queued), elsewhere, at("bbbb00000000", 1, kling.Draft), saved)

	for name, test := range map[string]struct {
		filter Filter
		want   string
	}{
		"everything":         {Filter{}, "eeee00000000 dddd00000000 cccc00000000 bbbb00000000 aaaa00000000"},
		"one state":          {Filter{States: []kling.State{kling.Succeeded}}, "dddd00000000 cccc00000000"},
		"two states":         {Filter{States: []kling.State{kling.Queued, kling.Running, kling.Queued}}, "eeee00000000 aaaa00000000"},
		"a provider":         {Filter{Provider: "kling"}, "eeee00000000"},
		"a key":              {Filter{Key: "k-bbbb00000000"}, "bbbb00000000"},
		"from a time on":     {Filter{Since: epoch().Add(4 * time.Minute)}, "eeee00000000 dddd00000000"},
		"a few":              {Filter{Limit: 2}, "eeee00000000 dddd00000000"},
		"with files missing": {Filter{Unsaved: true}, "dddd00000000"},
		"a batch":            {Filter{Batch: "cats"}, "dddd00000000 cccc00000000"},
		"a row of a batch":   {Filter{Batch: "cats", Row: "a.png"}, "cccc00000000"},
		"nothing":            {Filter{Provider: "nobody"}, ""},
	} {
		jobs, err := s.List(t.Context(), test.filter)
		if got := ids(jobs); err != nil || got != test.want {
			t.Errorf("%s: List = %q, %v, want %q", name, got, err, test.want)
		}
	}
	update(t, s, half.ID, func(job kling.Job) (kling.Job, error) {
		job.Artifacts[1].SHA256 = "cd"
		return job, nil
	})
	if jobs, err := s.List(t.Context(), Filter{Unsaved: true}); err != nil || len(jobs) > 0 {
		t.Errorf("with every file stored %q (%v) is unsaved, want nothing", ids(jobs), err)
	}
}

func (c contract) counts() {
	t, s := c.t, c.s
	for i, state := range []kling.State{kling.Queued, kling.Running, kling.Running, kling.Failed} {
		job := draft(fmt.Sprintf("aaaa%08d", i), epoch())
		job.State = state
		if i > 0 {
			job.Batch, job.Row = "cats", "a.png"
		}
		add(t, s, job)
	}
	for name, test := range map[string]struct {
		filter Filter
		want   string
	}{
		"all":              {Filter{}, "map[failed:1 queued:1 running:2]"},
		"a batch":          {Filter{Batch: "cats"}, "map[failed:1 running:2]"},
		"states of a row":  {Filter{Batch: "cats", Row: "a.png", States: []kling.State{kling.Running}}, "map[running:2]"},
		"nothing":          {Filter{Batch: "dogs"}, "map[]"},
		"more than limits": {Filter{Batch: "cats", Limit: 1}, "map[failed:1 running:2]"},
	} {
		counts, err := s.Counts(t.Context(), test.filter)
		if got := fmt.Sprint(counts); err != nil || got != test.want {
			t.Errorf("%s: the counts are %s (%v), want %s", name, got, err, test.want)
		}
	}
}

func (c contract) addAll() {
	t, s := c.t, c.s
	jobs := make([]kling.Job, 2*maxGroup+10)
	for i := range jobs {
		jobs[i] = draft(fmt.Sprintf("aaaa%08d", i), epoch())
	}
	if err := s.AddAll(t.Context(), jobs[:maxGroup+1]); err != nil {
		t.Fatal(err)
	}
	if events, err := s.Events(t.Context(), jobs[maxGroup].ID); err != nil || len(events) != 1 {
		t.Errorf("%d events (%v) of a job added with others, want its first", len(events), err)
	}
	// One of the second transaction is there already.
	wantKind(t, s.AddAll(t.Context(), append(jobs[maxGroup+1:2*maxGroup+3:2*maxGroup+3], jobs[0])), fault.Internal)
	counts, err := s.Counts(t.Context(), Filter{})
	if want := 2*maxGroup + 1; err != nil || counts[kling.Draft] != want {
		t.Errorf("%v (%v) are there, want the %d drafts of whole transactions", counts, err, want)
	}
	if err := s.AddAll(t.Context(), nil); err != nil {
		t.Errorf("AddAll of nothing: %v", err)
	}
}

func (c contract) each() {
	t, s := c.t, c.s
	const all = 2*page + 50
	jobs := make([]kling.Job, all)
	for i := range jobs {
		// Several share a millisecond, across the edge of a page too.
		jobs[i] = draft(fmt.Sprintf("aaaa%08d", i), epoch().Add(time.Duration(i/7)*time.Millisecond))
	}
	if err := s.AddAll(t.Context(), jobs); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	last := "zzzz"
	err := s.Each(t.Context(), Filter{States: []kling.State{kling.Draft, kling.Failed}}, func(job kling.Job) error {
		if seen[job.ID] || job.ID > last {
			return fmt.Errorf("%s comes twice or too late", job.ID)
		}
		seen[job.ID], last = true, job.ID
		if len(seen)%5 > 0 {
			return nil
		}
		_, err := s.Update(t.Context(), job.ID, epoch(), to(kling.Failed))
		return err
	})
	if err != nil || len(seen) != all {
		t.Errorf("Each saw %d jobs (%v), want %d", len(seen), err, all)
	}
	stop := errors.New("enough")
	count := 0
	err = s.Each(t.Context(), Filter{Limit: page + 1}, func(kling.Job) error {
		if count++; count == page+1 {
			return stop
		}
		return nil
	})
	if err != stop { //nolint:errorlint // the very same error is promised
		t.Errorf("Each ended with %v after %d, want the function's error after %d", err, count, page+1)
	}
}

func (c contract) intend() {
	t, s := c.t, c.s
	add(t, s, draft("aaaabbbbcccc", epoch()))
	deadline := epoch().Add(90 * time.Second)
	got, wait, err := intend(t.Context(), s, "aaaabbbbcccc", epoch(), deadline, Pace{})
	if err != nil || wait != 0 || got.State != kling.Submitting || !got.CreateDeadline.Equal(deadline) {
		t.Errorf("Intend = %+v, %v, %v, want a submitting job with its deadline", got, wait, err)
	}
	for _, state := range kling.States() {
		if state == kling.Draft {
			continue
		}
		update(t, s, "aaaabbbbcccc", to(state))
		_, _, err := intend(t.Context(), s, "aaaabbbbcccc", epoch(), deadline, Pace{})
		wantKind(t, err, fault.Held)
		if got := mustGet(t, s, "aaaabbbbcccc").State; got != state {
			t.Errorf("a second intent made a %s job %s", state, got)
		}
	}
	add(t, s, draft("bbbbbbbbcccc", epoch()))
	_, _, err = intend(t.Context(), s, "bbbbbbbbcccc", epoch(), epoch(), Pace{})
	wantKind(t, err, fault.Internal)
}

func (c contract) inFlight() {
	t, s := c.t, c.s
	pace := Pace{InFlight: 2, Younger: time.Hour}
	begin := func(id string, at time.Time) time.Duration {
		t.Helper()
		_, wait, err := intend(t.Context(), s, id, at, at.Add(time.Minute), pace)
		if err != nil {
			t.Fatal(err)
		}
		return wait
	}
	// The age counts from the intent: these drafts are a day old.
	for _, id := range []string{"aaaa00000001", "aaaa00000002", "aaaa00000003", "aaaa00000004"} {
		add(t, s, draft(id, epoch().AddDate(0, 0, -1)))
	}
	if a, b := begin("aaaa00000001", epoch()), begin("aaaa00000002", epoch()); a != 0 || b != 0 {
		t.Fatalf("the first two wait %v and %v, want none", a, b)
	}
	for _, state := range []kling.State{kling.Submitting, kling.Queued, kling.Running, kling.Unknown} {
		update(t, s, "aaaa00000001", to(state))
		if begin("aaaa00000003", epoch()) <= 0 {
			t.Errorf("a third one goes beside a job that is %s, want a wait", state)
		}
	}
	if got := mustGet(t, s, "aaaa00000003").State; got != kling.Draft {
		t.Errorf("a waiting job is %s, want draft", got)
	}
	update(t, s, "aaaa00000001", to(kling.Failed))
	if wait := begin("aaaa00000003", epoch()); wait != 0 {
		t.Errorf("a third one waits %v when one is over, want none", wait)
	}
	if wait := begin("aaaa00000004", epoch().Add(time.Hour)); wait != 0 {
		t.Errorf("a fourth one waits %v when the others were given up, want none", wait)
	}
}

func (c contract) slowDown() {
	t, s := c.t, c.s
	add(t, s, draft("aaaa00000001", epoch()))
	for _, ask := range []time.Duration{time.Minute, time.Second, -time.Hour} {
		if err := s.SlowDown(t.Context(), "kie", false, epoch(), ask); err != nil {
			t.Fatal(err)
		}
	}
	_, wait, err := intend(t.Context(), s, "aaaa00000001", epoch().Add(20*time.Second), epoch().Add(time.Hour), Pace{})
	if err != nil || wait != 40*time.Second {
		t.Errorf("20 s after being asked for a minute: wait %v, %v, want 40s", wait, err)
	}
	_, wait, err = intend(t.Context(), s, "aaaa00000001", epoch().Add(time.Minute), epoch().Add(time.Hour), Pace{})
	if err != nil || wait != 0 {
		t.Errorf("after the minute: wait %v, %v, want none", wait, err)
	}
}

func (c contract) sandboxPace() {
	t, s := c.t, c.s
	paid, toy := draft("aaaa00000001", epoch()), draft("aaaa00000002", epoch())
	toy.Sandbox = true
	add(t, s, paid, toy)
	if err := s.SlowDown(t.Context(), "kie", true, epoch(), time.Minute); err != nil {
		t.Fatal(err)
	}
	_, wait, err := intend(t.Context(), s, paid.ID, epoch(), epoch().Add(time.Minute), Pace{})
	if err != nil || wait != 0 {
		t.Errorf("a real create waits %v (%v) for the sandbox, want none", wait, err)
	}
	_, wait, err = intend(t.Context(), s, toy.ID, epoch(), epoch().Add(time.Minute), Pace{})
	if err != nil || wait != time.Minute {
		t.Errorf("a sandbox create waits %v (%v), want a minute", wait, err)
	}
}

func (c contract) sweep() {
	t, s := c.t, c.s
	deadline := epoch().Add(time.Minute)
	add(t, s, draft("aaaa00000001", epoch()), draft("aaaa00000002", epoch()), draft("aaaa00000003", epoch()))
	for _, id := range []string{"aaaa00000001", "aaaa00000002"} {
		if _, _, err := intend(t.Context(), s, id, epoch(), deadline, Pace{}); err != nil {
			t.Fatal(err)
		}
	}
	update(t, s, "aaaa00000002", to(kling.Queued))
	if swept, err := s.Sweep(t.Context(), deadline.Add(5*time.Second)); err != nil || len(swept) > 0 {
		t.Errorf("Sweep = %q, %v within the grace, want nothing", ids(swept), err)
	}
	now := deadline.Add(5*time.Second + time.Millisecond)
	swept, err := s.Sweep(t.Context(), now)
	if err != nil || ids(swept) != "aaaa00000001" || swept[0].State != kling.Unknown || swept[0].Message == "" {
		t.Errorf("Sweep = %+v, %v, want the abandoned one, unknown, with a message", swept, err)
	}
	if again, err := s.Sweep(t.Context(), now); err != nil || len(again) > 0 {
		t.Errorf("a second Sweep = %q, %v, want nothing", ids(again), err)
	}
}
