package job_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

func seconds(t *rapid.T, name string, most int) time.Duration {
	return time.Duration(rapid.IntRange(0, most*1000).Draw(t, name)) * time.Millisecond
}

// bound is that of a pause: none, or half a second at least.
func bound(t *rapid.T, name string, most int) time.Duration {
	return time.Duration(rapid.OneOf(rapid.Just(0), rapid.IntRange(500, most*1000)).Draw(t, name)) * time.Millisecond
}

func phase(t *rapid.T) float64 { return float64(rapid.IntRange(0, 999).Draw(t, "phase")) / 1000 }

// unknownLate is when a job of which nothing is known counts as late.
const unknownLate = 5 * time.Minute

func TestPausesKeepTheirBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		low := seconds(t, "low", 300)
		usual := catalog.Span{Low: low, High: low + seconds(t, "span", 300)}
		poll := provider.Poll{First: seconds(t, "first", 120), Min: bound(t, "min", 20), Max: bound(t, "max", 60)}
		plan := job.Plan{Schedule: job.NewSchedule(nil, usual, poll), Phase: phase(t)}
		late := usual.High
		if late == 0 {
			late = unknownLate
		}
		wantBounds(t, plan, poll, usual.Low, late)
	})
}

// A ledger may hold anything, and the bounds hold still.
func TestPausesKeepTheirBoundsWhateverTheHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		poll := provider.Poll{First: seconds(t, "first", 120), Min: bound(t, "min", 20), Max: bound(t, "max", 60)}
		var past []time.Duration
		for _, n := range rapid.SliceOfN(rapid.OneOf(rapid.Int64(), rapid.Int64Range(1, 1e12)), 5, 60).Draw(t, "past") {
			past = append(past, time.Duration(n))
		}
		var longest time.Duration
		for _, d := range past {
			longest = max(longest, d)
		}
		plan := job.Plan{Schedule: job.NewSchedule(past, catalog.Span{}, poll), Phase: phase(t)}
		wantBounds(t, plan, poll, longest, min(max(longest, unknownLate), 24*time.Hour))
	})
}

// wantBounds checks the pauses at one job from its beginning, for jobs that
// usually begin to end at low at the latest and of which few end after late.
func wantBounds(t *rapid.T, plan job.Plan, poll provider.Poll, low, late time.Duration) {
	t.Helper()
	least, most := poll.Min, poll.Max
	if least == 0 {
		least = 2 * time.Second
	}
	if most == 0 {
		most = 30 * time.Second
	}
	most = max(most, least)
	first := job.Next(plan, 0)
	// The ages of very long jobs are planned in cells of some seconds.
	cell := time.Second + min(late, 8*time.Hour)/1000
	if latest := max(poll.First, most, min(low, time.Minute)) + 2*least + cell + poll.First/20; first < max(poll.First, min(least/2, time.Second)) || first > latest {
		t.Fatalf("the first look after %s, want %s to %s", first, poll.First, latest)
	}
	before := time.Duration(0)
	for age, looks := first, 0; looks < 500; looks++ {
		got := job.Next(plan, age)
		limit := most
		if age < low+least {
			limit = max(most, time.Minute)
		}
		if got < least || got > limit {
			t.Fatalf("%s after %s, want %s to %s", got, age, least, limit)
		}
		// After the usual time an older job is never looked at more often.
		if age > late+2*least && got < before {
			t.Fatalf("%s after %s, sooner than the %s before", got, age, before)
		}
		before = got
		age += got
	}
}

// Who asks later is never sent to an earlier look, so that a look that came too
// soon or too late changes nothing about those after it.
func TestALaterAgeHasNoEarlierLook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		low := seconds(t, "low", 300)
		usual := catalog.Span{Low: low, High: low + seconds(t, "span", 300)}
		poll := provider.Poll{First: seconds(t, "first", 120), Min: bound(t, "min", 20), Max: bound(t, "max", 60)}
		plan := job.Plan{Schedule: job.NewSchedule(nil, usual, poll), Phase: phase(t)}
		age := seconds(t, "age", 1200)
		later := age + seconds(t, "later", 60)
		if one, other := age+job.Next(plan, age), later+job.Next(plan, later); other < one {
			t.Errorf("asked at %s and %s, the looks are at %s and %s", age, later, one, other)
		}
	})
}

// The looks at a job stay where they are, and those at many are moved evenly.
func TestEachJobHasItsOwnPhase(t *testing.T) {
	t.Parallel()
	const jobs, parts = 1000, 10
	var found [parts]int
	for n := range jobs {
		one := kling.Job{ID: fmt.Sprintf("%012d", n)}
		at := job.Phase(one)
		if at < 0 || at >= 1 || at != job.Phase(one) {
			t.Fatalf("the phase of %s is %g, then %g, want one from 0 to below 1", one.ID, at, job.Phase(one))
		}
		found[int(at*parts)]++
	}
	for part, n := range found {
		if n < jobs/parts/2 || n > jobs/parts*2 {
			t.Errorf("%d of %d jobs in part %d of %d", n, jobs, part, parts)
		}
	}
}

func TestAFixedPaceWinsOverEverything(t *testing.T) {
	t.Parallel()
	schedule := job.NewSchedule(nil, catalog.Span{Low: time.Hour, High: 2 * time.Hour}, provider.Poll{Min: time.Minute})
	plan := job.Plan{Schedule: schedule, Fixed: 3 * time.Second}
	for _, age := range []time.Duration{0, time.Minute, time.Hour, 24 * time.Hour} {
		if got := job.Next(plan, age); got != 3*time.Second {
			t.Errorf("Next after %s = %s, want 3s", age, got)
		}
	}
}

// A job of which nothing is known is looked at first when its provider says.
func TestWithoutKnowledgeTheProvidersFirstIsKept(t *testing.T) {
	t.Parallel()
	for _, first := range []time.Duration{3 * time.Second, 15 * time.Second, time.Minute} {
		plan := job.Plan{Schedule: job.NewSchedule(nil, catalog.Span{}, provider.Poll{First: first, Min: 3 * time.Second, Max: 15 * time.Second})}
		if got := job.Next(plan, 0); got != first {
			t.Errorf("the first look after %s, want %s", got, first)
		}
	}
}

// A few looks guard the time before, many cover the usual span, and both go
// where the history says, not where the documents do.
func TestLooksGatherWhereJobsEnd(t *testing.T) {
	t.Parallel()
	var past []time.Duration
	for n := range 50 {
		past = append(past, 200*time.Second+time.Duration(n)*time.Second)
	}
	plan := job.Plan{Schedule: job.NewSchedule(past, catalog.Span{Low: time.Minute, High: 90 * time.Second}, provider.Poll{})}
	before, within := 0, 0
	for age := time.Duration(0); age < 250*time.Second; {
		age += job.Next(plan, age)
		switch {
		case age < 190*time.Second:
			before++
		case age < 250*time.Second:
			within++
		}
	}
	if before < 3 || before > 9 {
		t.Errorf("%d looks in the 190s before, want one each minute or a little less", before)
	}
	if within < 12 || within > 25 {
		t.Errorf("%d looks in the usual minute, want one each few seconds", within)
	}
}

// A round learns from its own jobs: those that ended first tell when to look
// at the last.
func TestARoundReadsItsGrownHistory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		var jobs []kling.Job
		for n := range 10 {
			jobs = append(jobs, s.submit(t, "kling", fmt.Sprintf("boat %d", n)))
		}
		<-time.After(generation - 5*time.Second)
		last := time.Now()
		jobs = append(jobs, s.submit(t, "kling", "the last boat"))
		for _, outcome := range s.Wait(t.Context(), jobs, 0) {
			if outcome.Err != nil || outcome.Job.State != kling.Succeeded {
				t.Errorf("%s, %v", outcome.Job.State, outcome.Err)
			}
		}
		late := 0
		for _, at := range s.looks {
			if at.Sub(last) > 25*time.Second {
				late++
			}
		}
		if late > 6 {
			t.Errorf("%d looks at the last job, want 6 at most instead of one each 10s", late)
		}
	})
}
