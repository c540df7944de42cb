package batch_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/batch"
)

// mishaps are what may happen to a row, beside nothing.
func mishaps() []string {
	return []string{
		"", "", "", "", "lost-reply", "eof", "half-reply", "500", "500-created", "no-id", "empty", "hang", "slow-reply", "504",
		"429:2", "1303:2", "429-empty:1", "moderated", "failed", "422", "slow:200s", "not-found:2", "busy-status:2", "error-status:2",
		"html-status:1", "lost-status:2", "unknown-state", "expired:1", "truncated", "short", "no-range", "two-videos",
	}
}

// story is a batch, what happens to its rows, and when runs of it are stopped.
type story struct {
	rows  []batch.Row
	stops []time.Duration
	// slow is how long creates take.
	slow []time.Duration
	room int
}

func stories(t *rapid.T) story {
	s := story{room: rapid.IntRange(1, 12).Draw(t, "room")}
	what := rapid.SampledFrom(mishaps())
	prompt := func(name string) func(int) string {
		return func(i int) string {
			if word := what.Draw(t, name); word != "" {
				return plain(i) + " at " + name + " [[" + word + "]]"
			}
			return plain(i) + " at " + name
		}
	}
	s.rows = append(rows("kling", klingModel, rapid.IntRange(0, 8).Draw(t, "rows"), prompt("kling")),
		rows("apikley", apikleyModel, rapid.IntRange(1, 8).Draw(t, "more"), prompt("apikley"))...)
	moment := rapid.IntRange(1, 400_000)
	for range rapid.IntRange(0, 3).Draw(t, "stops") {
		s.stops = append(s.stops, time.Duration(moment.Draw(t, "stop"))*time.Millisecond)
	}
	for range 8 {
		s.slow = append(s.slow, time.Duration(rapid.IntRange(0, 3000).Draw(t, "slow"))*time.Millisecond)
	}
	return s
}

// Whatever happens to the rows, and whenever runs are stopped: nothing is
// bought twice, a run to the end ends every row, and one more buys nothing.
// KLINGCTL_BATCH_STORIES asks for so many others than those of every run.
func TestStories(t *testing.T) {
	t.Parallel()
	first, count := 0, 12
	if text := os.Getenv("KLINGCTL_BATCH_STORIES"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatalf("KLINGCTL_BATCH_STORIES is %q, want a number", text)
		}
		first = int(time.Now().Unix())
	}
	told := rapid.Custom(stories)
	for seed := first; seed < first+count && !t.Failed(); seed++ {
		s := told.Example(seed)
		synctest.Test(t, func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("seed %d: room %d, stops %v, creates take %v", seed, s.room, s.stops, s.slow)
				}
			}()
			p := open(t)
			o := p.options(t, s.rows)
			o.Room = func(string) int { return s.room }
			creates := 0
			p.creates = roundTrip(func(r *http.Request) (*http.Response, error) {
				p.mu.Lock()
				creates++
				pause := s.slow[creates%len(s.slow)]
				p.mu.Unlock()
				timer := time.NewTimer(pause)
				defer timer.Stop()
				select {
				case <-r.Context().Done():
					return nil, r.Context().Err()
				case <-timer.C:
				}
				return p.server.Transport().RoundTrip(r)
			})
			for _, stop := range s.stops {
				ctx, cancel := context.WithCancelCause(t.Context())
				timer := time.AfterFunc(stop, func() { cancel(errors.New("signal")) })
				p.run(ctx, t, o)
				timer.Stop()
				cancel(nil)
			}
			last := p.run(t.Context(), t, o)
			p.wantKept(t, last)
			made := creates
			again := p.run(t.Context(), t, o)
			p.wantKept(t, again)
			if creates != made || again.Bought != 0 {
				t.Errorf("%d creates and %d bought after a run that went to its end", creates-made, again.Bought)
			}
		})
	}
}

// wantKept holds a run that went to its end against what the emulator charged.
func (p *plant) wantKept(t *testing.T, s batch.Summary) {
	t.Helper()
	if s.Ends[batch.Open]+s.Ends[batch.Waiting]+s.Ends[batch.Bad]+s.Ends[batch.Changed] > 0 {
		t.Errorf("rows did not end: %v", s.Ends)
	}
	charged := p.chargedFor(t)
	for id, r := range p.results {
		prompt := r.Row.Flags["prompt"][0]
		n := charged[prompt]
		has := r.End == batch.Done || r.End == batch.Kept
		switch {
		case n > 1:
			t.Errorf("%s (%s) was charged %d times", id, prompt, n)
		case has && n != 1:
			t.Errorf("%s (%s) is %s and was not charged", id, prompt, r.End)
		case r.End == batch.Doubtful && r.Row.Provider == "kling":
			t.Errorf("%s (%s) is unknown where tasks can be looked up: %v", id, prompt, r.Err)
		case n == 1 && !has && r.End != batch.Doubtful && r.Job.Ref.Task == "":
			t.Errorf("%s (%s) was charged and is %s without its task: %v", id, prompt, r.End, r.Err)
		}
	}
}

// chargedFor is how often the emulator charged for each prompt.
func (p *plant) chargedFor(t *testing.T) map[string]int {
	t.Helper()
	journal, err := p.server.Journal()
	if err != nil {
		t.Fatal(err)
	}
	charged := map[string]int{}
	for _, entry := range journal.Entries {
		if !entry.Charged {
			continue
		}
		var body struct {
			Prompt string `json:"prompt"`
			Input  struct {
				Prompt string `json:"prompt"`
			} `json:"input"`
		}
		if err := json.Unmarshal(entry.Body, &body); err != nil {
			t.Fatal(err)
		}
		charged[strings.TrimSpace(body.Prompt+body.Input.Prompt)]++
	}
	return charged
}
