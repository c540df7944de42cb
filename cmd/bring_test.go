package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ui"
)

// watchedApp is an app off a terminal that writes into buffers.
func watchedApp() (a *app, out, errs *bytes.Buffer) {
	out, errs = &bytes.Buffer{}, &bytes.Buffer{}
	now := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	return newApp(Process{Out: out, Err: errs, Folder: filepath.FromSlash("/home/me"), Now: func() time.Time { return now }}), out, errs
}

func jobAt(id string, state kling.State) kling.Job {
	return kling.Job{ID: id, Ref: kling.Ref{Provider: "kling", Task: id}, State: state}
}

// The counts follow the jobs: each stands in one of them, however often it is
// told of, and one that is only no longer waited for stays where it was.
func TestBoardCounts(t *testing.T) {
	t.Parallel()
	a, _, errs := watchedApp()
	a.board = newBoard([]kling.Job{jobAt("a", kling.Queued), jobAt("b", kling.Running), jobAt("c", kling.Draft), jobAt("d", kling.Queued), jobAt("a", kling.Queued)}, a.process.Now())
	if a.board.tally.Total != 4 {
		t.Errorf("a job that is named twice counts twice")
	}
	counts := func() [5]int {
		tally := a.board.tally
		return [5]int{tally.Queued, tally.Running, tally.Saving, tally.Done, tally.Failed}
	}
	path := filepath.FromSlash("/home/me/out/a.mp4")
	for i, step := range []struct {
		event  job.Event
		want   [5]int
		latest string
	}{
		{job.Event{Stage: job.Moved, Job: jobAt("a", kling.Running)}, [5]int{1, 2, 0, 0, 0}, "a running at kling"},
		{job.Event{Stage: job.Moved, Job: jobAt("a", kling.Running)}, [5]int{1, 2, 0, 0, 0}, "a running at kling"},
		{job.Event{Stage: job.Moved, Job: jobAt("a", kling.Succeeded)}, [5]int{1, 2, 0, 0, 0}, "a running at kling"},
		{job.Event{Stage: job.Saving, Job: jobAt("a", kling.Succeeded), Path: path, Done: 1, Total: 9}, [5]int{1, 1, 1, 0, 0}, "a running at kling"},
		{job.Event{Stage: job.Saved, Job: jobAt("a", kling.Succeeded), Path: path, Done: 1 << 20}, [5]int{1, 1, 1, 0, 0}, "a running at kling"},
		{job.Event{Stage: job.Ended, Job: jobAt("a", kling.Succeeded)}, [5]int{1, 1, 0, 1, 0}, "saved " + filepath.FromSlash("out/a.mp4") + " (1.0 MiB)"},
		{job.Event{Stage: job.Ended, Job: jobAt("b", kling.Failed)}, [5]int{1, 0, 0, 1, 1}, "b failed: no reason given"},
		{job.Event{Stage: job.Ended, Job: jobAt("c", kling.Unknown), Err: errors.New("nobody knows")}, [5]int{1, 0, 0, 1, 2}, "c: nobody knows"},
		{job.Event{Stage: job.Ended, Job: jobAt("d", kling.Queued), Err: &fault.Error{Kind: fault.Deadline}}, [5]int{1, 0, 0, 1, 2}, "c: nobody knows"},
	} {
		a.observe(step.event)
		if got := counts(); got != step.want || a.board.tally.Latest != step.latest {
			t.Errorf("step %d: counts %v, latest %q; want %v, %q", i, got, a.board.tally.Latest, step.want, step.latest)
		}
	}
	for _, want := range []string{"a running at kling\n", "b failed: no reason given\n"} {
		if strings.Count(errs.String(), want) != 1 {
			t.Errorf("%q is not told once:\n%s", want, errs)
		}
	}
}

// The time that is left is that of the last job, and never less than nothing.
func TestBoardExpects(t *testing.T) {
	t.Parallel()
	a, _, _ := watchedApp()
	a.board = newBoard([]kling.Job{jobAt("a", kling.Queued), jobAt("b", kling.Queued)}, a.process.Now())
	for id, ago := range map[string]time.Duration{"a": 5 * time.Minute, "b": 2 * time.Minute} {
		j := jobAt(id, kling.Running)
		j.SubmittedAt = a.process.Now().Add(-ago)
		a.observe(job.Event{Stage: job.Moved, Job: j, Usual: catalog.Span{Low: time.Minute, High: 4 * time.Minute}})
	}
	if low, high := a.board.tally.Low, a.board.tally.High; low != -time.Minute || high != 2*time.Minute {
		t.Errorf("left are %v to %v, want -1m to 2m", low, high)
	}
}

// Events come from many goroutines at once; none is lost and each is a line.
func TestObserveFromEverywhere(t *testing.T) {
	t.Parallel()
	a, out, _ := watchedApp()
	a.answer.events = true
	a.openStream(t.Context())
	const many = 200
	jobs := make([]kling.Job, many)
	for i := range jobs {
		jobs[i] = jobAt(fmt.Sprintf("job%03d", i), kling.Queued)
	}
	a.board = newBoard(jobs, a.process.Now())
	a.ended = func(outcome job.Outcome) { a.stream.ended(outcome.Job, nil) }
	var all sync.WaitGroup
	for _, j := range jobs {
		all.Go(func() {
			for _, state := range []kling.State{kling.Running, kling.Running, kling.Succeeded} {
				j.State = state
				a.observe(job.Event{Stage: job.Moved, Job: j})
			}
			for done := range int64(10) {
				a.observe(job.Event{Stage: job.Saving, Job: j, Path: j.ID, Done: done, Total: 10})
			}
			a.observe(job.Event{Stage: job.Saved, Job: j, Path: j.ID, Done: 10})
			a.observe(job.Event{Stage: job.Ended, Job: j})
		})
	}
	all.Wait()
	if code := a.finish(t.Context(), nil); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	got := map[string]int{}
	for line := range strings.Lines(out.String()) {
		document, err := oneDocument(line)
		if err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		got[fmt.Sprint(valueAt(document, "event"))]++
		if counted := fmt.Sprint(valueAt(document, "jobs.succeeded")); valueAt(document, "event") == "summary" && counted != "200" {
			t.Errorf("the summary counts %s jobs", counted)
		}
	}
	want := map[string]int{"job.state": 2 * many, "file.progress": many, "file.saved": many, "job.ended": many, "summary": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if tally := a.board.tally; tally.Done != many || tally.Running != 0 || tally.Saving != 0 {
		t.Errorf("the tally is %+v", tally)
	}
}

// A disk that is full is told, with a code that is not success.
func TestEventsCannotBeWritten(t *testing.T) {
	t.Parallel()
	a, _, errs := watchedApp()
	a.process.Out = failing{}
	a.answer.events = true
	a.openStream(t.Context())
	ctx, cancel := a.stream.bound(t.Context())
	defer cancel()
	a.notice("something")
	<-ctx.Done()
	if !errors.Is(ctx.Err(), context.Canceled) || a.stream.failed() == nil {
		t.Errorf("the work goes on: %v, %v", ctx.Err(), a.stream.failed())
	}
	if code := a.finish(t.Context(), nil); code != exitUnexpected || !strings.Contains(errs.String(), "write to standard output: no room") {
		t.Errorf("exit code %d, standard error:\n%s", code, errs)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no room") }

// The child of --exec gets everything but keys, also those of providers that
// only the configuration knows.
func TestKeyless(t *testing.T) {
	t.Parallel()
	a, _, _ := watchedApp()
	a.global.config = filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(a.global.config, []byte("providers:\n  studio:\n    like: kling\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.process.Environ = []string{
		"PATH=/bin", "KIE_API_KEY=1", "KLING_ACCESS_KEY=2", "KLING_SECRET_KEY=3", "KLINGCTL_PROVIDERS_KLING_SECRET_KEY=4",
		"KLINGCTL_PROVIDERS_STUDIO_API_KEY=5", "KLINGCTL_PROVIDERS_STUDIO_API_KEY_FILE=/k", "KLINGCTL_PROVIDERS_STUDIO_LIKE=kling",
		"STUDIO_API_KEY=6", "OTHER_API_KEY=7", "KLINGCTL_SANDBOX=1",
	}
	if _, err := a.config(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"PATH=/bin", "KLINGCTL_PROVIDERS_STUDIO_API_KEY_FILE=/k", "KLINGCTL_PROVIDERS_STUDIO_LIKE=kling", "OTHER_API_KEY=7", "KLINGCTL_SANDBOX=1",
	}
	if got := a.keyless(); !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
}

// The output of a command beside a bar goes on line by line.
func TestLineSplitter(t *testing.T) {
	t.Parallel()
	var lines []string
	splitter := &lineSplitter{tell: func(line string) { lines = append(lines, line) }}
	for _, text := range []string{"one\ntw", "o\n\nthr", "ee"} {
		if n, err := splitter.Write([]byte(text)); n != len(text) || err != nil {
			t.Fatalf("Write = %d, %v", n, err)
		}
	}
	splitter.flush()
	splitter.flush()
	if want := []string{"one", "two", "", "three"}; !slices.Equal(lines, want) {
		t.Errorf("lines %q, want %q", lines, want)
	}
}

func TestInertURL(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://cdn.example.com/a.mp4?sig=1&x=%2F#t": "https://cdn.example.com/a.mp4?sig=1&x=%2F#t",
		"https://e.com/a b\n\x1b[2J\u202eü":           "https://e.com/a%20b%0A%1B[2J%E2%80%AE%C3%BC",
	} {
		if got := inertURL(link); got != want {
			t.Errorf("inertURL(%q) = %q, want %q", link, got, want)
		}
	}
}

// A tally costs the same however many jobs there are.
func BenchmarkBoard(b *testing.B) {
	for _, many := range []int{10, 10_000} {
		b.Run(strconv.Itoa(many), func(b *testing.B) {
			a, _, _ := watchedApp()
			jobs := make([]kling.Job, many)
			for i := range jobs {
				jobs[i] = jobAt(strconv.Itoa(i), kling.Running)
			}
			a.board, a.meter = newBoard(jobs, a.process.Now()), noMeter{}
			for i := 0; b.Loop(); i++ {
				a.observe(job.Event{Stage: job.Moved, Job: jobs[i%many]})
			}
		})
	}
}

// noMeter shows nothing.
type noMeter struct{}

func (noMeter) State(string, time.Time, time.Duration, time.Duration) {}
func (noMeter) Bytes(string, int64, int64)                            {}
func (noMeter) Tally(ui.Tally)                                        {}
func (noMeter) Line(string)                                           {}
func (noMeter) Close()                                                {}
