package job_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

func TestManyJobsAreWaitedForAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		var jobs []kling.Job
		for n := range 5 {
			for _, name := range []string{"apikley", "aimlapi", "apixo", "kling"} {
				jobs = append(jobs, s.submit(t, name, fmt.Sprintf("boat %d", n)))
			}
		}
		began := time.Now()
		outcomes := s.Wait(t.Context(), jobs, 0)
		for i, outcome := range outcomes {
			if outcome.Err != nil || outcome.Job.State != kling.Succeeded || outcome.Job.ID != jobs[i].ID {
				t.Errorf("outcome %d is %s %s, %v, want %s succeeded", i, outcome.Job.ID, outcome.Job.State, outcome.Err, jobs[i].ID)
			}
			if stored := s.row(t, outcome.Job.ID); stored.State != kling.Succeeded || len(stored.Artifacts) != 1 {
				t.Errorf("stored as %s with %d results", stored.State, len(stored.Artifacts))
			}
		}
		if took := time.Since(began); took < generation || took > generation+20*time.Second {
			t.Errorf("took %s for jobs of %s", took, generation)
		}
		s.wantJournal(t, 20, 20)
	})
}

func TestLooksKeepTheProvidersPace(t *testing.T) {
	t.Parallel()
	for name := range models() {
		for _, prompt := range []string{"a boat", "expected", "a boat [[error-status:4]]"} {
			t.Run(name+"/"+prompt, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := open(t)
					made := s.submit(t, name, prompt)
					submitted := time.Now()
					if outcome := s.waitFor(t.Context(), made); outcome.Err != nil || outcome.Job.State != kling.Succeeded {
						t.Fatalf("%s, %v", outcome.Job.State, outcome.Err)
					}
					poll := s.settings(t, name).Poll
					latest := poll.First
					if prompt == "expected" {
						latest = max(latest, 30*time.Second)
					}
					if pause := s.looks[0].Sub(submitted); pause < poll.First || pause > latest+latest/10+time.Second {
						t.Errorf("the first look after %s, want %s to %s and a tenth at most", pause, poll.First, latest)
					}
					for i := 1; i < len(s.looks); i++ {
						if gap := s.looks[i].Sub(s.looks[i-1]); gap < poll.Min {
							t.Errorf("a gap of %s, want %s at least", gap, poll.Min)
						}
					}
					if len(s.looks) > 25 {
						t.Errorf("%d looks in two minutes, want 25 at most", len(s.looks))
					}
					s.wantJournal(t, 1, 1)
				})
			})
		}
	}
}

func TestAFixedPaceIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.submit(t, "kling", "a boat")
		s.Wait(t.Context(), []kling.Job{made}, 7*time.Second)
		for i := 1; i < len(s.looks); i++ {
			if gap := s.looks[i].Sub(s.looks[i-1]); gap != 7*time.Second {
				t.Errorf("a gap of %s, want 7s", gap)
			}
		}
		if len(s.looks) != 15 {
			t.Errorf("%d looks, want one each 7s until 105s", len(s.looks))
		}
	})
}

// What passes is ridden over, at the price of no create.
func TestWaitingRidesOverWhatPasses(t *testing.T) {
	t.Parallel()
	for name := range models() {
		for _, scenario := range []string{"error-status:3", "lost-status:3", "html-status:3", "busy-status:2:9", "not-found:1", "unknown-state"} {
			t.Run(name+"/"+scenario, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := open(t)
					made := s.submit(t, name, "a boat [["+scenario+"]]")
					if scenario == "not-found:1" {
						made = s.young(t, made)
					}
					outcome := s.waitFor(t.Context(), made)
					if outcome.Err != nil || outcome.Job.State != kling.Succeeded {
						t.Errorf("%s, %v, want it to succeed", outcome.Job.State, outcome.Err)
					}
					if told := strings.Count(s.notices(), "not a documented state"); told != 0 && scenario != "unknown-state" || told != 1 && scenario == "unknown-state" {
						t.Errorf("notices %q, want an undocumented word told once", s.notices())
					}
					s.wantJournal(t, 1, 1)
				})
			})
		}
	}
}

// young lets a job be looked at soon after its submission.
func (s *shop) young(t *testing.T, made kling.Job) kling.Job {
	t.Helper()
	outcome := s.Wait(shortly(t), []kling.Job{made}, time.Second)[0]
	if !outcome.Job.State.InFlight() {
		t.Fatalf("%s after a second: %v", outcome.Job.State, outcome.Err)
	}
	if len(s.looks) == 0 {
		t.Fatal("nobody looked")
	}
	return outcome.Job
}

func shortly(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestARetryAfterIsObeyedWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.submit(t, "apikley", "a boat [[busy-status:1:47]]")
		if outcome := s.waitFor(t.Context(), made); outcome.Err != nil {
			t.Fatal(outcome.Err)
		}
		if gap := s.looks[1].Sub(s.looks[0]); gap < 47*time.Second {
			t.Errorf("came back after %s, want 47s", gap)
		}
	})
}

func TestTimeThatIsUpLeavesTheJobAlone(t *testing.T) {
	t.Parallel()
	for _, scenario := range []string{"never", "queued", "error-status:9999", "html-status:9999"} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			made := s.submit(t, "apikley", "a boat [["+scenario+"]]")
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			began := time.Now()
			outcome := s.waitFor(ctx, made)
			e := faultOf(t, outcome.Err, fault.Deadline, fault.Charged)
			if took := time.Since(began); took != 5*time.Minute || e.Job != made.ID || !strings.Contains(e.Hint, "klingctl wait "+made.ID) {
				t.Errorf("%s: ended after %s, hint %q, want 5m and how to go on", scenario, took, e.Hint)
			}
			if stored := s.row(t, made.ID); !stored.State.InFlight() {
				t.Errorf("%s: stored as %s, want still in flight", scenario, stored.State)
			}
			s.wantJournal(t, 1, 1)
		})
	}
}

func TestARefusedKeyStopsTheWaitingAndKeepsTheJob(t *testing.T) {
	t.Parallel()
	for name := range models() {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			made := s.submit(t, name, "a boat [[key-status:1]]")
			outcome := s.waitFor(t.Context(), made)
			if e := faultOf(t, outcome.Err, fault.Auth, fault.Charged); e.Job != made.ID {
				t.Errorf("%s: job %q, want %s", name, e.Job, made.ID)
			}
			if len(s.looks) != 1 || !s.row(t, made.ID).State.InFlight() {
				t.Errorf("%s: %d looks, stored as %s, want one and in flight", name, len(s.looks), s.row(t, made.ID).State)
			}
			if again := s.waitFor(t.Context(), outcome.Job); again.Err != nil || again.Job.State != kling.Succeeded {
				t.Errorf("%s: with a good key %s, %v", name, again.Job.State, again.Err)
			}
		})
	}
}

func TestATaskThatIsNeverFoundIsLost(t *testing.T) {
	t.Parallel()
	for name := range models() {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			made := s.submit(t, name, "a boat [[not-found:9999]]")
			submitted := time.Now()
			outcome := s.Wait(t.Context(), []kling.Job{made}, 2*time.Second)[0]
			wantFault(t, outcome.Err, fault.NotFound, fault.Charged)
			if took := time.Since(submitted); took < 30*time.Second || took > 55*time.Second {
				t.Errorf("%s: given up after %s, want a grace of 30s and one pause", name, took)
			}
			if stored := s.row(t, made.ID); stored.State != kling.Lost || stored.Message == "" {
				t.Errorf("%s: stored as %s (%q), want lost with a reason", name, stored.State, stored.Message)
			}
		})
	}
}

func TestEndsOfAJobAreNoErrors(t *testing.T) {
	t.Parallel()
	for name := range models() {
		for _, scenario := range []string{"moderated", "failed"} {
			synctest.Test(t, func(t *testing.T) {
				s := open(t)
				outcome := s.waitFor(t.Context(), s.submit(t, name, "a boat [["+scenario+"]]"))
				if outcome.Err != nil || outcome.Job.State != kling.Failed || outcome.Job.Message == "" {
					t.Errorf("%s/%s: %s (%q), %v, want failed with the provider's reason", name, scenario, outcome.Job.State, outcome.Job.Message, outcome.Err)
				}
				s.wantJournal(t, 1, 1)
			})
		}
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			outcome := s.waitFor(t.Context(), s.submit(t, name, "a boat [[no-url]]"))
			if e := faultOf(t, outcome.Err, fault.Answer, fault.Charged); outcome.Job.State != kling.Succeeded || !strings.Contains(e.Hint, outcome.Job.Ref.String()) {
				t.Errorf("%s: %s, hint %q, want the task to ask for", name, outcome.Job.State, e.Hint)
			}
		})
	}
}

// An answer that stays beyond understanding ends the waiting, not the job.
func TestAnswersBeyondUnderstandingEndTheWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.submit(t, "kling", "a boat")
		s.reads = roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"code":0,"data":[]}`)), Request: r}, nil
		})
		outcome := s.waitFor(t.Context(), made)
		wantFault(t, outcome.Err, fault.Answer, fault.Charged)
		if len(s.looks) != 5 || !s.row(t, made.ID).State.InFlight() {
			t.Errorf("%d looks, stored as %s, want five and in flight", len(s.looks), s.row(t, made.ID).State)
		}
	})
}

// A look under way does not hold up Ctrl-C.
func TestStoppingTheWaitIsQuick(t *testing.T) {
	t.Parallel()
	for _, hangs := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			var jobs []kling.Job
			for n := range 12 {
				jobs = append(jobs, s.submit(t, "kling", fmt.Sprintf("boat %d", n)))
			}
			if hangs {
				s.reads = roundTrip(func(r *http.Request) (*http.Response, error) {
					<-r.Context().Done()
					return nil, context.Cause(r.Context())
				})
			}
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(15*time.Second, func() { cancel(errors.New("Ctrl-C")) })
			began := time.Now()
			outcomes := s.Wait(ctx, jobs, 0)
			if took := time.Since(began); took != 15*time.Second {
				t.Errorf("hanging %v: ended after %s, want 15s", hangs, took)
			}
			for _, outcome := range outcomes {
				if e := faultOf(t, outcome.Err, fault.Interrupted, fault.Charged); !strings.Contains(e.Hint, "klingctl wait "+outcome.Job.ID) {
					t.Errorf("hint %q, want how to go on", e.Hint)
				}
			}
		})
	}
}

// A look that hangs has a limit of its own, and the waiting goes on.
func TestALookThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.submit(t, "kling", "a boat")
		inner := s.reads
		var once sync.Once
		s.reads = roundTrip(func(r *http.Request) (*http.Response, error) {
			first := false
			once.Do(func() { first = true })
			if first {
				<-r.Context().Done()
				return nil, context.Cause(r.Context())
			}
			return inner.RoundTrip(r)
		})
		if outcome := s.waitFor(t.Context(), made); outcome.Err != nil || outcome.Job.State != kling.Succeeded {
			t.Errorf("%s, %v", outcome.Job.State, outcome.Err)
		}
	})
}

// While the machine sleeps timers stand still and the clock does not: one look
// makes up for it.
func TestASuspendIsFollowedByOneLook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.submit(t, "kling", "a boat [[never]]")
		var woke time.Time
		time.AfterFunc(63*time.Second, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.suspended, woke = time.Hour, time.Now()
		})
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		s.waitFor(ctx, made)
		after := slices.DeleteFunc(slices.Clone(s.looks), func(at time.Time) bool { return at.Before(woke) })
		if len(after) == 0 || after[0].Sub(woke) > 31*time.Second {
			t.Fatalf("looks at %v after waking at %v, want one soon", after, woke)
		}
		for i := 1; i < len(after); i++ {
			if gap := after[i].Sub(after[i-1]); gap < 10*time.Second {
				t.Errorf("a gap of %s after the suspend, want 10s at least", gap)
			}
		}
	})
}

func TestAForeignReferenceIsWaitedForWithoutALedger(t *testing.T) {
	t.Parallel()
	for name := range models() {
		synctest.Test(t, func(t *testing.T) {
			s, other := open(t), open(t)
			reference := s.submit(t, name, "a boat").Ref.String()
			other.reads = s.server.Transport()
			found, err := other.Find(t.Context(), reference, other.settingsOf(t))
			if err != nil || found.ID != "" {
				t.Fatalf("Find = %+v, %v, want a job without an id", found, err)
			}
			if outcome := other.waitFor(t.Context(), found); outcome.Err != nil || outcome.Job.State != kling.Succeeded || len(outcome.Job.Artifacts) != 1 {
				t.Errorf("%s: %s, %v, want it to succeed", name, outcome.Job.State, outcome.Err)
			}
			wrong, err := other.Find(t.Context(), reference+"x", other.settingsOf(t))
			if err != nil {
				t.Fatal(err)
			}
			outcome := other.waitFor(t.Context(), wrong)
			wantFault(t, outcome.Err, fault.NotFound, fault.NotCharged)
		})
	}
}

func TestFindTellsIdsFromReferences(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.submit(t, "apixo", "a boat")
		for _, arg := range []string{made.ID, made.ID[:5], strings.ToUpper(made.ID), made.Ref.String()} {
			if found, err := s.Find(t.Context(), arg, s.settingsOf(t)); err != nil || found.ID != made.ID {
				t.Errorf("Find(%q) = %q, %v, want %s", arg, found.ID, err, made.ID)
			}
		}
		for _, arg := range []string{"", "abc", "not an id", "kling:", ":x", "kling:a/b/c", "Kling:x", "no-such-id-anywhere"} {
			if _, err := s.Find(t.Context(), arg, s.settingsOf(t)); !fault.Is(err, fault.Usage) {
				t.Errorf("Find(%q) gives %v, want a usage fault", arg, err)
			}
		}
		if _, err := s.Find(t.Context(), "zzzzzzzz", s.settingsOf(t)); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown id gives %v", err)
		}
	})
}
