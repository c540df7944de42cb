package ledger

import (
	"sync"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

func TestAnUnansweredCommitIsFoundOut(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]breakage{"before": before, "after": after, "late": late} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := newSchema(t)
			direct := openAt(t, place)
			add(t, direct, draft("aaaabbbbcccc", epoch()), draft(commonID, epoch()))

			// It breaks at the first COMMIT and at that of the next try.
			s := openAt(t, throughCable(t, place, 2, how))
			in := Intent{Now: epoch(), Deadline: epoch().Add(time.Minute), Budget: Budget{Day: "d", Price: price(3, "USD")}}
			if granted := mustIntend(t, s, "aaaabbbbcccc", in); granted.Job.State != kling.Submitting {
				t.Errorf("the intent gives %+v, want it granted: nobody else has it", granted)
			}
			if _, err := direct.Intend(t.Context(), "aaaabbbbcccc", in); !fault.Is(err, fault.Held) {
				t.Errorf("another one gives %v, want it held", err)
			}
			wantSpent(t, direct, "d", Spending{Provider: "kie", Unit: "USD", Reserved: 3 * micro, Jobs: 1})
			if events, err := direct.Events(t.Context(), "aaaabbbbcccc"); err != nil || len(events) != 2 {
				t.Errorf("the story has %d lines (%v), want the draft and one intent", len(events), err)
			}

			s = openAt(t, throughCable(t, place, 1, how))
			for range 3 {
				update(t, s, commonID, countOne)
			}
			if got := mustGet(t, direct, commonID).Word; got != "3" {
				t.Errorf("three changes counted to %s, want each of them once", got)
			}
		})
	}
}

func TestEveryChangeIsMadeOnceWhileConnectionsDie(t *testing.T) {
	t.Parallel()
	const goroutines, changes = 6, 10
	place := newSchema(t)
	s := openAt(t, place)
	add(t, s, draft(commonID, epoch()))
	name := inDatabase(s).schema
	over := make(chan struct{})
	var killer, group sync.WaitGroup
	killer.Go(func() {
		for {
			select {
			case <-over:
				return
			case <-time.After(pause / 10):
				inSQL(t, place, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
					WHERE application_name = '`+name+`' ORDER BY random() LIMIT 1`)
			}
		}
	})
	for range goroutines {
		group.Go(func() {
			mortal := openAt(t, place+"&application_name="+name)
			for range changes {
				if _, err := mortal.Update(t.Context(), commonID, epoch(), countOne); err != nil {
					t.Errorf("Update: %v", err)
				}
			}
		})
	}
	group.Wait()
	close(over)
	killer.Wait()
	if got := mustGet(t, s, commonID).Word; got != "60" {
		t.Errorf("%d changes counted to %s", goroutines*changes, got)
	}
}

func TestADatabaseThatIsNotThereIsSaid(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), Options{Path: "postgres://me:hush@127.0.0.1:1/db?sslmode=disable&password=hush"})
	wantLocal(t, err, "postgres://me@127.0.0.1:1/db")
	wantHushed(t, err)
	if fault.Of(err).Spent() != fault.NotCharged {
		t.Errorf("charged is %q, want no", fault.Of(err).Charged)
	}
}

func TestADeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	s := openAt(t, newSchema(t))
	names := []string{"aaaa00000001", "aaaa00000002"}
	add(t, s, draft(names[0], epoch()), draft(names[1], epoch()))
	var both, group sync.WaitGroup
	both.Add(2)
	for i := range names {
		group.Go(func() {
			first := true
			err := s.change(t.Context(), "cross", func(tx tx) error {
				const query = "UPDATE jobs SET word = word || 'x' WHERE id = ?"
				if err := tx.exec(query, names[i]); err != nil {
					return s.fault("cross", err)
				}
				if first {
					first = false
					both.Done()
					both.Wait()
				}
				return s.fault("cross", tx.exec(query, names[1-i]))
			})
			if err != nil {
				t.Errorf("a change that met another gives %v", err)
			}
		})
	}
	group.Wait()
	for _, id := range names {
		if got := mustGet(t, s, id).Word; got != "xx" {
			t.Errorf("%s has %q, want both changes once", id, got)
		}
	}
}

func TestTheDatabaseSettingsDoNotWeakenAChange(t *testing.T) {
	t.Parallel()
	s := openAt(t, newSchema(t)+"&synchronous_commit=off&default_transaction_isolation=repeatable%20read&lock_timeout=0")
	for name, want := range map[string]string{
		"synchronous_commit": "on", "transaction_isolation": "read committed",
		"lock_timeout": "30s", "idle_in_transaction_session_timeout": "15s",
	} {
		got := ""
		err := s.change(t.Context(), "look", func(tx tx) error {
			return tx.row("SELECT current_setting(?)", []any{name}, &got)
		})
		if err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", name, got, err, want)
		}
	}
}
