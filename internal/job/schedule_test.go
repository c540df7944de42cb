package job_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/provider"
)

func seconds(t *rapid.T, name string, most int) time.Duration {
	return time.Duration(rapid.IntRange(0, most*1000).Draw(t, name)) * time.Millisecond
}

func TestPausesKeepTheirBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		low := seconds(t, "low", 300)
		plan := job.Plan{
			Usual: catalog.Span{Low: low, High: low + seconds(t, "span", 300)},
			Poll:  provider.Poll{First: seconds(t, "first", 120), Min: seconds(t, "min", 20), Max: seconds(t, "max", 60)},
		}
		age := seconds(t, "age", 7200)
		got := job.Next(plan, age)
		least, most := plan.Poll.Min, plan.Poll.Max
		if least == 0 {
			least = 2 * time.Second
		}
		if most == 0 {
			most = 30 * time.Second
		}
		first := max(plan.Poll.First, plan.Usual.Low)
		if got < least {
			t.Errorf("%s after %s, below the least of %s", got, age, least)
		}
		if age < first {
			if age+got < first || got > max(first, least) {
				t.Errorf("%s after %s, want the first look at %s", got, age, first)
			}
			return
		}
		if got > max(most, least) {
			t.Errorf("%s after %s, above the most of %s", got, age, most)
		}
		// After the usual time an older job is never looked at more often.
		if later := age + seconds(t, "later", 7200); age >= plan.Usual.High && job.Next(plan, later) < got {
			t.Errorf("%s after %s and %s after %s", got, age, job.Next(plan, later), later)
		}
	})
}

func TestAFixedPaceWinsOverEverything(t *testing.T) {
	t.Parallel()
	plan := job.Plan{Usual: catalog.Span{Low: time.Hour, High: 2 * time.Hour}, Poll: provider.Poll{Min: time.Minute}, Fixed: 3 * time.Second}
	for _, age := range []time.Duration{0, time.Minute, time.Hour, 24 * time.Hour} {
		if got := job.Next(plan, age); got != 3*time.Second {
			t.Errorf("Next after %s = %s, want 3s", age, got)
		}
	}
}

// The usual span gets a handful of looks, not hundreds and not one.
func TestALifeTakesAHandfulOfLooks(t *testing.T) {
	t.Parallel()
	plan := job.Plan{Usual: catalog.Span{Low: time.Minute, High: 4 * time.Minute}}
	looks := 0
	for age := time.Duration(0); age < 4*time.Minute; age += job.Next(plan, age) {
		looks++
	}
	if looks < 5 || looks > 15 {
		t.Errorf("%d looks in the usual span, want about eight", looks)
	}
}
