package batch_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
)

func plain(i int) string { return fmt.Sprintf("boat %d", i) }

func TestEveryRowEndsInAFileAndASecondRunBuysNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		all := append(rows("kling", klingModel, 30, plain), rows("apikley", apikleyModel, 10, plain)...)
		first := p.run(t.Context(), t, p.options(t, all))
		wantEnds(t, first, ends{batch.Done, 40})
		if first.Bought != 40 || first.Stopped != nil || p.files(t) != 40 {
			t.Errorf("bought %d, %d files, stopped: %v", first.Bought, p.files(t), first.Stopped)
		}
		second := p.run(t.Context(), t, p.options(t, all))
		wantEnds(t, second, ends{batch.Kept, 40})
		p.wantJournal(t, 40, 40)

		one := p.results["kling-3"].Job
		if err := os.Remove(one.Artifacts[0].Path); err != nil {
			t.Fatal(err)
		}
		third := p.run(t.Context(), t, p.options(t, all))
		wantEnds(t, third, ends{batch.Kept, 39}, ends{batch.Done, 1})
		p.wantJournal(t, 40, 40)
	})
}

func TestRowsThatFailAreTriedAgainOnlyOnPurpose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		all := rows("kling", klingModel, 6, func(i int) string {
			return []string{"a", "b [[moderated]]", "c [[422]]", "d", "e", "f"}[i]
		})
		all[3].Flags["duration"] = []string{"7"}
		first := p.run(t.Context(), t, p.options(t, all))
		wantEnds(t, first, ends{batch.Done, 3}, ends{batch.Failed, 2}, ends{batch.Bad, 1})
		if r := p.results["kling-3"]; !fault.Is(r.Err, fault.Usage) && r.Err == nil {
			t.Errorf("the bad row: %v", r.Err)
		}
		p.wantJournal(t, 5, 4)
		second := p.run(t.Context(), t, p.options(t, all))
		wantEnds(t, second, ends{batch.Kept, 3}, ends{batch.Failed, 2}, ends{batch.Bad, 1})
		p.wantJournal(t, 5, 4)

		o := p.options(t, all)
		o.RetryFailed = true
		all[1].Flags["prompt"] = []string{"b, mended"}
		third := p.run(t.Context(), t, o)
		wantEnds(t, third, ends{batch.Kept, 3}, ends{batch.Done, 1}, ends{batch.Failed, 1}, ends{batch.Bad, 1})
		p.wantJournal(t, 7, 5)
	})
}

func TestAChangedRowIsNoticedAndNotBoughtAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		all := rows("kling", klingModel, 3, plain)
		p.run(t.Context(), t, p.options(t, all))
		all[1].Flags["prompt"] = []string{"another boat"}
		second := p.run(t.Context(), t, p.options(t, all))
		wantEnds(t, second, ends{batch.Kept, 2}, ends{batch.Changed, 1})
		if len(p.notices) != 1 || !strings.Contains(p.notices[0], "changed") {
			t.Errorf("notices: %q", p.notices)
		}
		p.wantJournal(t, 3, 3)
		o := p.options(t, all)
		o.RedoChanged = true
		third := p.run(t.Context(), t, o)
		wantEnds(t, third, ends{batch.Kept, 2}, ends{batch.Done, 1})
		p.wantJournal(t, 4, 4)
		fourth := p.run(t.Context(), t, o)
		wantEnds(t, fourth, ends{batch.Kept, 3})
	})
}

func TestLostRepliesAreFoundOrListed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		lost := func(i int) string { return []string{"a", "b [[lost-reply]]", "c [[500]]", "d [[500-created]]"}[i%4] }
		all := append(rows("kling", klingModel, 8, lost), rows("apikley", apikleyModel, 8, lost)...)
		first := p.run(t.Context(), t, p.options(t, all))
		// Kling finds its own again, and what it proves absent is tried two
		// times more. Apikley can tell nothing.
		wantEnds(t, first, ends{batch.Done, 6 + 2}, ends{batch.Failed, 2}, ends{batch.Doubtful, 6})
		for id, r := range p.results {
			if strings.HasPrefix(id, "apikley") && r.End != batch.Done && r.End != batch.Doubtful {
				t.Errorf("%s is %s: %v", id, r.End, r.Err)
			}
			if r.End == batch.Doubtful && !fault.Is(r.Err, fault.Ambiguous) {
				t.Errorf("%s: %v", id, r.Err)
			}
		}
		if p.files(t) != 8 {
			t.Errorf("%d files", p.files(t))
		}
		p.wantJournal(t, 6+2*3+8, 6+4+2)
		second := p.run(t.Context(), t, p.options(t, all))
		wantEnds(t, second, ends{batch.Kept, 8}, ends{batch.Failed, 2}, ends{batch.Doubtful, 6})
		p.wantJournal(t, 6+2*3+8, 6+4+2)
	})
}

func TestABusyProviderIsGivenTimeAndNoRowIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		var times []time.Time
		const room = 5
		p.creates = roundTrip(func(r *http.Request) (*http.Response, error) {
			p.mu.Lock()
			times = append(times, time.Now())
			p.mu.Unlock()
			return p.server.Transport().RoundTrip(r)
		})
		all := rows("kling", klingModel, 40, func(i int) string { return fmt.Sprintf("boat %d [[1303:2]]", i) })
		o := p.options(t, all)
		o.Room = func(string) int { return room }
		summary := p.run(t.Context(), t, o)
		wantEnds(t, summary, ends{batch.Done, 40})
		p.wantJournal(t, -1, 40)
		// From the second second on no more than 3 creates a second.
		for i := room; i+4 < len(times); i++ {
			if times[i+4].Sub(times[i]) < time.Second {
				t.Fatalf("5 creates in %s", times[i+4].Sub(times[i]))
			}
		}
	})
}

func TestOneBusyProviderDoesNotHoldUpAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		all := append(rows("kling", klingModel, 20, func(int) string { return "a [[429:1:600]]" }), rows("apikley", apikleyModel, 20, plain)...)
		began := time.Now()
		o := p.options(t, all)
		ended := o.Ended
		last := map[string]time.Duration{}
		o.Ended = func(r batch.Result) {
			p.mu.Lock()
			last[r.Row.Provider] = time.Since(began)
			p.mu.Unlock()
			ended(r)
		}
		wantEnds(t, p.run(t.Context(), t, o), ends{batch.Done, 40})
		if last["apikley"] > generation+2*time.Minute || last["kling"] < 10*time.Minute {
			t.Errorf("ended after %v", last)
		}
	})
}

func TestRoomIsNeverExceeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		all := rows("kling", klingModel, 30, plain)
		o := p.options(t, all)
		o.Room = func(string) int { return 7 }
		var times []time.Time
		p.creates = roundTrip(func(r *http.Request) (*http.Response, error) {
			p.mu.Lock()
			times = append(times, time.Now())
			p.mu.Unlock()
			return p.server.Transport().RoundTrip(r)
		})
		began := time.Now()
		wantEnds(t, p.run(t.Context(), t, o), ends{batch.Done, 30})
		for i := range len(times) - 7 {
			if gap := times[i+7].Sub(times[i]); gap < generation {
				t.Fatalf("create %d left %s after create %d", i+8, gap, i+1)
			}
		}
		if took := time.Since(began); took < 4*generation || took > 6*generation {
			t.Errorf("5 rounds took %s", took)
		}
	})
}

func TestWhatWouldHappenToEveryRowStopsTheBuying(t *testing.T) {
	t.Parallel()
	for scenario, kind := range map[string]fault.Kind{"402": fault.Credit, "401": fault.Auth, "redirect-302": fault.Answer} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := open(t)
				all := rows("kling", klingModel, 30, func(i int) string {
					if i == 4 {
						return "x [[" + scenario + "]]"
					}
					return plain(i)
				})
				o := p.options(t, all)
				o.Room = func(string) int { return 1 }
				summary := p.run(t.Context(), t, o)
				if !fault.Is(summary.Stopped, kind) {
					t.Errorf("stopped by %v", summary.Stopped)
				}
				wantEnds(t, summary, ends{batch.Done, 4}, ends{batch.Waiting, 26})
				all[4].Flags["prompt"] = []string{"x"}
				wantEnds(t, p.run(t.Context(), t, o), ends{batch.Kept, 4}, ends{batch.Done, 26})
				p.wantJournal(t, 31, 30)
			})
		})
	}
}

func TestMaxFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		o := p.options(t, rows("kling", klingModel, 20, func(int) string { return "x [[422]]" }))
		o.Room, o.MaxFailures = func(string) int { return 1 }, 3
		summary := p.run(t.Context(), t, o)
		wantEnds(t, summary, ends{batch.Failed, 3}, ends{batch.Waiting, 17})
		if !fault.Is(summary.Stopped, fault.Held) {
			t.Errorf("stopped: %v", summary.Stopped)
		}
	})
}

func TestAStoppedRunIsTakenUpWhereItStood(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"while rows are bought": 30 * time.Second, "while jobs run": 150 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := open(t)
				o := p.options(t, append(rows("kling", klingModel, 20, plain), rows("apikley", apikleyModel, 20, plain)...))
				o.Room = func(string) int { return 6 }
				ctx, cancel := context.WithCancelCause(t.Context())
				timer := time.AfterFunc(after, func() { cancel(errors.New("signal")) })
				defer timer.Stop()
				began := time.Now()
				summary := p.run(ctx, t, o)
				if took := time.Since(began); took > after+time.Second {
					t.Errorf("it ended %s after the signal", took-after)
				}
				if summary.Ends[batch.Open] == 0 || summary.Ends[batch.Waiting] == 0 {
					t.Errorf("%v", summary.Ends)
				}
				summary = p.run(t.Context(), t, o)
				if summary.Files() != 40 {
					t.Errorf("%v", summary.Ends)
				}
				p.wantJournal(t, 40, 40)
			})
		})
	}
}

func TestTwoRunsOfOneBatchBuyEachRowOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		all := rows("kling", klingModel, 25, plain)
		done := make(chan batch.Summary)
		o := p.options(t, all)
		o.Ended = func(batch.Result) {}
		for range 2 {
			go func() {
				s, err := batch.Run(t.Context(), p.Service, o)
				if err != nil {
					t.Error(err)
				}
				done <- s
			}()
		}
		for range 2 {
			if s := <-done; s.Files() != 25 {
				t.Errorf("%v", s.Ends)
			}
		}
		p.wantJournal(t, 25, 25)
	})
}

func TestCancelStopsTheBuyingOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		o := p.options(t, rows("kling", klingModel, 20, plain))
		o.Room = func(string) int { return 5 }
		began := time.Now()
		o.Cancelled = func(context.Context) bool { return time.Since(began) > 50*time.Second }
		summary := p.run(t.Context(), t, o)
		wantEnds(t, summary, ends{batch.Done, 5}, ends{batch.Waiting, 15})
		p.wantJournal(t, 5, 5)
	})
}

// A run that stood still while another one carried its row to the end finds the
// job that there is.
func TestARunThatComesLateBuysNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := open(t)
		late := p.options(t, rows("kling", klingModel, 1, plain))
		other := late
		other.Ended = func(batch.Result) {}
		stood := false
		late.Order = func(ctx context.Context, row batch.Row) (job.Order, func(), error) {
			if !stood {
				stood = true
				if _, err := batch.Run(ctx, p.Service, other); err != nil {
					t.Error(err)
				}
			}
			return p.order(ctx, row)
		}
		summary := p.run(t.Context(), t, late)
		if summary.Files() != 1 || summary.Bought != 0 {
			t.Errorf("%v, bought %d", summary.Ends, summary.Bought)
		}
		p.wantJournal(t, 1, 1)
	})
}
