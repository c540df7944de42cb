package ui_test

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/ui"
)

const (
	// drawn is long enough for news to be drawn.
	drawn = 110 * time.Millisecond
	// redrawn is long enough for a drawing without news.
	redrawn = 510 * time.Millisecond
)

// drawing runs a test with a meter on a screen, in a bubble. Inside it s.t is
// the test.
func drawing(t *testing.T, width int, test func(s *screen, m ui.Meter)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t, width)
		m := ui.NewMeter(s.terminal(), time.Now)
		defer m.Close()
		test(s, m)
	})
}

func TestBarNeverWraps(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("very-long-name-", 30)
	for _, width := range []int{1, 2, 5, 10, 20, 36, 40, 65, 66, 67, 80, 200} {
		t.Run(fmt.Sprintf("%d columns", width), func(t *testing.T) {
			t.Parallel()
			drawing(t, width, func(s *screen, m ui.Meter) {
				t := s.t
				since := time.Now().Add(-99 * time.Hour)
				steps := []func(){
					func() { m.State("3f2a9c1d7e5b queued at kling", time.Time{}, 0, 0) },
					func() { m.State(long, since, time.Minute, 4*time.Minute) },
					func() {
						m.State("排队中 生成视频 提交任务 等待处理 🎬🎬🎬 "+long, since, time.Minute, time.Hour)
					},
					func() { m.Bytes("clip.mp4", 0, 100) },
					func() { m.Bytes("/a/"+long, 1<<40, 1<<41) },
					func() { m.Bytes("/a/"+long+"2", 999<<30, 1000<<30) },
					func() { m.Bytes("影片.mp4", 12<<20, 40<<20) },
					func() { m.Bytes("影片.mp4", 40<<20, 40<<20) },
					func() { m.Bytes("unknown.mp4", 12<<20, -1) },
					func() { m.Bytes(long, math.MaxInt64, 0) },
					func() { m.Bytes(long, math.MaxInt64, math.MaxInt64) },
					func() { m.Bytes(long, math.MaxInt64, 1) },
					func() { m.Bytes("", -5, 7) },
					func() { m.Tally(busy()) },
					func() { m.Tally(ui.Tally{Latest: "排队中 生成视频 🎬🎬🎬 " + long}) },
					func() {
						m.Tally(ui.Tally{Total: math.MaxInt, Done: math.MaxInt / 2, Since: since, High: math.MaxInt64, Latest: long})
					},
				}
				for i, step := range steps {
					step()
					pass(700 * time.Millisecond)
					if s.wraps() && width > 1 || strings.Contains(s.shown(), "\n") {
						t.Errorf("step %d does not fit into %d columns:\n%s", i, width, s.shown())
					}
				}
			})
		})
	}
}

func TestBarTellsTheState(t *testing.T) {
	t.Parallel()
	drawing(t, 80, func(s *screen, m ui.Meter) {
		t := s.t
		m.State("3f2a running at kling", time.Now().Add(-41*time.Second), time.Minute, 4*time.Minute)
		pass(drawn)
		first := s.shown()
		if want := "3f2a running at kling · 41s · 20s to 3m30s left"; !strings.HasSuffix(first, want) {
			t.Errorf("the screen shows %q, want %q at its end", first, want)
		}
		pass(redrawn)
		if s.shown() == first {
			t.Error("nothing moves")
		}
		pass(500 * time.Millisecond)
		if !strings.Contains(s.shown(), "· 42s ·") {
			t.Errorf("the screen shows %q, want 42s", s.shown())
		}
	})
}

// TestBarTellsWhatIsLeft: from the usual time and the time gone by, never more
// exactly than that is known.
func TestBarTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		after, low, high time.Duration
		want             string
	}{
		"nobody knows":        {41 * time.Second, 0, 0, "running · 41s"},
		"just begun":          {0, time.Minute, 4 * time.Minute, "running · 0s · 1m to 4m left"},
		"early":               {41 * time.Second, time.Minute, 4 * time.Minute, "running · 41s · 20s to 3m30s left"},
		"any moment":          {59 * time.Second, time.Minute, 4 * time.Minute, "running · 59s · likely within 3m"},
		"most are done":       {220 * time.Second, time.Minute, 4 * time.Minute, "running · 3m40s · likely within 20s"},
		"all were done":       {240 * time.Second, time.Minute, 4 * time.Minute, "running · 4m · longer than usual"},
		"always as long":      {90 * time.Second, 3 * time.Minute, 3 * time.Minute, "running · 1m30s · about 1m30s left"},
		"exactly as long":     {0, 3 * time.Minute, 3 * time.Minute, "running · 0s · about 3m left"},
		"hours":               {0, 121 * time.Minute, 187 * time.Minute, "running · 0s · 2h to 3h5m left"},
		"a clock set back":    {-time.Hour, time.Minute, 4 * time.Minute, "running · 0s · 1m to 4m left"},
		"a catalog's mistake": {0, 4 * time.Minute, time.Minute, "running · 0s · about 1m left"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drawing(t, 80, func(s *screen, m ui.Meter) {
				m.State("running", time.Now().Add(drawn-10*time.Millisecond-test.after), test.low, test.high)
				pass(drawn)
				if _, got, _ := strings.Cut(s.shown(), " "); got != test.want {
					s.t.Errorf("the screen shows %q, want %q", got, test.want)
				}
			})
		})
	}
}

func TestNarrowBarKeepsWhatMoves(t *testing.T) {
	t.Parallel()
	drawing(t, 30, func(s *screen, m ui.Meter) {
		t := s.t
		m.State("3f2a9c1d7e5b running at kling", time.Now().Add(-41*time.Second), time.Minute, 4*time.Minute)
		pass(drawn)
		if got := s.shown(); !strings.HasSuffix(got, "… · 41s") {
			t.Errorf("the screen shows %q, want the seconds at its end", got)
		}
	})
}

func TestBarOfBytes(t *testing.T) {
	t.Parallel()
	drawing(t, 80, func(s *screen, m ui.Meter) {
		t := s.t
		see := func(words ...string) {
			t.Helper()
			pass(drawn)
			for _, word := range words {
				if !strings.Contains(s.shown(), word) {
					t.Errorf("the screen shows %q, want %q in it", s.shown(), word)
				}
			}
		}
		m.Bytes("/out/clip.mp4", 30<<20, 40<<20) // resumed: 30 MiB were there
		see("clip.mp4", " 75% |█████████   |", "30.0 MiB/40.0 MiB")
		if strings.Contains(s.shown(), "/out") {
			t.Errorf("the screen shows %q, want no folder", s.shown())
		}
		pass(1890 * time.Millisecond)
		m.Bytes("/out/clip.mp4", 32<<20, 40<<20)
		see(" 80% ", "32.0 MiB/40.0 MiB · 1.0 MiB/s · 8s left") // 2 MiB in 2 s, not 32
		m.Bytes("/out/clip.mp4", 40<<20, 40<<20)
		see("100% |████████████|", "40.0 MiB/40.0 MiB")
		m.Bytes("/out/clip.mp4", 0, 40<<20) // refused to resume: from the beginning
		see("  0% |            |", "0 B/40.0 MiB")
		m.State("3f2a running", time.Time{}, 0, 0)
		see("3f2a running")
		m.Bytes("/out/two.mp4", 5<<20, -1)
		see("two.mp4 · 5.0 MiB")
		if strings.ContainsAny(s.shown(), "%|") {
			t.Errorf("the screen shows %q, a percentage that nobody knows", s.shown())
		}
		m.Bytes("/out/two.mp4", 10<<20, 20<<20)
		see(" 50% ", "two.mp4")
	})
}

// TestRateShowsAStall: the rate is that of the last seconds, so that a
// connection that stalls is seen, and since when.
func TestRateShowsAStall(t *testing.T) {
	t.Parallel()
	drawing(t, 80, func(s *screen, m ui.Meter) {
		see := func(want string) {
			s.t.Helper()
			if !strings.HasSuffix(s.shown(), want) {
				s.t.Errorf("the screen shows %q, want %q at its end", s.shown(), want)
			}
		}
		var have int64
		come := func(seconds int, perSecond int64) {
			for range seconds * 25 {
				have += perSecond / 25
				m.Bytes("clip.mp4", have, 1000<<20)
				pass(40 * time.Millisecond)
			}
		}
		come(20, 10<<20)
		see(" MiB/1000.0 MiB · 10.0 MiB/s · 1m20s left")
		come(6, 2<<20)
		see(" · 2.0 MiB/s · 6m34s left") // not the 8 MiB/s of the average
		come(3, 0)
		see(" · 861 KiB/s · 15m37s left")
		come(4, 0)
		see(" · stalled for 7s")
		come(60, 0)
		see(" · stalled for 1m7s")
		come(6, 2<<20)
		see(" · 2.0 MiB/s · 6m28s left")
	})
}

func TestCloseTakesTheBarAway(t *testing.T) {
	t.Parallel()
	drawing(t, 40, func(s *screen, m ui.Meter) {
		t := s.t
		m.State("running", time.Time{}, 0, 0)
		pass(drawn)
		if s.shown() == "" {
			t.Fatal("nothing was drawn")
		}
		m.Close()
		if got := s.shown(); got != "" {
			t.Errorf("after Close the screen shows %q", got)
		}
		before := s.count()
		m.State("more", time.Time{}, 0, 0)
		m.Bytes("a", 1, 2)
		pass(time.Second)
		m.Close()
		if got := s.count(); got != before {
			t.Errorf("%d writes after Close", got-before)
		}
		m.Line("a late notice")
		if got := s.shown(); got != "a late notice" {
			t.Errorf("the screen shows %q: a late notice must not be lost", got)
		}
	})
}

func TestABarThatNeverDrewWritesNothing(t *testing.T) {
	t.Parallel()
	drawing(t, 40, func(s *screen, m ui.Meter) {
		t := s.t
		pass(1010 * time.Millisecond)
		m.State("too late to be drawn", time.Time{}, 0, 0)
		m.Close()
		if got := s.count(); got != 0 {
			t.Errorf("%d writes, want none", got)
		}
	})
}

func TestNoticesStandAboveTheBar(t *testing.T) {
	t.Parallel()
	drawing(t, 40, func(s *screen, m ui.Meter) {
		t := s.t
		m.State("running", time.Time{}, 0, 0)
		pass(drawn)
		m.Line("one")
		m.Line("two\n  of two lines")
		pass(drawn)
		if lines := strings.Split(s.shown(), "\n"); len(lines) != 4 || lines[0] != "one" || lines[1] != "two" ||
			lines[2] != "  of two lines" || !strings.HasSuffix(lines[3], "running") {
			t.Errorf("the screen shows\n%s", s.shown())
		}
		m.Line("three")
		m.Close()
		if got, want := s.shown(), "one\ntwo\n  of two lines\nthree"; got != want {
			t.Errorf("after Close the screen shows\n%s\nwant\n%s", got, want)
		}
	})
}

// TestResizingLeavesNothingBehind: what a smaller window wrapped is wiped
// whole, and what stands above the bar is not.
func TestResizingLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	drawing(t, 80, func(s *screen, m ui.Meter) {
		t := s.t
		m.Line("a notice")
		m.State("3f2a9c1d7e5b running at kling", time.Now(), time.Minute, 4*time.Minute)
		pass(drawn)
		for _, width := range []int{50, 20, 100, 7, 200, 20} {
			s.resize(width)
			pass(redrawn)
			lines := strings.Split(s.shown(), "\n")
			notice := strings.Join(lines[:len(lines)-1], "")
			if notice != "a notice" || ui.Columns(lines[len(lines)-1]) >= width {
				t.Errorf("at %d columns the screen shows\n%s", width, s.shown())
			}
		}
		s.resize(9)
		m.Close()
		if got := strings.ReplaceAll(s.shown(), "\n", ""); got != "a notice" {
			t.Errorf("after Close the screen shows\n%s", s.shown())
		}
	})
}

// TestALineForAWiderWindowDoesNotWrap: while a window is being resized, a
// drawing may be made for the width that it had a moment ago.
func TestALineForAWiderWindowDoesNotWrap(t *testing.T) {
	t.Parallel()
	drawing(t, 80, func(s *screen, m ui.Meter) {
		t := s.t
		m.Line("a notice")
		m.Tally(busy())
		pass(drawn)
		s.lag(80)
		for _, width := range []int{60, 30} {
			s.resize(width)
			pass(2 * redrawn)
		}
		s.lag(0)
		pass(redrawn)
		if lines := strings.Split(s.shown(), "\n"); len(lines) != 2 || lines[0] != "a notice" || ui.Columns(lines[1]) >= 30 {
			t.Errorf("the screen shows\n%s", s.shown())
		}
	})
}

func TestAThousandUpdatesCostFewDrawings(t *testing.T) {
	t.Parallel()
	drawing(t, 80, func(s *screen, m ui.Meter) {
		t := s.t
		var all sync.WaitGroup
		for part := range 10 {
			all.Go(func() {
				for i := range 100 {
					m.Bytes("clip.mp4", int64(part*100+i), 1000)
					pass(10 * time.Millisecond)
				}
			})
		}
		all.Wait()
		if got := s.count(); got < 5 || got > 11 {
			t.Errorf("1,000 updates in a second cost %d writes, want about 10", got)
		}
	})
}

func TestNothingSteersTheTerminal(t *testing.T) {
	t.Parallel()
	const hostile = "a\x1b[2Jb\x1b]0;title\ac\rd\u009be\u202ef"
	drawing(t, 120, func(s *screen, m ui.Meter) {
		t := s.t
		m.Line(hostile)
		m.State(hostile+"\nsecond", time.Time{}, 0, 0)
		pass(drawn)
		m.Bytes("/out/"+hostile, 1, 2)
		pass(drawn) // the screen complains
		m.Tally(ui.Tally{Total: 2, Latest: hostile + "\nsecond\r\n"})
		pass(drawn)
		if !strings.Contains(s.shown(), `a\u001b[2Jb`) || strings.Count(s.shown(), "\n") > 1 {
			t.Errorf("the screen shows %q, want the event escaped and on one line", s.shown())
		}
		for _, r := range []string{"\u009b", "\u202e"} {
			if strings.Contains(s.shown(), r) {
				t.Errorf("%q reached the screen: %q", r, s.shown())
			}
		}
	})
}
