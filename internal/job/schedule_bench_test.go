package job_test

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/provider"
)

// peers are ours in some ways, and what else one could do; fixedPace is what
// they are measured against.
func peers() []schedule {
	kie := provider.Poll{First: 3 * time.Second, Min: 3 * time.Second, Max: 15 * time.Second}
	return []schedule{
		ours("ours", provider.Poll{}),
		ours("ours in KIE's bounds, 3 s to 15 s", kie),
		ignorant(ours("ours, no history and no documented time", provider.Poll{})),
		plain("60 s, then 5 s", func(_ time.Duration, looks int) time.Duration {
			if looks == 0 {
				return time.Minute
			}
			return 5 * time.Second
		}),
		plain("2 s x 1.5, up to 30 s", func(_ time.Duration, looks int) time.Duration {
			return min(time.Duration(2*math.Pow(1.5, float64(looks))*float64(time.Second)), 30*time.Second)
		}),
	}
}

func fixedPace() schedule { return fixed(10 * time.Second) }

// stillWorlds are services that take as long as in their history.
func stillWorlds() []world {
	return []world{
		{name: "U", past: flat(), now: flat()},
		{name: "LN narrow", past: narrow(), now: narrow()},
		{name: "LN wide", past: wide(), now: wide()},
	}
}

// driftedWorlds are services that became faster or slower.
func driftedWorlds() []world {
	return []world{
		{name: "U, 0.6 times", past: flat(), now: flat().scaled(0.6)},
		{name: "U, 1.5 times", past: flat(), now: flat().scaled(1.5)},
		{name: "LN narrow, 0.6 times", past: narrow(), now: narrow().scaled(0.6)},
		{name: "LN narrow, 1.5 times", past: narrow(), now: narrow().scaled(1.5)},
	}
}

// oddWorlds are unlike the laws that the schedule was tried on first.
func oddWorlds() []world {
	always := func(d time.Duration) service { return uniform(d, d) }
	two := either(0.5, uniform(50*time.Second, 70*time.Second), uniform(220*time.Second, 260*time.Second))
	return []world{
		{name: "two humps", past: two, now: two},
		{name: "no memory", past: exponential(75 * time.Second), now: exponential(75 * time.Second)},
		{name: "no memory, long", past: exponential(5 * time.Minute), now: exponential(5 * time.Minute)},
		{name: "always 75 s", past: always(75 * time.Second), now: always(75 * time.Second)},
		{name: "always 5 s", past: always(5 * time.Second), now: always(5 * time.Second)},
		{name: "U, one job in 50 took an hour", past: either(0.02, always(time.Hour), flat()), now: flat()},
		{name: "U after 5 jobs", past: flat(), now: flat(), history: 5},
		{name: "U after 10 jobs", past: flat(), now: flat(), history: 10},
		{name: "LN narrow after 5 jobs", past: narrow(), now: narrow(), history: 5},
		{name: "LN narrow after 10 jobs", past: narrow(), now: narrow(), history: 10},
	}
}

// BenchmarkSchedules prints the tables of docs/performance.md: a cell is mean
// lag in seconds / 95th percentile / requests a job.
func BenchmarkSchedules(b *testing.B) {
	var page strings.Builder
	for b.Loop() {
		page.Reset()
		for _, worlds := range [][]world{stillWorlds(), driftedWorlds()} {
			writeTable(&page, worlds)
		}
		writeOdd(&page)
		writeSteady(&page)
	}
	_, _ = io.WriteString(os.Stdout, page.String())
}

func (f figures) String() string {
	return fmt.Sprintf("%.2f / %.1f / %.1f", f.lag, f.lag95, f.requests)
}

// over tells lag and requests as shares of another's.
func (f figures) over(other figures) string {
	return fmt.Sprintf("%.2f, %.2f", f.lag/other.lag, f.requests/other.requests)
}

func writeRow(w io.Writer, cells ...string) {
	_, _ = fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}

func writeHead(w io.Writer, columns ...string) {
	_, _ = fmt.Fprintln(w)
	writeRow(w, columns...)
	_, _ = fmt.Fprintln(w, strings.Repeat("| --- ", len(columns))+"|")
}

// writeTable has a row for each schedule and a column for each world.
func writeTable(w io.Writer, worlds []world) {
	pace := fixedPace()
	head, measure, best := []string{"schedule"}, []string{pace.name}, []string{"ours / " + pace.name + ": lag, requests"}
	for _, at := range worlds {
		head = append(head, at.name)
		is := simulate(pace, at)
		measure = append(measure, is.String())
		best = append(best, simulate(peers()[0], at).over(is))
	}
	writeHead(w, head...)
	for _, s := range peers() {
		row := []string{s.name}
		for _, at := range worlds {
			row = append(row, simulate(s, at).String())
		}
		writeRow(w, row...)
	}
	writeRow(w, measure...)
	writeRow(w, best...)
}

// writeOdd has a row for each world that is unlike the others.
func writeOdd(w io.Writer) {
	pace := fixedPace()
	writeHead(w, "jobs", "ours", pace.name, "lag, requests: ours / fixed")
	for _, at := range oddWorlds() {
		got, is := simulate(peers()[0], at), simulate(pace, at)
		writeRow(w, at.name, got.String(), is.String(), got.over(is))
	}
}

// writeSteady has a row for each way to look at many jobs at a time.
func writeSteady(w io.Writer) {
	states := []steady{
		{world: stillWorlds()[0], inFlight: 100},
		{world: stillWorlds()[0], inFlight: 1000},
		{world: stillWorlds()[1], inFlight: 100},
		{world: stillWorlds()[1], inFlight: 1000},
	}
	head := []string{"looks"}
	for _, c := range states {
		head = append(head, fmt.Sprintf("%s, %d in flight", c.name, c.inFlight))
	}
	writeHead(w, head...)
	for _, way := range []struct {
		name  string
		by    schedule
		lists bool
	}{
		{"one a job, fixed 5 s", fixed(5 * time.Second), false},
		{"one a job, ours", peers()[0], false},
		{"lists of 500, every 5 s", fixed(5 * time.Second), true},
		{"lists of 500, ours", peers()[0], true},
	} {
		row := []string{way.name}
		for _, c := range states {
			got := c.observe(way.by, way.lists)
			row = append(row, fmt.Sprintf("%.2f / %.1f / %.2f", got.lag, got.lag95, got.requests))
		}
		writeRow(w, row...)
	}
}

func BenchmarkNewSchedule(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, median := range []time.Duration{75 * time.Second, 208 * time.Second, time.Hour} {
		past := world{past: lognormal(median, 1.4)}.remembered(r)
		b.Run(median.String(), func(b *testing.B) {
			for b.Loop() {
				job.NewSchedule(past, catalog.Span{}, provider.Poll{})
			}
		})
	}
	b.Run("span", func(b *testing.B) {
		for b.Loop() {
			job.NewSchedule(nil, catalog.Span{Low: 90 * time.Second, High: 7 * time.Minute}, provider.Poll{})
		}
	})
}
