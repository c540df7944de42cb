package job_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// lost submits a job whose answer is lost.
func (s *shop) lost(t *testing.T, name string) kling.Job {
	t.Helper()
	made, err := s.Submit(t.Context(), s.order(t, name, "a boat [[lost-reply]]"))
	if !fault.Is(err, fault.Ambiguous) {
		t.Fatalf("Submit gives %v, want an ambiguous fault", err)
	}
	return made
}

func TestALostReplyIsFoundByOurOwnID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.lost(t, "kling")
		outcome := s.waitFor(t.Context(), made)
		if outcome.Err != nil || outcome.Job.State != kling.Succeeded || outcome.Job.ID != made.ID || outcome.Job.Ref.Task == "" {
			t.Errorf("%s, task %q, %v, want the same job to succeed", outcome.Job.State, outcome.Job.Ref.Task, outcome.Err)
		}
		if !strings.Contains(s.notices(), "nothing was lost") {
			t.Errorf("notices %q", s.notices())
		}
		s.wantJournal(t, 1, 1)
	})
}

func TestWhatCannotBeFoundStaysUnknown(t *testing.T) {
	t.Parallel()
	for name := range models() {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			made := s.lost(t, name)
			if name == "kling" {
				s.reads = roundTrip(func(r *http.Request) (*http.Response, error) {
					body := `{"code":1203,"message":"no such task"}`
					return &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
				})
			}
			outcome := s.waitFor(t.Context(), made)
			if e := faultOf(t, outcome.Err, fault.Ambiguous, fault.MayBeCharged); e.Job != made.ID || e.Hint == "" {
				t.Errorf("%s: job %q, hint %q", name, e.Job, e.Hint)
			}
			if stored := s.row(t, made.ID); stored.State != kling.Unknown || outcome.Job.State != kling.Unknown {
				t.Errorf("%s: stored as %s, want unknown", name, stored.State)
			}
			if asked := len(s.looks) > 0; asked != (name == "kling") {
				t.Errorf("%s: asked %d times, want only where it helps", name, len(s.looks))
			}
			s.wantJournal(t, 1, 1)
		})
	}
}

// A gateway that answers a lookup with somebody else's task must not hand us
// that one.
func TestAnotherTaskIsNotTakenForOurs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.lost(t, "kling")
		inner := s.reads
		s.reads = roundTrip(func(r *http.Request) (*http.Response, error) {
			response, err := inner.RoundTrip(r)
			if err != nil {
				return nil, err
			}
			text, err := io.ReadAll(response.Body)
			if err != nil {
				return nil, err
			}
			if !bytes.Contains(text, []byte(made.ExternalID)) {
				t.Fatalf("the answer does not repeat our id: %s", text)
			}
			text = bytes.ReplaceAll(text, []byte(made.ExternalID), []byte("klingctl-000000000000"))
			response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
			return response, nil
		})
		_, err := s.Settle(t.Context(), made)
		wantFault(t, err, fault.Ambiguous, fault.MayBeCharged)
		if stored := s.row(t, made.ID); stored.State != kling.Unknown || stored.Ref.Task != "" {
			t.Errorf("stored as %s of task %q, want unknown", stored.State, stored.Ref.Task)
		}
	})
}

func TestARefusedKeyDuringALookupSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.lost(t, "kling")
		s.key = "invalid-key"
		_, err := s.Settle(t.Context(), made)
		wantFault(t, err, fault.Auth, fault.MayBeCharged)
	})
}

// inFlight puts a row into the ledger whose create is under way elsewhere.
func (s *shop) inFlight(t *testing.T, name string, state kling.State, deadline time.Time) kling.Job {
	t.Helper()
	sample := s.submit(t, name, "a sample")
	made := s.row(t, sample.ID)
	made.ID, made.Ref.Task, made.ExternalID = "elsewhere000", "", "klingctl-elsewhere000"
	made.State, made.SubmittedAt, made.CreateDeadline = state, time.Time{}, deadline
	made.CreatedAt, made.UpdatedAt = s.now(), s.now()
	if err := s.Ledger.Add(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	return made
}

func TestACreateOfAnotherProcessIsAwaited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.inFlight(t, "kling", kling.Submitting, s.now().Add(time.Minute))
		bought := s.submit(t, "kling", "what the other process bought")
		time.AfterFunc(20*time.Second, func() {
			_, err := s.Ledger.Update(t.Context(), made.ID, s.now(), func(j kling.Job) (kling.Job, error) {
				return kling.Advance(j, kling.Snapshot{Task: bought.Ref.Task, State: kling.Queued, Recognised: true}, s.now()), nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		if outcome := s.waitFor(t.Context(), made); outcome.Err != nil || outcome.Job.State != kling.Succeeded {
			t.Errorf("%s, %v, want it to succeed", outcome.Job.State, outcome.Err)
		}
		s.wantJournal(t, 2, 2)
	})
}

func TestACreateThatNobodyFinishedBecomesUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.inFlight(t, "apikley", kling.Submitting, s.now().Add(time.Minute))
		began := time.Now()
		outcome := s.waitFor(t.Context(), made)
		wantFault(t, outcome.Err, fault.Ambiguous, fault.MayBeCharged)
		if took := time.Since(began); took < 65*time.Second || took > 70*time.Second || s.row(t, made.ID).State != kling.Unknown {
			t.Errorf("given up after %s as %s, want 5s past the deadline and unknown", took, s.row(t, made.ID).State)
		}
	})
}

func TestADraftThatNobodySendsIsNotAwaitedForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.inFlight(t, "apikley", kling.Draft, time.Time{})
		began := time.Now()
		outcome := s.waitFor(t.Context(), made)
		wantFault(t, outcome.Err, fault.Usage, fault.NotCharged)
		if took := time.Since(began); took > 10*time.Minute {
			t.Errorf("ended after %s", took)
		}
	})
}

func TestTimeThatIsUpOnAnUnknownJobIsAmbiguous(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.lost(t, "kling")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		outcome := s.waitFor(ctx, made)
		wantFault(t, outcome.Err, fault.Ambiguous, fault.MayBeCharged)
	})
}

// A ledger that fails while a job is looked at ends the waiting and says what
// the job costs.
func TestALedgerThatFailsDuringALookEndsTheWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.submit(t, "kling", "a boat")
		time.AfterFunc(15*time.Second, func() { _ = s.Ledger.Close() })
		outcome := s.waitFor(t.Context(), made)
		if e := fault.Of(outcome.Err); e == nil || e.Spent() != fault.Charged || e.Job != made.ID {
			t.Errorf("error %v, want one that the job was bought", outcome.Err)
		}
	})
}

func TestOwnHistoryMovesTheLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		for range 5 {
			s.succeeded(t, "kling", "a boat")
		}
		s.looks = nil
		made := s.submit(t, "kling", "a boat")
		submitted := time.Now()
		s.waitFor(t.Context(), made)
		if pause := s.looks[len(s.looks)-1].Sub(submitted); len(s.looks) > 6 || pause > generation+15*time.Second {
			t.Errorf("%d looks, the last after %s, want 6 at most and one soon after %s as five jobs took that", len(s.looks), pause, generation)
		}
		if past, err := s.Ledger.List(t.Context(), ledger.Filter{States: []kling.State{kling.Succeeded}}); err != nil || len(past) != 6 {
			t.Errorf("%d succeeded, %v", len(past), err)
		}
	})
}
