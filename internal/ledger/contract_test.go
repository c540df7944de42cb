package ledger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

func TestStoreOnSQLite(t *testing.T) {
	t.Parallel()
	storeContract(t, openNew)
}

func TestStoreOnSQLiteWithoutWAL(t *testing.T) {
	t.Parallel()
	storeContract(t, func(t *testing.T) *Store {
		t.Helper()
		s := openNew(t)
		mode := ""
		row := inFile(s).writer.conn.QueryRowContext(t.Context(), "PRAGMA journal_mode = DELETE")
		if err := row.Scan(&mode); err != nil || mode != "delete" {
			t.Fatalf("journal_mode = %q (%v), want delete", mode, err)
		}
		return s
	})
}

func TestStoreOnPostgreSQL(t *testing.T) {
	t.Parallel()
	storeContract(t, func(t *testing.T) *Store {
		t.Helper()
		return openAt(t, newSchema(t))
	})
}

// contract is one promise being tested on a store of its own.
type contract struct {
	t *testing.T
	s *Store
}

// storeContract is what every ledger promises, whatever it is kept in.
func storeContract(t *testing.T, open func(t *testing.T) *Store) {
	t.Helper()
	for name, test := range map[string]func(contract){
		"a job comes back as it was stored":            contract.roundTrip,
		"an id is taken once":                          contract.duplicateID,
		"an update is stored and told":                 contract.update,
		"an update without a difference writes none":   contract.noChange,
		"a failed change leaves the row":               contract.failedChange,
		"who a job is cannot change":                   contract.identity,
		"a job is found by a prefix":                   contract.find,
		"a task is found by its reference":             contract.findRef,
		"lists are filtered, newest first":             contract.list,
		"jobs are counted by state":                    contract.counts,
		"many jobs are added at once":                  contract.addAll,
		"all jobs can be walked through and changed":   contract.each,
		"an intent is declared once":                   contract.intend,
		"jobs in flight are limited":                   contract.inFlight,
		"a busy provider is left alone":                contract.slowDown,
		"an abandoned create becomes unknown":          contract.sweep,
		"past durations, newest first":                 contract.durations,
		"only what is over can be deleted":             contract.delete,
		"an ended context changes nothing":             contract.ended,
		"unknown ids are not found":                    contract.unknown,
		"a provider's equal task ids cost no row":      contract.equalTasks,
		"sandbox and real creates have their own pace": contract.sandboxPace,
		"an open twin holds a create":                  contract.guardOpen,
		"a twin that is over holds for the window":     contract.guardWindow,
		"what is no twin holds nothing":                contract.guardOthers,
		"the guard, the budget and the pace in turn":   contract.order,
		"caps hold in their unit and scope":            contract.caps,
		"the first cap that is passed is told":         contract.excess,
		"a cap that cannot be summed is a mistake":     contract.badBudget,
		"what happens to a job happens to its price":   contract.follow,
		"a cost is settled in its own unit":            contract.settle,
		"what was settled outlives the job":            contract.spentAfterDelete,
		"a draft is dropped by who made it":            contract.drop,
		"an upload is recalled until it expires":       contract.upload,
		"uploads that expired are pruned":              contract.uploadPruned,
		"batches are remembered and cancelled":         contract.batches,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(contract{t, open(t)})
		})
	}
}

func (c contract) roundTrip() {
	t, s := c.t, c.s
	want := kling.Job{
		ID: "aaaabbbbcccc", Ref: kling.Ref{Provider: "apixo", Path: "kling-2-1", Task: "t/1"},
		Model: "kling-2-1", Kind: kling.TextToVideo, Sandbox: true, Prompt: "é\x00 'quoted' \"", Key: "ff",
		ExternalID: "x1", Batch: "cats", Row: "a/b.png", Request: []byte(`{"a":1}`), Settings: []byte(`{}`), Seconds: 10,
		State: kling.Succeeded, Word: "succeed", Code: "0", Message: "m", RequestID: "r",
		Cost: &kling.Cost{Amount: "0.10", Unit: "USD"},
		Artifacts: []kling.Artifact{
			{Kind: kling.Video, URL: "https://example.org/v.mp4?a=b&c", Seconds: 5.1, ExpiresAt: epoch().Add(time.Hour)},
			{Kind: kling.Watermarked, URL: "https://example.org/w.mp4", Path: "/v/w.mp4", SHA256: "ab", Bytes: 7},
		},
		CreatedAt: epoch(), UpdatedAt: epoch().Add(time.Second), SubmittedAt: epoch().Add(2 * time.Second),
		FinishedAt: epoch().Add(3 * time.Second), CreateDeadline: epoch().Add(4 * time.Second),
	}
	bare := kling.Job{ID: "bbbbccccdddd", State: kling.Draft, CreatedAt: epoch()}
	add(t, s, want, bare)
	for _, want := range []kling.Job{want, bare} {
		got, err := s.Get(t.Context(), want.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the job came back otherwise (-want +got):\n%s", diff)
		}
	}
	// kling.Advance compares artifacts with ==.
	if got := mustGet(t, s, want.ID).Artifacts[0]; got != want.Artifacts[0] {
		t.Errorf("an artifact came back as %#v, want the equal of %#v", got, want.Artifacts[0])
	}
}

func mustGet(t *testing.T, s *Store, id string) kling.Job {
	t.Helper()
	job, err := s.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func (c contract) duplicateID() {
	t, s := c.t, c.s
	add(t, s, draft("aaaabbbbcccc", epoch()))
	other := draft("aaaabbbbcccc", epoch())
	other.Prompt = "another"
	wantKind(t, s.Add(t.Context(), other), fault.Internal)
	if got := mustGet(t, s, other.ID).Prompt; got != "a boat" {
		t.Errorf("the first job now has prompt %q, want it as it was", got)
	}
}

func (c contract) update() {
	t, s := c.t, c.s
	add(t, s, draft("aaaabbbbcccc", epoch()))
	later := epoch().Add(time.Minute)
	got, err := s.Update(t.Context(), "aaaabbbbcccc", later, func(job kling.Job) (kling.Job, error) {
		job.State, job.Word, job.Ref.Task = kling.Running, "generating", "t1"
		return job, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !got.UpdatedAt.Equal(later) {
		t.Errorf("UpdatedAt = %v, want %v", got.UpdatedAt, later)
	}
	if diff := cmp.Diff(got, mustGet(t, s, got.ID)); diff != "" {
		t.Errorf("what was returned is not what was stored:\n%s", diff)
	}
	events, err := s.Events(t.Context(), got.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []Event{{At: epoch(), State: kling.Draft}, {At: later, State: kling.Running, Word: "generating"}}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("the story is another (-want +got):\n%s", diff)
	}
}

func (c contract) noChange() {
	t, s := c.t, c.s
	add(t, s, draft("aaaabbbbcccc", epoch()))
	got, err := s.Update(t.Context(), "aaaabbbbcccc", epoch().Add(time.Hour), func(job kling.Job) (kling.Job, error) {
		job.UpdatedAt = epoch().Add(time.Hour)
		return job, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !got.UpdatedAt.Equal(epoch()) {
		t.Errorf("UpdatedAt = %v without a change, want %v", got.UpdatedAt, epoch())
	}
	if events, err := s.Events(t.Context(), got.ID); err != nil || len(events) != 1 {
		t.Errorf("%d events (%v) after no change, want the first one only", len(events), err)
	}
}

func (c contract) failedChange() {
	t, s := c.t, c.s
	add(t, s, draft("aaaabbbbcccc", epoch()))
	refusal := errors.New("no")
	_, err := s.Update(t.Context(), "aaaabbbbcccc", epoch(), func(job kling.Job) (kling.Job, error) {
		job.State = kling.Failed
		return job, refusal
	})
	if err != refusal { //nolint:errorlint // the very same error is promised
		t.Errorf("the error is %v, want the function's own", err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = s.Update(t.Context(), "aaaabbbbcccc", epoch(), func(kling.Job) (kling.Job, error) { panic("bug") })
	}()
	if got := update(t, s, "aaaabbbbcccc", func(job kling.Job) (kling.Job, error) { return job, nil }).State; got != kling.Draft {
		t.Errorf("the state is %q after failed changes, want draft", got)
	}
}

func (c contract) identity() {
	t, s := c.t, c.s
	add(t, s, draft("aaaabbbbcccc", epoch()))
	for name, change := range map[string]func(*kling.Job){
		"id":       func(job *kling.Job) { job.ID = "zzzzbbbbcccc" },
		"creation": func(job *kling.Job) { job.CreatedAt = epoch().Add(time.Hour) },
		"state":    func(job *kling.Job) { job.State = "dreaming" },
	} {
		_, err := s.Update(t.Context(), "aaaabbbbcccc", epoch(), func(job kling.Job) (kling.Job, error) {
			change(&job)
			return job, nil
		})
		if fault.KindOf(err) != fault.Internal {
			t.Errorf("changing the %s gives %v, want an internal fault", name, err)
		}
	}
}

func (c contract) find() {
	t, s := c.t, c.s
	for _, id := range []string{"aaaa00000001", "aaaa00000002", "bbbb00000001"} {
		add(t, s, draft(id, epoch()))
	}
	for _, c := range "3456789" {
		add(t, s, draft("cccc0000000"+string(c), epoch()))
	}
	if got, err := s.Find(t.Context(), "BBBB"); err != nil || got.ID != "bbbb00000001" {
		t.Errorf("Find(BBBB) = %q, %v, want bbbb00000001", got.ID, err)
	}
	if got, err := s.Find(t.Context(), "aaaa00000001"); err != nil || got.ID != "aaaa00000001" {
		t.Errorf("Find(whole id) = %q, %v", got.ID, err)
	}
	for prefix, want := range map[string]fault.Kind{
		"aaaa": fault.Usage, "bbb": fault.Usage, "b%%b": fault.Usage, "zzzz": fault.NotFound, "": fault.Usage,
	} {
		_, err := s.Find(t.Context(), prefix)
		if got := fault.KindOf(err); got != want {
			t.Errorf("Find(%q) is %q (%v), want %q", prefix, got, err, want)
		}
	}
	_, err := s.Find(t.Context(), "cccc")
	if got := strings.Count(err.Error(), "cccc0000000"); got != 5 || !strings.Contains(err.Error(), "more") {
		t.Errorf("an ambiguous prefix is answered with %q, want 5 ids and that there are more", err)
	}
}

func (c contract) findRef() {
	t, s := c.t, c.s
	job := draft("aaaabbbbcccc", epoch())
	job.Ref = kling.Ref{Provider: "apixo", Path: "kling-2-1", Task: "t1"}
	add(t, s, job, draft("ddddbbbbcccc", epoch()))
	if got, found, err := s.FindRef(t.Context(), job.Ref); err != nil || !found || got.ID != job.ID {
		t.Errorf("FindRef = %q, %v, %v, want the job", got.ID, found, err)
	}
	for _, ref := range []kling.Ref{
		{Provider: "apixo", Task: "t1"}, {Provider: "kie", Path: "kling-2-1", Task: "t1"}, {Provider: "kie"},
	} {
		if got, found, err := s.FindRef(t.Context(), ref); err != nil || found {
			t.Errorf("FindRef(%+v) found %q (%v), want nothing", ref, got.ID, err)
		}
	}
}

func (c contract) equalTasks() {
	t, s := c.t, c.s
	first, second := draft("aaaabbbbcccc", epoch()), draft("bbbbccccdddd", epoch().Add(time.Second))
	add(t, s, first, second)
	for _, id := range []string{second.ID, first.ID} {
		update(t, s, id, func(job kling.Job) (kling.Job, error) {
			job.State, job.Ref.Task = kling.Queued, "same"
			return job, nil
		})
	}
	got, found, err := s.FindRef(t.Context(), kling.Ref{Provider: "kie", Task: "same"})
	if err != nil || !found || got.ID != second.ID {
		t.Errorf("FindRef = %q, %v, %v, want the newest, %s", got.ID, found, err, second.ID)
	}
	if jobs, _ := s.List(t.Context(), Filter{States: []kling.State{kling.Queued}}); len(jobs) != 2 {
		t.Errorf("%d rows hold the task, want both", len(jobs))
	}
}

func (c contract) delete() {
	t, s := c.t, c.s
	fresh, old, over := draft("aaaabbbbcccc", time.Now()), draft("bbbbccccdddd", epoch().AddDate(-9, 0, 0)), draft("ccccddddeeee", epoch())
	add(t, s, fresh, old, over)
	update(t, s, over.ID, to(kling.Running))
	wantKind(t, s.Delete(t.Context(), over.ID), fault.Held)
	wantKind(t, s.Delete(t.Context(), fresh.ID), fault.Held)
	update(t, s, over.ID, to(kling.Failed))
	for _, id := range []string{old.ID, over.ID} {
		if err := s.Delete(t.Context(), id); err != nil {
			t.Errorf("Delete(%s): %v", id, err)
		}
		if events, _ := s.Events(t.Context(), id); len(events) > 0 {
			t.Errorf("%d events of a deleted job are left", len(events))
		}
	}
	if left, _ := s.List(t.Context(), Filter{}); ids(left) != fresh.ID {
		t.Errorf("left are %q, want %q", ids(left), fresh.ID)
	}
}

func (c contract) ended() {
	t, s := c.t, c.s
	add(t, s, draft("aaaabbbbcccc", epoch()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Update(ctx, "aaaabbbbcccc", epoch(), to(kling.Failed)); !errors.Is(err, ctx.Err()) {
		t.Errorf("the error is %v, want %v", err, ctx.Err())
	}
	if got := update(t, s, "aaaabbbbcccc", to(kling.Running)).State; got != kling.Running {
		t.Errorf("the store gives %q after a cancelled call, want it to go on", got)
	}
}

func (c contract) unknown() {
	t, s := c.t, c.s
	ctx := t.Context()
	_, err := s.Get(ctx, "aaaabbbbcccc")
	wantKind(t, err, fault.NotFound)
	_, err = s.Update(ctx, "aaaabbbbcccc", epoch(), to(kling.Failed))
	wantKind(t, err, fault.NotFound)
	_, _, err = intend(ctx, s, "aaaabbbbcccc", epoch(), epoch().Add(1), Pace{})
	wantKind(t, err, fault.NotFound)
	wantKind(t, s.Delete(ctx, "aaaabbbbcccc"), fault.NotFound)
	events, err := s.Events(ctx, "aaaabbbbcccc")
	if err != nil || len(events) != 0 {
		t.Errorf("Events of nobody = %v, %v, want none", events, err)
	}
}

func (c contract) durations() {
	t, s := c.t, c.s
	for i, took := range []time.Duration{time.Minute, 90 * time.Second, 30 * time.Second} {
		job := draft("aaaa0000000"+string(rune('1'+i)), epoch())
		job.State, job.SubmittedAt = kling.Succeeded, epoch().Add(time.Duration(i)*time.Hour)
		job.FinishedAt = job.SubmittedAt.Add(took)
		other := job
		other.ID, other.Seconds = strings.Replace(job.ID, "aaaa", "bbbb", 1), 10
		failed := job
		failed.ID, failed.State = strings.Replace(job.ID, "aaaa", "cccc", 1), kling.Failed
		add(t, s, job, other, failed)
	}
	got, err := s.Durations(t.Context(), "kie", "kling-2.6/image-to-video", 5, 2)
	if want := []time.Duration{30 * time.Second, 90 * time.Second}; err != nil || !slices.Equal(got, want) {
		t.Errorf("Durations = %v, %v, want %v", got, err, want)
	}
}
