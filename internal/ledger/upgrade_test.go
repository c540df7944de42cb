package ledger

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// firstLedger is a ledger of schema 1 with a draft, a running job and one that
// succeeded, as the klingctl of that time wrote it.
func firstLedger(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	empty, err := ensureFile(path)
	if err != nil || !empty {
		t.Fatalf("ensureFile = %v, %v, want an empty file", empty, err)
	}
	if err := migrate(t.Context(), path, upTo(t, 1)); err != nil {
		t.Fatal(err)
	}
	db := plain(t, path)
	for id, state := range map[string]string{"aaaa00000001": "draft", "aaaa00000002": "running", "aaaa00000003": "succeeded"} {
		for _, query := range []string{
			`INSERT INTO jobs (id, provider, path, task, model, kind, sandbox, prompt, key, external_id, request, settings,
				seconds, state, word, code, message, request_id, cost, artifacts, created_at, updated_at, submitted_at,
				finished_at, create_deadline, unsaved, begun_at)
			VALUES ('` + id + `', 'kie', '', 't-` + id + `', 'm', 'image-to-video', 0, 'a boat', 'k', '', '{"prompt":"a boat"}', '{}',
				5, '` + state + `', '', '', '', '', NULL, NULL, 1793534400000, 1793534400000, NULL, NULL, NULL, 0, NULL)`,
			`INSERT INTO events (job, seq, at, state, word, message) VALUES ('` + id + `', 1, 1793534400000, '` + state + `', '', '')`,
		} {
			if _, err := db.ExecContext(t.Context(), query); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestALedgerOfTheFirstSchemaIsUpgraded(t *testing.T) {
	t.Parallel()
	path := firstLedger(t)
	_, err := Open(t.Context(), Options{Path: path, ReadOnly: true})
	wantLocal(t, err, path)
	if !strings.Contains(fault.Of(err).Error(), "older klingctl") {
		t.Errorf("looking at an old ledger says %q, want that an older klingctl wrote it", err)
	}

	s := openAt(t, path)
	at := time.UnixMilli(1793534400000).UTC()
	want := kling.Job{
		ID: "aaaa00000002", Ref: kling.Ref{Provider: "kie", Task: "t-aaaa00000002"}, Model: "m", Kind: kling.ImageToVideo,
		Prompt: "a boat", Key: "k", Request: []byte(`{"prompt":"a boat"}`), Settings: []byte(`{}`), Seconds: 5,
		State: kling.Running, CreatedAt: at, UpdatedAt: at,
	}
	if diff := cmp.Diff(want, mustGet(t, s, want.ID)); diff != "" {
		t.Errorf("an old job came out otherwise (-want +got):\n%s", diff)
	}
	if events, err := s.Events(t.Context(), want.ID); err != nil || len(events) != 1 {
		t.Errorf("%d events (%v) of an old job, want the one it had", len(events), err)
	}

	// The draft has a twin that is running, and can be bought again on purpose.
	in := Intent{Now: at, Deadline: at.Add(time.Minute)}
	if granted := mustIntend(t, s, "aaaa00000001", in); granted.Twin == nil || granted.Twin.ID != want.ID {
		t.Errorf("an old draft is granted %+v, want it held by its running twin", granted)
	}
	in.Guard.Off = true
	in.Budget = Budget{Day: "2026-11-01", Price: Price{Known: true, Micros: 7 * micro, Unit: "credits"}}
	if granted := mustIntend(t, s, "aaaa00000001", in); granted.Job.State != kling.Submitting {
		t.Errorf("the job is %s, want submitting", granted.Job.State)
	}

	// What was never reserved can end, with a cost or refused.
	update(t, s, want.ID, ended(kling.Succeeded, "9", "credits"))
	if err := s.Settle(t.Context(), "aaaa00000003", "credits", 9*micro, at); err != nil {
		t.Errorf("settling what was never reserved: %v, want nothing done", err)
	}
	wantSpent(t, s, "2026-11-01", Spending{Provider: "kie", Unit: "credits", Reserved: 7 * micro, Jobs: 1})
}

func TestTwentyProcessesUpgradeAtOnceWhileAnOlderOneLooks(t *testing.T) {
	t.Parallel()
	path := firstLedger(t)
	older := plain(t, path)
	count := func() (jobs int) {
		t.Helper()
		if err := older.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM jobs WHERE state = 'running'").Scan(&jobs); err != nil {
			t.Fatal(err)
		}
		return jobs
	}
	before := count()
	run(t, 20, func(int) (string, []string) { return "open", []string{path} })
	if after := count(); before != 1 || after != before {
		t.Errorf("an older process sees %d running jobs before and %d after the upgrade, want 1", before, after)
	}
	if version, err := readVersion(t.Context(), older); err != nil || version != schemaVersion {
		t.Errorf("the version is %d (%v), want %d", version, err, schemaVersion)
	}
}

func TestAnUpgradeKilledHalfwayLeavesTheOldLedger(t *testing.T) {
	t.Parallel()
	path := firstLedger(t)
	files := upTo(t, schemaVersion)
	last := ""
	for name := range files {
		last = max(last, name)
	}
	broken := *files[last]
	broken.Data = append(slices.Clip(broken.Data), "CREATE TABLE jobs (id TEXT);\n"...)
	files[last] = &broken
	if err := migrate(t.Context(), path, files); err == nil {
		t.Fatal("a migration that cannot be finished gave no error")
	}
	if version, err := readVersion(t.Context(), plain(t, path)); err != nil || version != 1 {
		t.Errorf("the version is %d (%v), want 1 as before", version, err)
	}
	if got := mustGet(t, openAt(t, path), "aaaa00000002").State; got != kling.Running {
		t.Errorf("after a second upgrade the job is %q, want running", got)
	}
}
