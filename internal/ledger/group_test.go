package ledger

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/klingctl/klingctl/internal/kling"
)

// busyStore is a store of some drafts whose transaction is under way until
// free is called: what is changed meanwhile waits.
func busyStore(t *testing.T, drafts int) (s *Store, names []string, free func()) {
	t.Helper()
	s = openNew(t)
	keepLog(t, s)
	jobs := make([]kling.Job, drafts+1)
	for i := range jobs {
		jobs[i] = draft(fmt.Sprintf("aaaa%08d", i), epoch())
		names = append(names, jobs[i].ID)
	}
	if err := s.AddAll(t.Context(), jobs); err != nil {
		t.Fatal(err)
	}
	begun, release, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		_, err := s.Update(t.Context(), names[drafts], epoch(), func(job kling.Job) (kling.Job, error) {
			close(begun)
			<-release
			job.State = kling.Running
			return job, nil
		})
		if err != nil {
			t.Error(err)
		}
	}()
	<-begun
	return s, names[:drafts], func() {
		close(release)
		<-over
	}
}

// waiters lets time pass until so many changes wait.
func waiters(t *testing.T, s *Store, want int) {
	t.Helper()
	q := inFile(s).writer.group
	for {
		q.mu.Lock()
		got := len(q.waiting)
		q.mu.Unlock()
		if got == want {
			return
		}
		if t.Context().Err() != nil {
			t.Fatalf("%d changes wait, want %d", got, want)
		}
		runtime.Gosched()
	}
}

func TestChangesThatWaitShareACommit(t *testing.T) {
	t.Parallel()
	s, names, free := busyStore(t, maxGroup+44)
	before := commitsOf(t, s)
	var group sync.WaitGroup
	for _, id := range names {
		group.Go(func() { update(t, s, id, to(kling.Running)) })
	}
	waiters(t, s, len(names))
	free()
	group.Wait()
	// The one that was under way, a full group, and the rest.
	if got := commitsOf(t, s) - before; got != 3 {
		t.Errorf("%d changes took %d commits, want 3", len(names)+1, got)
	}
	if jobs, err := s.List(t.Context(), Filter{States: []kling.State{kling.Running}}); err != nil || len(jobs) != len(names)+1 {
		t.Errorf("%d jobs (%v) are running, want %d", len(jobs), err, len(names)+1)
	}
}

// impatient is a caller that can be made to give up.
func impatient(t *testing.T, s *Store) (update func(id string) error, cancel func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	return func(id string) error {
		_, err := s.Update(ctx, id, epoch(), to(kling.Running))
		return err
	}, cancel
}

func TestAFailureInAGroupIsItsOwn(t *testing.T) {
	t.Parallel()
	const each = 5
	s, names, free := busyStore(t, 6*each)
	refusal := errors.New("no")
	giveUp, cancel := impatient(t, s)
	var group sync.WaitGroup
	for i, id := range names {
		group.Go(func() {
			switch i % 6 {
			case 0: // an error after the row was written
				err := s.change(t.Context(), "fail late", func(tx tx) error {
					if err := tx.forget(id); err != nil {
						return err
					}
					return refusal
				})
				if !errors.Is(err, refusal) {
					t.Errorf("the error is %v, want the function's own", err)
				}
			case 1: // a panic after the row was written
				defer func() {
					if recover() != "bug" {
						t.Error("a panic did not come back to its caller")
					}
				}()
				_ = s.change(t.Context(), "panic", func(tx tx) error {
					_ = tx.forget(id)
					panic("bug")
				})
			case 2: // the end of a test in the middle of one
				over := make(chan struct{})
				go func() {
					defer close(over)
					_ = s.change(t.Context(), "leave", func(tx tx) error {
						_ = tx.forget(id)
						runtime.Goexit()
						return nil
					})
				}()
				<-over
			case 3: // a caller that gave up in the queue
				if err := giveUp(id); !errors.Is(err, context.Canceled) {
					t.Errorf("the error is %v, want that it was cancelled", err)
				}
			default:
				update(t, s, id, to(kling.Running))
			}
		})
	}
	waiters(t, s, 6*each)
	cancel()
	waiters(t, s, 5*each)
	free()
	group.Wait()
	for i, id := range names {
		want := kling.Draft
		if i%6 > 3 {
			want = kling.Running
		}
		if got := mustGet(t, s, id).State; got != want {
			t.Errorf("job %d is %s, want %s", i%6, got, want)
		}
	}
}

// A full disk makes SQLite give up the whole transaction; who wanted little is
// not to suffer for who wanted much.
func TestWhoFillsTheDiskIsTheOnlyOneToldSo(t *testing.T) {
	t.Parallel()
	s, names, free := busyStore(t, 20)
	var group sync.WaitGroup
	for i, id := range names {
		group.Go(func() {
			err := s.change(t.Context(), "fill", func(tx tx) error {
				if i != 7 {
					return tx.exec("UPDATE jobs SET word = 'w' WHERE id = ?", id)
				}
				if err := tx.exec("PRAGMA max_page_count = 1"); err != nil {
					return err
				}
				defer func() { _ = tx.exec("PRAGMA max_page_count = 100000") }()
				return tx.exec("UPDATE jobs SET message = ? WHERE id = ?", strings.Repeat("long ", 1<<16), id)
			})
			if (err != nil) != (i == 7) {
				t.Errorf("change %d gives %v", i, err)
			}
		})
	}
	waiters(t, s, len(names))
	free()
	group.Wait()
	for i, id := range names {
		job := mustGet(t, s, id)
		if want := i != 7; (job.Word == "w") != want || job.Message != "" {
			t.Errorf("job %d has the word %q and a message of %d bytes, want its change to be stored: %v", i, job.Word, len(job.Message), want)
		}
	}
}

func TestAChangeWithoutADifferenceCommitsNothing(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	keepLog(t, s)
	add(t, s, draft("aaaabbbbcccc", epoch()))
	before := commitsOf(t, s)
	update(t, s, "aaaabbbbcccc", to(kling.Draft))
	if got := commitsOf(t, s) - before; got != 0 {
		t.Errorf("%d commits for nothing, want none", got)
	}
}

func TestABusyProcessLetsOthersIn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := openAt(t, path)
	jobs := []kling.Job{draft("aaaabbbbcccc", epoch())}
	for i := range 50 {
		jobs = append(jobs, draft(fmt.Sprintf("bbbb%08d", i), epoch()))
	}
	if err := s.AddAll(t.Context(), jobs); err != nil {
		t.Fatal(err)
	}
	other := startChild(t, "intend", path, "aaaabbbbcccc")
	stop := make(chan struct{})
	var group sync.WaitGroup
	for _, job := range jobs[1:] {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					update(t, s, job.ID, countOne)
				}
			}
		})
	}
	other.start()
	other.wait(t) // it gives up after 30 seconds without the lock
	close(stop)
	group.Wait()
}
