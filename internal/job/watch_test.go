package job_test

import (
	"context"
	"errors"
	"net/http"
	"path"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

// crowd is a shop before the works, and jobs of so many seconds each.
func crowd(t *testing.T, seconds ...int) (*shop, *works, []kling.Job) {
	t.Helper()
	s, w := open(t), &works{}
	s.reads = w
	var jobs []kling.Job
	for _, n := range seconds {
		jobs = append(jobs, w.order(t, s, time.Duration(n)*time.Second, true))
	}
	return s, w, jobs
}

func wantSucceeded(t *testing.T, outcomes []job.Outcome) {
	t.Helper()
	for _, outcome := range outcomes {
		if outcome.Err != nil || outcome.Job.State != kling.Succeeded || len(outcome.Job.Artifacts) != 1 {
			t.Errorf("%s ended %s with %d videos: %v", outcome.Job.ID, outcome.Job.State, len(outcome.Job.Artifacts), outcome.Err)
		}
	}
}

// While nothing is to be had of a provider, a crowd soon asks seldom.
func TestAProviderThatIsDownIsNotFloodedByACrowd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w := open(t), &works{}
		s.reads = w
		var jobs []kling.Job
		for range 200 {
			jobs = append(jobs, w.order(t, s, time.Minute, false))
		}
		back := time.Now().Add(4 * time.Minute)
		w.answer = func(r *http.Request, _ bool) *http.Response {
			if time.Now().After(back) {
				return nil
			}
			return w.says(r, 502, `bad gateway`)
		}
		wantSucceeded(t, s.Wait(t.Context(), jobs, 0))
		down := 0
		for _, at := range append(w.asked, w.listed...) {
			if at.Before(back) {
				down++
			}
		}
		if took := time.Since(back); took > 90*time.Second || down > 200 {
			t.Errorf("%d looks in the four minutes, and all done %s after, want a look a job at most", down, took)
		}
	})
}

func TestOneJobIsAskedForAloneAndThreeInAList(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		seconds       []int
		asked, listed int
	}{
		{[]int{35}, 4, 0},
		{[]int{35, 35}, 8, 0},
		{[]int{35, 35, 35}, 0, 4},
		{[]int{15, 35, 35, 35, 35, 35}, 0, 4},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, w, jobs := crowd(t, test.seconds...)
			wantSucceeded(t, s.Wait(t.Context(), jobs, 10*time.Second))
			if len(w.asked) != test.asked || len(w.listed) != test.listed {
				t.Errorf("%d jobs: asked %d times and listed %d, want %d and %d", len(jobs), len(w.asked), len(w.listed), test.asked, test.listed)
			}
		})
	}
}

// What a list shows to have ended needs no look of its own, even before its
// time.
func TestAListEndsTheWaitForThoseThatWereNotDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w, jobs := crowd(t, 12, 12, 12)
		watch := s.NewWatch(10 * time.Second)
		for _, j := range jobs {
			watch.Add(t.Context(), j)
		}
		time.AfterFunc(9*time.Second, func() {
			watch.Add(t.Context(), w.order(t, s, 2*time.Second, true))
			watch.Close()
		})
		watch.Run(t.Context(), func(ended kling.Job, err error) {
			if lag := w.lag(ended); err != nil || lag > 10*time.Second {
				t.Errorf("%s known %s after its end: %v", ended.ID, lag, err)
			}
		})
		if len(w.asked) != 0 || len(w.listed) != 2 {
			t.Errorf("asked %d times and listed %d, want 2 lists", len(w.asked), len(w.listed))
		}
	})
}

func TestWhoIsInNoListIsAskedForAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w, jobs := crowd(t, 60, 60, 60, 60)
		w.hidden = map[string]bool{"82": true}
		wantSucceeded(t, s.Wait(t.Context(), jobs, 10*time.Second))
		for range w.asked {
			if len(w.listed) == 0 || len(w.asked) > len(w.listed) {
				t.Fatalf("asked %d times beside %d lists, want one for each list at most", len(w.asked), len(w.listed))
			}
		}
	})
}

func TestAListThatIsNotToBeHadIsDoneWithout(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]struct {
		status int
		body   string
		lists  int
	}{
		"no such route": {404, `{"code":404,"message":"not here"}`, 1},
		"not allowed":   {405, `{"message":"method"}`, 1},
		"not built":     {501, ``, 4},
		"a page":        {200, `<html>welcome</html>`, 4},
		"no list":       {200, `{"code":0,"data":{}}`, 2},
		"always empty":  {200, `{"code":0,"data":[]}`, 2},
		"strangers":     {200, `{"code":0,"data":[{"task_id":"80","task_status":"failed","task_status_msg":"x","task_info":{"external_task_id":"other"}}]}`, 2},
		"hollow ends":   {200, `{"code":0,"data":[{"task_id":"80","task_status":"succeed"},{"task_id":"81","task_status":"failed"}]}`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, w, jobs := crowd(t, 95, 95, 95, 95)
				w.answer = func(r *http.Request, list bool) *http.Response {
					if !list {
						return nil
					}
					return w.says(r, says.status, says.body)
				}
				wantSucceeded(t, s.Wait(t.Context(), jobs, 10*time.Second))
				if len(w.listed) > says.lists || len(w.listed) == 0 || len(w.asked) > 48 {
					t.Errorf("listed %d times and asked %d, want %d lists at most and 10 looks a job", len(w.listed), len(w.asked), says.lists)
				}
			})
		})
	}
}

// A page that is longer than an answer may be is asked for in smaller ones.
func TestAListTooLongForOneAnswerIsReadInPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w, jobs := crowd(t, 35, 35, 35, 35)
		w.answer = func(r *http.Request, list bool) *http.Response {
			if list && r.URL.Query().Get("pageSize") == "500" {
				return w.says(r, 200, `{"code":0,"data":[`+string(make([]byte, 2<<20)))
			}
			return nil
		}
		wantSucceeded(t, s.Wait(t.Context(), jobs, 10*time.Second))
		if len(w.asked) != 0 || len(w.listed) != 5 {
			t.Errorf("asked %d times and listed %d, want 5 lists", len(w.asked), len(w.listed))
		}
	})
}

// What a provider says of its limits to one look counts for all.
func TestABusyProviderIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		lookup string
		status int
	}{{"yes", 429}, {"no", 429}, {"yes", 503}, {"no", 503}} {
		synctest.Test(t, func(t *testing.T) {
			s, w, lookup := open(t), &works{}, test.lookup
			s.reads, s.lookup = w, lookup
			var jobs []kling.Job
			for range 40 {
				jobs = append(jobs, w.order(t, s, time.Minute, true))
			}
			var told time.Time
			w.answer = func(r *http.Request, _ bool) *http.Response {
				if !told.IsZero() {
					return nil
				}
				told = time.Now()
				return w.says(r, test.status, `{"code":1303,"message":"too many"}`, "Retry-After", "90")
			}
			wantSucceeded(t, s.Wait(t.Context(), jobs, 0))
			under := 0
			for _, at := range append(w.asked, w.listed...) {
				switch after := at.Sub(told); {
				case after > time.Second && after < 90*time.Second:
					t.Fatalf("lookup %s: a look %s after the word to wait 90s", lookup, after)
				case after <= time.Second:
					under++
				}
			}
			if most := busiest(w.asked[min(under, len(w.asked)):], time.Second); most > 12 || under > 8 {
				t.Errorf("lookup %s: %d looks were under way and %d a second follow, want 8 and half the pace", lookup, under, most)
			}
		})
	}
}

func TestARefusedKeyEndsTheWaitForAllJobsThere(t *testing.T) {
	t.Parallel()
	for _, lookup := range []string{"yes", "no"} {
		synctest.Test(t, func(t *testing.T) {
			s, w := open(t), &works{}
			s.reads, s.lookup = w, lookup
			var jobs []kling.Job
			for range 30 {
				jobs = append(jobs, w.order(t, s, time.Minute, true))
			}
			elsewhere := s.submit(t, "apikley", "a boat")
			s.reads = roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodGet && path.Base(path.Dir(r.URL.Path)) != "image2video" && !r.URL.Query().Has("pageNum") {
					return s.server.Transport().RoundTrip(r)
				}
				return w.RoundTrip(r)
			})
			refused := false
			w.answer = func(r *http.Request, _ bool) *http.Response {
				if refused {
					return w.says(r, 503, `{}`) // to what was under way beside it
				}
				refused = true
				return w.says(r, 401, `{"code":1001,"message":"no"}`)
			}
			outcomes := s.Wait(t.Context(), append(jobs, elsewhere), 0)
			for _, outcome := range outcomes[:30] {
				if e := faultOf(t, outcome.Err, fault.Auth, fault.Charged); e.Job != outcome.Job.ID || !s.row(t, outcome.Job.ID).State.InFlight() {
					t.Errorf("the fault names %q of %s, stored as %s", e.Job, outcome.Job.ID, s.row(t, outcome.Job.ID).State)
				}
			}
			if outcomes[30].Err != nil || outcomes[30].Job.State != kling.Succeeded || w.requests() > 8 {
				t.Errorf("%d requests with a bad key; the job elsewhere is %s, %v", w.requests(), outcomes[30].Job.State, outcomes[30].Err)
			}
		})
	}
}

func TestAWatchOfNothingEndsWhenItIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, began := open(t), time.Now()
		watch := s.NewWatch(0)
		time.AfterFunc(time.Hour, watch.Close)
		watch.Run(t.Context(), func(kling.Job, error) { t.Error("somebody ended") })
		if took := time.Since(began); took != time.Hour {
			t.Errorf("ended after %s, want when it was closed", took)
		}
	})
}

func TestAWatchThatIsStoppedTellsOfEveryJobOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w, jobs := crowd(t, 3600, 3600, 3600, 20, 3600)
		ctx, cancel := context.WithCancelCause(t.Context())
		watch, late := s.NewWatch(0), w.order(t, s, time.Hour, true)
		time.AfterFunc(55*time.Second, func() {
			cancel(errors.New("enough"))
			watch.Add(ctx, late)
		})
		for _, j := range jobs {
			watch.Add(ctx, j)
		}
		told := map[string]error{}
		watch.Run(ctx, func(ended kling.Job, err error) {
			if _, twice := told[ended.ID]; twice {
				t.Errorf("%s was told twice", ended.ID)
			}
			told[ended.ID] = err
		})
		if len(told) < 5 || told[jobs[3].ID] != nil || !fault.Is(told[jobs[0].ID], fault.Interrupted) {
			t.Errorf("told %v, want four interrupted and one ended", told)
		}
	})
}

func TestAClockThatIsSetBackHoldsUpNoLook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, w, jobs := crowd(t, 100)
		time.AfterFunc(25*time.Second, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.suspended = -24 * time.Hour
		})
		wantSucceeded(t, s.Wait(t.Context(), jobs, 10*time.Second))
		if lag := w.lag(jobs[0]); lag > 45*time.Second {
			t.Errorf("known %s after its end", lag)
		}
	})
}
