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

// unknownLate is when a job of which nothing is known counts as late.
const unknownLate = 5 * time.Minute

func TestPausesKeepTheirBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		low := seconds(t, "low", 300)
		usual := catalog.Span{Low: low, High: low + seconds(t, "span", 300)}
		poll := provider.Poll{First: seconds(t, "first", 120), Min: seconds(t, "min", 20), Max: seconds(t, "max", 60)}
		plan := job.Plan{Schedule: job.NewSchedule(nil, usual, poll)}
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
		poll := provider.Poll{First: seconds(t, "first", 120), Min: seconds(t, "min", 20), Max: seconds(t, "max", 60)}
		var past []time.Duration
		for _, n := range rapid.SliceOfN(rapid.OneOf(rapid.Int64(), rapid.Int64Range(1, 1e12)), 5, 60).Draw(t, "past") {
			past = append(past, time.Duration(n))
		}
		var longest time.Duration
		for _, d := range past {
			longest = max(longest, d)
		}
		plan := job.Plan{Schedule: job.NewSchedule(past, catalog.Span{}, poll)}
		wantBounds(t, plan, poll, longest, max(longest, unknownLate))
	})
}

// wantBounds checks the pause at some age, for jobs that usually begin to end
// at low at the latest and of which few end after late.
func wantBounds(t *rapid.T, plan job.Plan, poll provider.Poll, low, late time.Duration) {
	t.Helper()
	age := seconds(t, "age", 7200)
	got := job.Next(plan, age)
	least, most := poll.Min, poll.Max
	if least == 0 {
		least = 2 * time.Second
	}
	if most == 0 {
		most = 30 * time.Second
	}
	most = max(most, least)
	if got < least {
		t.Errorf("%s after %s, below the least of %s", got, age, least)
	}
	if age < poll.First {
		if age+got < poll.First || got > max(poll.First, low, least) {
			t.Errorf("%s after %s, want the first look at %s, or when jobs usually end", got, age, poll.First)
		}
		return
	}
	if age < low {
		most = max(most, 30*time.Second)
	}
	if got > most {
		t.Errorf("%s after %s, above the most of %s", got, age, most)
	}
	// After the usual time an older job is never looked at more often.
	if later := age + seconds(t, "later", 7200); age >= late && job.Next(plan, later) < got {
		t.Errorf("%s after %s and %s after %s", got, age, job.Next(plan, later), later)
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
	if before < 6 || before > 9 {
		t.Errorf("%d looks in the 190s before, want one each 30s or a little less", before)
	}
	if within < 12 || within > 25 {
		t.Errorf("%d looks in the usual minute, want one each few seconds", within)
	}
}

// What docs/performance.md says about looking at jobs.
func TestLooksComeSoonAndSeldom(t *testing.T) {
	t.Parallel()
	tests := map[string]figures{
		"U60-90":                {lag: 1.5, lag95: 3.2, requests: 9},
		"LN208-narrow":          {lag: 2.7, lag95: 6.5, requests: 18.5},
		"LN208-wide":            {lag: 4, lag95: 9, requests: 22.1},
		"LN208-narrow-now-0.6x": {lag: 15, lag95: 30, requests: 7},
		"LN208-narrow-now-1.5x": {lag: 5, lag95: 12, requests: 45},
	}
	for _, w := range worlds() {
		want, ok := tests[w.name]
		if !ok {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			got := simulate(schedules()[0], w)
			if got.lag > want.lag || got.lag95 > want.lag95 || got.requests > want.requests {
				t.Errorf("lag, 95th and requests are %.2f, want %.2f at most", got, want)
			}
		})
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
		if late > 5 {
			t.Errorf("%d looks at the last job, want 5 at most instead of one each 10s", late)
		}
	})
}
