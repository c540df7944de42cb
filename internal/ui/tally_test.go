package ui_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/ui"
)

// busy is a tally with all there is in it.
func busy() ui.Tally {
	return ui.Tally{
		Total: 1000, Done: 420, Failed: 3, Running: 30, Saving: 2, Queued: 12,
		Low: 2 * time.Minute, High: 4 * time.Minute,
		Since: time.Now().Add(-190 * time.Second), Latest: "saved out/beach-at-dawn.mp4 (1.2 MiB)",
	}
}

// TestTallyAtEachWidth: where there is less room, the latest event goes first,
// then what is left, then the time since; the counts stay.
func TestTallyAtEachWidth(t *testing.T) {
	t.Parallel()
	quiet := func() ui.Tally {
		tally := busy()
		tally.Failed, tally.Saving, tally.Queued = 0, 0, 0
		return tally
	}
	tests := map[string]struct {
		width int
		tally func() ui.Tally
		want  string
	}{
		"200":                           {200, busy, " 42% |███████            | 420/1000 done · 3 failed · 30 running · 2 saving · 12 queued · 3m10s · 2m to 4m left · saved out/beach-at-dawn.mp4 (1.2 MiB)"},
		"120":                           {120, busy, " 42% |████       | 420/1000 done · 3 failed · 30 running · 2 saving · 12 queued · 3m10s · 2m to 4m left"},
		"80":                            {80, busy, " 42% |██     | 420/1000 done · 3 failed · 30 running · 2 saving · 12 queued"},
		"40":                            {40, busy, "420/1000 done · 3 failed · 30 running"},
		"20":                            {20, busy, "420/1000 done"},
		"10":                            {10, busy, "420/10…"},
		"80 with room for what is left": {80, quiet, " 42% |██     | 420/1000 done · 30 running · 3m10s · 2m to 4m left"},
		"100 with a part of the event":  {100, quiet, " 42% |███      | 420/1000 done · 30 running · 3m10s · 2m to 4m left · saved out/beach-at-dawn.mp…"},
		"40 with room for the time":     {40, quiet, "420/1000 done · 30 running · 3m10s"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drawing(t, test.width, func(s *screen, m ui.Meter) {
				m.Tally(test.tally())
				pass(drawn)
				if _, got, _ := strings.Cut(s.shown(), " "); got != test.want {
					s.t.Errorf("got  %q\nwant %q", got, test.want)
				}
			})
		})
	}
}

func TestTallyMovesOnWithoutNews(t *testing.T) {
	t.Parallel()
	drawing(t, 120, func(s *screen, m ui.Meter) {
		m.Tally(ui.Tally{Total: 3, Running: 3, Low: 20 * time.Second, High: time.Minute, Since: time.Now()})
		for _, step := range []struct {
			after time.Duration
			want  string
		}{
			{drawn, "0/3 done · 3 running · 0s · 20s to 1m left"},
			{10 * time.Second, "0/3 done · 3 running · 10s · 10s to 50s left"},
			{15 * time.Second, "0/3 done · 3 running · 25s · likely within 35s"},
			{40 * time.Second, "0/3 done · 3 running · 1m5s · longer than usual"},
		} {
			pass(step.after)
			if !strings.HasSuffix(s.shown(), "| "+step.want) {
				s.t.Errorf("the screen shows %q, want %q at its end", s.shown(), step.want)
			}
		}
		m.Tally(ui.Tally{Total: 3, Done: 3, Low: 20 * time.Second, High: time.Minute, Since: time.Now()})
		pass(drawn)
		if want := "100% |███████████| 3/3 done · 0s"; !strings.HasSuffix(s.shown(), want) {
			s.t.Errorf("the screen shows %q, want %q at its end: nothing is left", s.shown(), want)
		}
		m.Tally(ui.Tally{Total: 6, Done: 3})
		pass(drawn)
		if !strings.Contains(s.shown(), " 50% |") {
			s.t.Errorf("the screen shows %q, want 50%%: more jobs came", s.shown())
		}
	})
}

// TestTallyOfNonsense: figures that contradict one another break nothing.
func TestTallyOfNonsense(t *testing.T) {
	t.Parallel()
	drawing(t, 120, func(s *screen, m ui.Meter) {
		for _, test := range []struct {
			tally ui.Tally
			want  string
		}{
			{ui.Tally{}, "0/0 done"},
			{ui.Tally{Total: -5, Queued: -1, Done: -3}, "0/0 done"},
			{ui.Tally{Total: 2, Done: 3, Failed: 1}, "100% |███████████| 3/4 done · 1 failed"},
			{ui.Tally{Total: 2, Running: 2, Low: -time.Hour, High: -time.Second}, "  0% |           | 0/2 done · 2 running · longer than usual"},
			{ui.Tally{Total: 2, Done: 1, Latest: " \n "}, " 50% |█████      | 1/2 done"},
			{ui.Tally{Total: 2, Done: 1, Since: time.Now().Add(time.Hour), Low: time.Hour, High: time.Minute}, " 50% |█████      | 1/2 done · 0s · about 1m left"},
		} {
			m.Tally(test.tally)
			pass(drawn)
			if _, got, _ := strings.Cut(s.shown(), " "); got != test.want {
				s.t.Errorf("%+v\ngot  %q\nwant %q", test.tally, got, test.want)
			}
		}
	})
}

func TestResizingATallyLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	drawing(t, 200, func(s *screen, m ui.Meter) {
		t := s.t
		m.Line("a notice")
		tally := busy()
		tally.Latest = "保存 影片生成/海边日出🎬🎬.mp4 saved"
		for _, width := range []int{199, 80, 40, 20, 1, 120, 80, 7, 200, 20} {
			tally.Done++
			m.Tally(tally)
			pass(drawn)
			s.resize(width)
			pass(redrawn)
			lines := strings.Split(s.shown(), "\n")
			if width == 1 { // nothing fits beside the free column
				lines = append(lines, "")
			}
			notice := strings.Join(lines[:len(lines)-1], "")
			if notice != "a notice" || ui.Columns(lines[len(lines)-1]) >= width {
				t.Errorf("at %d columns the screen shows\n%s", width, s.shown())
			}
		}
		m.Close()
		if got := strings.ReplaceAll(s.shown(), "\n", ""); got != "a notice" {
			t.Errorf("after Close the screen shows\n%s", s.shown())
		}
	})
}

// TestAThousandJobsCostFewDrawings: whoever has news does not draw.
func TestAThousandJobsCostFewDrawings(t *testing.T) {
	t.Parallel()
	drawing(t, 80, func(s *screen, m ui.Meter) {
		var all sync.WaitGroup
		for job := range 1000 {
			all.Go(func() {
				for range 10 {
					m.Tally(ui.Tally{Total: 1000, Running: job})
					pass(100 * time.Millisecond)
				}
			})
		}
		all.Wait()
		if got := s.count(); got < 5 || got > 11 {
			s.t.Errorf("10,000 tallies in a second cost %d writes, want about 10", got)
		}
	})
}
