package ui_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/ui"
)

func TestWithoutATerminalEachChangeIsALine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	m := ui.NewMeter(ui.Terminal{Err: &out}, time.Now)
	now := time.Now()
	m.State("submitting to kling", now, 0, 0)
	for range 100 {
		m.State("3f2a queued at kling", now, time.Minute, 4*time.Minute)
	}
	m.State("3f2a running at kling", now, time.Minute, 4*time.Minute)
	m.Line("kling asks for patience")
	m.State("9c1d queued at kling", now, 5900*time.Millisecond, 6200*time.Millisecond)
	m.State("3f2a succeeded", now, 0, 0)
	for i := range int64(100) {
		m.Bytes("clip.mp4", i<<20, 100<<20)
	}
	m.Bytes("two.mp4", 0, -1)
	m.Line("saved \x1b[31mclip.mp4")
	m.Close()
	m.Close()
	want := `submitting to kling
3f2a queued at kling (usually 1m to 4m)
3f2a running at kling
kling asks for patience
9c1d queued at kling (usually 6s)
3f2a succeeded
downloading clip.mp4 (100.0 MiB)
downloading two.mp4
saved \u001b[31mclip.mp4
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// tallied runs a test with a tally of some jobs and gives what a log was told.
func tallied(t *testing.T, jobs int, test func(tell func(change func(t *ui.Tally)))) []string {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(*testing.T) {
		m := ui.NewMeter(ui.Terminal{Err: &out}, time.Now)
		tally := ui.Tally{Total: jobs, Since: time.Now()}
		test(func(change func(t *ui.Tally)) {
			change(&tally)
			m.Tally(tally)
		})
		m.Close()
	})
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

func TestALogOfSomeJobsTellsEachChange(t *testing.T) {
	t.Parallel()
	got := tallied(t, 2, func(tell func(func(*ui.Tally))) {
		tell(func(t *ui.Tally) { t.Queued, t.Latest = 1, "3f2a queued" })
		tell(func(t *ui.Tally) { t.Queued = 2 })
		tell(func(t *ui.Tally) { t.Queued, t.Running, t.Latest = 1, 1, "3f2a running" })
		for range 100 {
			pass(time.Second)
			tell(func(*ui.Tally) {})
		}
		tell(func(t *ui.Tally) { t.Running, t.Done, t.Latest = 0, 1, "3f2a\nsucceeded \x1b[2J" })
		tell(func(t *ui.Tally) { t.Queued, t.Failed, t.Latest = 0, 1, "9c1d failed: no reason given" })
	})
	want := []string{"3f2a queued", "3f2a running", `3f2a succeeded \u001b[2J`, "9c1d failed: no reason given"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestALogOfManyJobsStaysShort: one line for each job's end, and how all stand
// each five per cent or ten seconds.
func TestALogOfManyJobsStaysShort(t *testing.T) {
	t.Parallel()
	const jobs = 1000
	got := tallied(t, jobs, func(tell func(func(*ui.Tally))) {
		for job := range jobs {
			tell(func(t *ui.Tally) { t.Queued++; t.Latest = fmt.Sprintf("job %d queued", job) })
		}
		for job := range jobs {
			tell(func(t *ui.Tally) { t.Queued--; t.Running++; t.Latest = fmt.Sprintf("job %d running", job) })
			tell(func(*ui.Tally) {}) // the same again
		}
		pass(time.Minute)
		for job := range jobs {
			tell(func(t *ui.Tally) { t.Running--; t.Saving++; t.Latest = fmt.Sprintf("job %d succeeded", job) })
			tell(func(t *ui.Tally) { t.Saving--; t.Done++; t.Latest = fmt.Sprintf("saved %d.mp4", job) })
			tell(func(*ui.Tally) {})
		}
	})
	var saved, sums []string
	for _, line := range got {
		if strings.HasPrefix(line, "saved ") {
			saved = append(saved, line)
		} else {
			sums = append(sums, line)
		}
	}
	if len(saved) != jobs || saved[0] != "saved 0.mp4" || saved[jobs-1] != "saved 999.mp4" {
		t.Errorf("the log tells of %d ends, want each of %d once", len(saved), jobs)
	}
	if len(sums) < 20 || len(sums) > 22 || sums[1] != "50/1000 done · 950 running · 1m" || got[len(got)-1] != "1000/1000 done · 1m" {
		t.Errorf("the log tells %d times how all stand, the last line is %q:\n%s", len(sums), got[len(got)-1], strings.Join(sums, "\n"))
	}
}

func TestALogOfManyJobsIsToldNowAndThen(t *testing.T) {
	t.Parallel()
	got := tallied(t, 100, func(tell func(func(*ui.Tally))) {
		for job := range 100 {
			tell(func(t *ui.Tally) { t.Queued++; t.Latest = fmt.Sprintf("job %d queued", job) })
			pass(250 * time.Millisecond)
		}
		for range 100 {
			tell(func(t *ui.Tally) { t.Low, t.High = time.Minute, 2*time.Minute })
			pass(250 * time.Millisecond)
		}
	})
	want := []string{"0/100 done · 41 queued · 10s", "0/100 done · 81 queued · 20s", "0/100 done · 100 queued · 30s · 1m to 2m left"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestQuietTellsNothingButProblems(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	terminal := ui.Terminal{Err: &out, ErrTTY: true, Quiet: true}.Dress(ui.Look{Progress: true})
	m := ui.NewMeter(terminal, time.Now)
	m.State("running", time.Now(), 0, 0)
	m.Bytes("a", 1, 2)
	m.Tally(ui.Tally{Total: 30, Done: 30, Latest: "saved a"})
	m.Line("a notice")
	m.Close()
	terminal.Notice("another")
	if out.Len() != 0 {
		t.Errorf("a quiet terminal got %q", out.String())
	}
	ui.Terminal{Err: &out, Quiet: true}.Problem("it broke", "no", "try again")
	if want := "error: it broke\n  charged: no\n  next: try again\n"; out.String() != want {
		t.Errorf("the problem reads %q, want %q", out.String(), want)
	}
}
