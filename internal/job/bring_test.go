package job_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

// told are the stages that were observed, each with its job, without the looks
// and the bytes.
func (s *shop) told() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var told []string
	for _, event := range s.events {
		if event.Stage == job.Saved || event.Stage == job.Ended {
			told = append(told, string(event.Stage)+" "+event.Job.ID)
		}
	}
	return told
}

// through has files fetched by way of a transport.
func (s *shop) through(transport http.RoundTripper) {
	s.Fetcher = func(provider.Settings) *fetch.Fetcher {
		return fetch.New(fetch.Options{Transport: transport, Now: s.now})
	}
}

func TestAVideoIsSavedWhileOtherJobsAreWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, folder := open(t), t.TempDir()
		late, soon := s.submit(t, "kling", "a boat [[slow:600s]]"), s.submit(t, "apikley", "a boat")
		began := time.Now()
		var first time.Duration
		outcomes := s.Bring(t.Context(), []kling.Job{late, soon}, job.Errand{
			Save: true, Output: parse(t, folder), Parallel: 2,
			Saved: func(_ context.Context, saved kling.Job) error {
				if saved.ID == soon.ID {
					first = time.Since(began)
				}
				return nil
			},
		})
		for i, made := range []kling.Job{late, soon} {
			if outcomes[i].Err != nil || outcomes[i].Job.ID != made.ID || outcomes[i].Job.Files() != 1 {
				t.Errorf("outcome %d is %s with %d files: %v", i, outcomes[i].Job.ID, outcomes[i].Job.Files(), outcomes[i].Err)
			}
			s.wantSaved(t, made.ID, 0, outcomes[i].Job.Artifacts[0].Path)
		}
		if first == 0 || first > generation+20*time.Second {
			t.Errorf("the first video came after %s, want it not to wait for the other", first)
		}
		want := "saved " + soon.ID + "|ended " + soon.ID + "|saved " + late.ID + "|ended " + late.ID
		if got := strings.Join(s.told(), "|"); got != want {
			t.Errorf("told %s, want %s", got, want)
		}
	})
}

func TestNoMoreFilesAreFetchedAtOnceThanAllowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, folder := open(t), t.TempDir()
		var jobs []kling.Job
		for range 9 {
			jobs = append(jobs, s.submit(t, "kling", "a boat"))
		}
		var under, most atomic.Int32
		inner := s.server.Transport()
		s.through(roundTrip(func(r *http.Request) (*http.Response, error) {
			n := under.Add(1)
			defer under.Add(-1)
			for have := most.Load(); n > have && !most.CompareAndSwap(have, n); have = most.Load() {
			}
			<-time.After(5 * time.Second)
			return inner.RoundTrip(r)
		}))
		outcomes := s.Bring(t.Context(), jobs, job.Errand{Save: true, Output: parse(t, folder), Parallel: 3})
		wantSucceeded(t, outcomes)
		paths := map[string]bool{}
		for _, outcome := range outcomes {
			paths[outcome.Job.Artifacts[0].Path] = true
		}
		if most.Load() != 3 || len(paths) != 9 || s.downloads(t) != 9 {
			t.Errorf("%d at once, %d files by %d downloads, want 3, 9 and 9", most.Load(), len(paths), s.downloads(t))
		}
	})
}

// Force replaces what was there before, never the video of another job.
func TestJobsOfOneNameNeverWriteToOneFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, folder := open(t), t.TempDir()
		jobs := []kling.Job{s.submit(t, "kling", "one"), s.submit(t, "apikley", "two"), s.submit(t, "aimlapi", "three")}
		output := parse(t, filepath.Join(folder, "{stem}.mp4"))
		output.Force = true
		for range 2 {
			outcomes := s.Bring(t.Context(), jobs, job.Errand{Save: true, Output: output, Parallel: 3})
			for i, outcome := range outcomes {
				if outcome.Err != nil {
					t.Fatal(outcome.Err)
				}
				s.wantSaved(t, outcome.Job.ID, 0, outcome.Job.Artifacts[0].Path)
				jobs[i] = outcome.Job
			}
			if got := files(t, folder); got != "photo-2.mp4 photo-3.mp4 photo.mp4" {
				t.Errorf("the folder holds %s, want a file of each", got)
			}
		}
		// A process that comes later keeps what the others have.
		later := open(t)
		later.Ledger, later.server, later.reads = s.Ledger, s.server, s.reads
		fourth := s.succeeded(t, "kling", "four")
		later.through(s.server.Transport())
		outcomes := later.Bring(t.Context(), append([]kling.Job{fourth}, jobs...), job.Errand{Save: true, Output: output})
		if path := outcomes[0].Job.Artifacts[0].Path; outcomes[0].Err != nil || filepath.Base(path) != "photo-4.mp4" {
			t.Errorf("the fourth went to %s, %v, want a name of its own", path, outcomes[0].Err)
		}
		literal := parse(t, filepath.Join(folder, "clip.mp4"))
		literal.Force = true
		outcomes = s.Bring(t.Context(), jobs[:2], job.Errand{Save: true, Output: literal, Parallel: 2})
		if (outcomes[0].Err == nil) == (outcomes[1].Err == nil) {
			t.Errorf("two jobs to one named file: %v and %v, want one of them refused", outcomes[0].Err, outcomes[1].Err)
		}
	})
}

func TestTimeThatIsUpLeavesEachJobWithItsReason(t *testing.T) {
	t.Parallel()
	for _, interrupted := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s, folder := open(t), t.TempDir()
			jobs := []kling.Job{s.submit(t, "kling", "a boat [[never]]")}
			for range 6 {
				jobs = append(jobs, s.submit(t, "kling", "a boat"))
			}
			s.through(roundTrip(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, context.Cause(r.Context())
			}))
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			if interrupted {
				var stop context.CancelCauseFunc
				ctx, stop = context.WithCancelCause(t.Context())
				time.AfterFunc(3*time.Minute, func() { stop(errors.New("Ctrl-C")) })
			}
			defer cancel()
			began := time.Now()
			outcomes := s.Bring(ctx, jobs, job.Errand{Save: true, Output: parse(t, folder), Parallel: 2})
			if took := time.Since(began); took > 3*time.Minute+time.Second {
				t.Errorf("ended after %s, want within a second of the end", took)
			}
			waiting, saving := fault.Deadline, fault.Download
			if interrupted {
				waiting, saving = fault.Interrupted, fault.Interrupted
			}
			for i, outcome := range outcomes {
				kind, hint := saving, "klingctl download "
				if i == 0 {
					kind, hint = waiting, "klingctl wait "
				}
				if e := faultOf(t, outcome.Err, kind, fault.Charged); e.Job != jobs[i].ID || e.Hint != hint+jobs[i].ID {
					t.Errorf("job %d: fault of %q with hint %q, want how to go on", i, e.Job, e.Hint)
				}
			}
			if got := len(s.told()); got != 7 {
				t.Errorf("%d ends were told, want one a job", got)
			}
			begun := 0
			for _, made := range jobs[1:] {
				if s.row(t, made.ID).Artifacts[0].Path != "" {
					begun++
				}
			}
			if begun != 2 {
				t.Errorf("%d downloads were begun, want no more than were under way", begun)
			}
		})
	}
}

func TestOnceLooksOnceAtWhatHasNotEnded(t *testing.T) {
	t.Parallel()
	for _, lookup := range []string{"yes", "no"} {
		synctest.Test(t, func(t *testing.T) {
			s, w := open(t), &works{}
			s.reads, s.lookup = w, lookup
			var jobs []kling.Job
			for range 6 {
				jobs = append(jobs, w.order(t, s, time.Hour, true))
			}
			began := time.Now()
			for _, outcome := range s.Bring(t.Context(), jobs, job.Errand{Once: true, Save: true, Output: parse(t, t.TempDir())}) {
				if outcome.Err != nil || outcome.Job.State != kling.Running {
					t.Errorf("%s, %v, want running and no error", outcome.Job.State, outcome.Err)
				}
			}
			if took := time.Since(began); took > 5*time.Second || len(w.asked)+6*len(w.listed) != 6 {
				t.Errorf("asked %d and listed %d in %s, want each job looked at once", len(w.asked), len(w.listed), took)
			}
		})
	}
}

// What passes is ridden over even by a single look.
func TestOnceIsPatient(t *testing.T) {
	t.Parallel()
	for _, lookup := range []string{"yes", "no"} {
		synctest.Test(t, func(t *testing.T) {
			s, w := open(t), &works{}
			s.reads, s.lookup = w, lookup
			var jobs []kling.Job
			for range 4 {
				jobs = append(jobs, w.order(t, s, 0, true))
			}
			var bad int
			w.answer = func(r *http.Request, _ bool) *http.Response {
				if bad++; bad > 3 {
					return nil
				}
				return w.says(r, []int{503, 429, 500}[bad-1], `{}`)
			}
			wantSucceeded(t, s.Bring(t.Context(), jobs, job.Errand{Once: true}))
		})
	}
}

func TestAnErrorAfterTheSaveIsTheOutcomes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, folder := open(t), t.TempDir()
		made := s.succeeded(t, "kling", "a boat")
		failed := s.waitFor(t.Context(), s.submit(t, "kling", "a boat [[failed]]")).Job
		sad := errors.New("no sidecar")
		var mu sync.Mutex
		calls := 0
		outcomes := s.Bring(t.Context(), []kling.Job{made, failed, made}, job.Errand{
			Save: true, Output: parse(t, folder), Parallel: 4,
			Saved: func(context.Context, kling.Job) error {
				mu.Lock()
				defer mu.Unlock()
				calls++
				return sad
			},
		})
		if !errors.Is(outcomes[0].Err, sad) || outcomes[0].Job.Files() != 1 || outcomes[1].Err != nil || outcomes[1].Job.State != kling.Failed {
			t.Errorf("outcomes %v and %s, %v, want the error, and a failed job without one", outcomes[0].Err, outcomes[1].Job.State, outcomes[1].Err)
		}
		if !errors.Is(outcomes[2].Err, sad) || calls != 1 || s.downloads(t) != 1 {
			t.Errorf("named twice: %v, saved %d times by %d downloads, want once", outcomes[2].Err, calls, s.downloads(t))
		}
	})
}
