package batch_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// Two workers share the rows: none is bought by both, and both together keep to
// the cap of jobs in flight.
func TestWorkersShareRowsUnderOneCap(t *testing.T) {
	t.Parallel()
	y := openYard(t, rows("kling", klingModel, 20, plain))
	y.room = 5
	var most atomic.Int64
	y.slowCreates(func(r *http.Request) {
		counts, err := y.Standing(r.Context(), "b")
		if err != nil {
			t.Error(err)
		}
		most.Store(max(most.Load(), int64(counts[kling.Submitting]+counts[kling.Queued]+counts[kling.Running])))
	})
	if sum := y.add(t, nil); sum.Added != 20 {
		t.Fatalf("%+v were queued, want 20", sum)
	}
	y.hire(t)
	y.hire(t)
	if ends := y.through(t); ends[batch.Done] != 20 || y.files(t) != 20 {
		t.Errorf("%v and %d files, want 20 done", ends, y.files(t))
	}
	y.wantJournal(t, 20, 20)
	if got := most.Load(); got > 5 || got < 2 {
		t.Errorf("up to %d jobs were in flight, want 5 at most", got)
	}
}

// A row that River hands out a second time is not bought a second time: neither
// after it was bought, nor while its create is under way.
func TestRowsThatRunTwiceAreBoughtOnce(t *testing.T) {
	t.Parallel()
	y := openYard(t, rows("kling", klingModel, 6, plain))
	began, goOn := make(chan struct{}, 20), make(chan struct{})
	y.slowCreates(func(r *http.Request) {
		began <- struct{}{}
		select {
		case <-goOn:
		case <-r.Context().Done():
		}
	})
	y.add(t, nil)
	y.hire(t)
	for range 6 {
		<-began
	}
	// All six are being created, and River believes that nobody has them.
	y.sql(t, "UPDATE SCHEMA.river_job SET state = 'available', scheduled_at = now()")
	y.hire(t)
	y.until(t, "the second worker has the rows", func(ctx context.Context) (bool, error) {
		jobs, err := y.Ledger.List(ctx, ledger.Filter{Batch: "b"})
		return len(jobs) == 6, err
	})
	close(goOn)
	if ends := y.through(t); ends[batch.Done] != 6 {
		t.Errorf("%v, want 6 done", ends)
	}
	y.sql(t, "UPDATE SCHEMA.river_job SET state = 'available', scheduled_at = now(), finalized_at = NULL")
	if ends := y.through(t); ends[batch.Done] != 6 || y.files(t) != 6 {
		t.Errorf("%v and %d files, want 6 done", ends, y.files(t))
	}
	y.wantJournal(t, 6, 6)
}

// What a dead worker had in hand is taken up: a row that it had not begun, one
// whose create it had sent, and a file.
func TestRowsOfADeadWorkerAreRescued(t *testing.T) {
	t.Parallel()
	y := openYard(t, rows("kling", klingModel, 9, plain))
	y.add(t, nil)
	first := y.hire(t)
	y.through(t)
	first.fire(t)
	jobs, err := y.Ledger.List(t.Context(), ledger.Filter{Batch: "b"})
	if err != nil {
		t.Fatal(err)
	}
	for i, j := range jobs {
		switch i % 3 {
		case 0: // its create had been sent
			y.sql(t, "DELETE FROM SCHEMA.river_job WHERE args->>'job' = '"+j.ID+"'",
				"UPDATE SCHEMA.jobs SET state = 'submitting', task = '', artifacts = NULL, unsaved = 0, finished_at = NULL, create_deadline = 1 WHERE id = '"+j.ID+"'")
			err = os.Remove(filepath.Join(y.out, j.ID+".mp4"))
		case 1: // its file was being saved
			err = os.Remove(filepath.Join(y.out, j.ID+".mp4"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	y.sql(t, "UPDATE SCHEMA.river_job SET state = 'running', finalized_at = NULL, attempted_at = now() - interval '3 minutes', attempt = 1")
	y.hire(t)
	y.until(t, "all rows are rescued", func(ctx context.Context) (bool, error) {
		left, err := y.queue.Left(ctx, "b")
		return !left && y.files(t) == 9, err
	})
	if ends := y.through(t); ends[batch.Done] != 9 {
		t.Errorf("%v, want 9 done", ends)
	}
	y.wantJournal(t, 9, 9)
}

// A worker that is told to end lets the creates under way end, begins no other,
// and leaves the rest to the next one.
func TestDrain(t *testing.T) {
	t.Parallel()
	y := openYard(t, rows("kling", klingModel, 30, plain))
	began := make(chan struct{}, 100)
	drained := make(chan struct{})
	y.slowCreates(func(*http.Request) {
		began <- struct{}{}
		<-drained
	})
	y.add(t, nil)
	first := y.hire(t)
	for range 8 { // as many as it has hands
		<-began
	}
	first.cancel()
	close(drained)
	first.fire(t)
	if len(began) > 0 || y.charged(t) != 8 {
		t.Errorf("%d creates began after the end, %d were charged, want the 8 that were under way", len(began), y.charged(t))
	}
	counts, err := y.Standing(t.Context(), "b")
	if err != nil || counts[kling.Unknown]+counts[kling.Submitting] > 0 {
		t.Errorf("it left %v (%v), want none whose outcome is not known", counts, err)
	}
	y.hire(t)
	if ends := y.through(t); ends[batch.Done] != 30 {
		t.Errorf("%v, want 30 done", ends)
	}
	y.wantJournal(t, 30, 30)
}

// A batch that is cancelled buys no more; run again, it goes on.
func TestCancelledRowsAreGivenBack(t *testing.T) {
	t.Parallel()
	y := openYard(t, rows("kling", klingModel, 6, plain))
	y.add(t, nil)
	if _, err := y.Ledger.CancelBatch(t.Context(), "b", time.Now()); err != nil {
		t.Fatal(err)
	}
	y.hire(t)
	if ends := y.through(t); ends[batch.Waiting] != 6 {
		t.Errorf("%v, want 6 that wait", ends)
	}
	y.wantJournal(t, 0, 0)
	for _, r := range y.results {
		if !fault.Is(r.Err, fault.Held) || !strings.Contains(r.Err.Error(), "cancelled") {
			t.Errorf("%s: %v, want that it was cancelled", r.Row.ID, r.Err)
		}
	}
	if sum := y.add(t, nil); sum.Added != 6 {
		t.Errorf("%+v, want all 6 queued again", sum)
	}
	if ends := y.through(t); ends[batch.Done] != 6 {
		t.Errorf("%v, want 6 done", ends)
	}
	y.wantJournal(t, 6, 6)
}

// Workers obey a pause of a provider's queue, and go on with the others.
func TestPausedQueue(t *testing.T) {
	t.Parallel()
	y := openYard(t, append(rows("kling", klingModel, 4, plain), rows("apikley", apikleyModel, 2, plain)...))
	client := y.river(t)
	first := y.hire(t) // makes the queues known
	y.until(t, "the queue is known", func(ctx context.Context) (bool, error) {
		return client.QueuePause(ctx, "rows-kling", nil) == nil, nil
	})
	first.fire(t)
	y.add(t, nil)
	y.hire(t)
	y.until(t, "the rows of the other provider are done", func(context.Context) (bool, error) { return y.files(t) == 2, nil })
	y.wantJournal(t, 2, 2)
	if err := client.QueueResume(t.Context(), "rows-kling", nil); err != nil {
		t.Fatal(err)
	}
	if ends := y.through(t); ends[batch.Done] != 6 {
		t.Errorf("%v, want 6 done", ends)
	}
	y.wantJournal(t, 6, 6)
}

// Running a batch again queues what is not done, once, as the rows are now.
func TestAddAgain(t *testing.T) {
	t.Parallel()
	y := openYard(t, rows("kling", klingModel, 4, func(i int) string {
		if i == 1 {
			return "x [[failed]]"
		}
		return "x " + strconv.Itoa(i)
	}))
	y.add(t, nil)
	y.rows[2].Flags["prompt"] = []string{"changed before it was bought"}
	if sum := y.add(t, nil); sum != (batch.Queued{Added: 1, There: 3}) {
		t.Errorf("%+v, want the changed row queued anew and 3 that were there", sum)
	}
	y.hire(t)
	if ends := y.through(t); ends[batch.Done] != 3 || ends[batch.Failed] != 1 {
		t.Errorf("%v, want 3 done and 1 failed", ends)
	}
	if got := y.results["kling-2"].Job.Prompt; got != "changed before it was bought" {
		t.Errorf("the prompt that was bought is %q", got)
	}
	if sum := y.add(t, nil); sum != (batch.Queued{Over: 4}) {
		t.Errorf("%+v, want nothing to do", sum)
	}
	if sum := y.add(t, func(o *batch.Options) { o.RetryFailed = true }); sum != (batch.Queued{Added: 1, Over: 3}) {
		t.Errorf("%+v, want the failed row queued", sum)
	}
	y.through(t)
	y.wantJournal(t, 5, 5)
	y.sql(t, "UPDATE SCHEMA.river_job SET state = 'available', scheduled_at = now(), finalized_at = NULL WHERE args->>'instead' <> ''")
	y.through(t)
	y.wantJournal(t, 5, 5)
}

// Rows that cannot be ordered are told with the reason; a row whose image this
// worker does not see is left to others for a while.
func TestBadRows(t *testing.T) {
	t.Parallel()
	y := openYard(t, rows("kling", klingModel, 3, plain))
	y.desk.Order = func(ctx context.Context, row batch.Row) (o job.Order, release func(), err error) {
		if row.ID == "kling-1" {
			return o, func() {}, &fault.Error{Kind: fault.Usage, Op: "read the row", Detail: "it makes no sense", Charged: fault.NotCharged}
		}
		return y.capped(ctx, row)
	}
	y.add(t, nil)
	y.hire(t)
	if ends := y.through(t); ends[batch.Done] != 2 || ends[batch.Bad] != 1 {
		t.Errorf("%v, want 2 done and 1 bad", ends)
	}
	if err := y.results["kling-1"].Err; !fault.Is(err, fault.Usage) || !strings.Contains(err.Error(), "it makes no sense") {
		t.Errorf("the bad row says %v", err)
	}
}

// What cannot be handed to a worker as it is, is refused before it is queued.
func TestRowsThatAreNoText(t *testing.T) {
	t.Parallel()
	y := openYard(t, rows("kling", klingModel, 1, plain))
	for _, path := range []string{"/shared/\xff.png", "/shared/\x00.png"} {
		y.rows[0].Flags["image"] = []string{path}
		_, err := y.queue.Add(t.Context(), y.Service, y.options(t, y.rows))
		if !fault.Is(err, fault.Usage) {
			t.Errorf("%q: %v, want a usage fault", path, err)
		}
	}
}

// A file that cannot be saved is given up with its reason, and tried again in
// the next run.
func TestAFolderThatIsNotShared(t *testing.T) {
	t.Parallel()
	y := openYard(t, rows("kling", klingModel, 1, plain))
	away := y.out + "-away"
	if err := os.Rename(y.out, away); err != nil {
		t.Fatal(err)
	}
	y.add(t, nil)
	y.hire(t)
	y.until(t, "a worker missed the folder", func(ctx context.Context) (bool, error) {
		jobs, err := y.Ledger.List(ctx, ledger.Filter{Batch: "b", Unsaved: true})
		return len(jobs) == 1, errors.Join(err, ctx.Err())
	})
	if _, err := os.Stat(y.out); err == nil {
		t.Error("the worker made a folder of its own where the shared one is missing")
	}
	if err := os.Rename(away, y.out); err != nil {
		t.Fatal(err)
	}
	if ends := y.through(t); ends[batch.Done] != 1 {
		t.Errorf("%v, want 1 done", ends)
	}
	y.wantJournal(t, 1, 1)
}

// A step that comes to itself when its row is long over buys nothing.
func TestAStaleStepBuysNothing(t *testing.T) {
	t.Parallel()
	y := openYard(t, rows("kling", klingModel, 1, plain))
	asleep, awake := make(chan struct{}), make(chan struct{})
	var calls atomic.Int64
	y.desk.Order = func(ctx context.Context, row batch.Row) (job.Order, func(), error) {
		if calls.Add(1) == 1 {
			close(asleep)
			<-awake
		}
		return y.capped(ctx, row)
	}
	y.add(t, nil)
	first := y.hire(t)
	<-asleep
	y.sql(t, "UPDATE SCHEMA.river_job SET state = 'available', scheduled_at = now()")
	y.hire(t)
	y.until(t, "the row is done by the other worker", func(context.Context) (bool, error) { return y.files(t) == 1, nil })
	close(awake)
	first.fire(t)
	if ends := y.through(t); ends[batch.Done] != 1 {
		t.Errorf("%v, want 1 done", ends)
	}
	y.wantJournal(t, 1, 1)
}

// Whoever opens a queue finds it made, once, and does not change one that
// workers of an older klingctl may be working on.
func TestOpenQueue(t *testing.T) {
	t.Parallel()
	y := openYard(t, nil)
	y.sql(t, "DROP SCHEMA "+y.schema+" CASCADE", "CREATE SCHEMA "+y.schema)
	opened := make(chan error, 4)
	for range cap(opened) {
		go func() {
			queue, err := batch.OpenQueue(t.Context(), y.place, false)
			if err == nil {
				queue.Close()
			}
			opened <- err
		}()
	}
	for range cap(opened) {
		if err := <-opened; err != nil {
			t.Errorf("one of several that open it at once: %v", err)
		}
	}
	y.sql(t, "DELETE FROM SCHEMA.river_migration WHERE version = (SELECT max(version) FROM SCHEMA.river_migration)")
	_, err := batch.OpenQueue(t.Context(), y.place, false)
	if failure := fault.Of(err); failure == nil || failure.Kind != fault.Usage || !strings.Contains(failure.Hint, "--migrate") {
		t.Errorf("an older queue was opened with %v, want a usage fault that names --migrate", err)
	}
	if _, err := batch.OpenQueue(t.Context(), "postgres://u:s3cret/@h:x/", false); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("a URL that is none: %v, want an error without the password", err)
	}
}
