package job_test

import (
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// vanished takes a create and loses it before it reaches anybody.
func vanished(r *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
	_, _ = io.Copy(io.Discard, r.Body)
	return nil, io.EOF
}

// withoutLookup hides tasks from a question by our own id, as a provider does
// that is slow to index them.
func (s *shop) withoutLookup() {
	wire := s.reads
	s.reads = roundTrip(func(r *http.Request) (*http.Response, error) {
		if !strings.Contains(r.URL.Path, "klingctl-") {
			return wire.RoundTrip(r)
		}
		body := `{"code":1203,"message":"no such task"}`
		return &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	})
}

func TestReconcileProvesThatNothingWasMade(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		s.creates = roundTrip(vanished)
		made, err := s.Submit(t.Context(), s.order(t, "kling", "a boat"))
		wantFault(t, err, fault.Ambiguous, fault.MayBeCharged)
		sent := time.Now()
		settled, err := s.Reconcile(t.Context(), made)
		if err != nil || settled.State != kling.Refused || s.row(t, made.ID).State != kling.Refused {
			t.Errorf("Reconcile() = %s, %v; want refused: the provider does not know it", settled.State, err)
		}
		if waited := time.Since(sent); waited < 30*time.Second {
			t.Errorf("believed after %s, want 30s at least", waited)
		}
		if looks := len(s.looks); looks < 2 {
			t.Errorf("asked %d times, want twice at least", looks)
		}
		s.wantJournal(t, 0, 0)
	})
}

func TestReconcileFindsATaskInTheProvidersList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.lost(t, "kling")
		s.withoutLookup()
		settled, err := s.Reconcile(t.Context(), made)
		if err != nil || settled.Ref.Task == "" || !settled.State.InFlight() {
			t.Errorf("Reconcile() = %s with task %q, %v; want the task of the list", settled.State, settled.Ref.Task, err)
		}
		s.wantJournal(t, 1, 1)
	})
}

func TestReconcileLeavesUnknownWhereNobodyCanTell(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"apikley", "aimlapi", "apixo"} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			made := s.lost(t, name)
			settled, err := s.Reconcile(t.Context(), made)
			wantFault(t, err, fault.Ambiguous, fault.MayBeCharged)
			if settled.State != kling.Unknown || len(s.looks) != 0 {
				t.Errorf("%s: %s after %d questions, want unknown and none", name, settled.State, len(s.looks))
			}
		})
	}
}

// A page with 404 comes from something in front of the API. It proves nothing:
// a job that was bought is not given up for it, and not free to be bought anew.
func TestAPageWith404GivesUpNoJob(t *testing.T) {
	t.Parallel()
	page := func(r *http.Request) (*http.Response, error) {
		body := "<!DOCTYPE html><html><body>404 page not found</body></html>"
		return &http.Response{
			StatusCode: http.StatusNotFound, Header: http.Header{"Content-Type": {"text/html"}},
			Body: io.NopCloser(strings.NewReader(body)), Request: r,
		}, nil
	}
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.lost(t, "kling")
		s.reads = roundTrip(page)
		settled, err := s.Reconcile(t.Context(), made)
		wantFault(t, err, fault.Ambiguous, fault.MayBeCharged)
		if settled.State != kling.Unknown || s.row(t, made.ID).State != kling.Unknown {
			t.Errorf("Reconcile() = %s, want unknown: nobody who knows has answered", settled.State)
		}
	})
	for name := range models() {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			made, err := s.Submit(t.Context(), s.order(t, name, "a boat"))
			if err != nil {
				t.Fatal(err)
			}
			<-time.After(time.Minute) // old enough to be known
			wire := s.reads
			s.reads = roundTrip(page)
			looked, err := s.Look(t.Context(), made, 1)
			if err == nil || !looked.State.InFlight() || !s.row(t, made.ID).State.InFlight() {
				t.Errorf("%s: Look() = %s, %v; want a job that goes on, and a fault", name, looked.State, err)
			}
			s.reads = wire
			outcome := s.Wait(t.Context(), []kling.Job{looked}, 0)[0]
			if outcome.Err != nil || outcome.Job.State != kling.Succeeded {
				t.Errorf("%s: Wait() afterwards = %s, %v; want succeeded", name, outcome.Job.State, outcome.Err)
			}
		})
	}
}

// Where nobody knows whether a lookup works, asking again is no advice.
func TestAFailedLookupThatProvesNothingLeadsToTheConsole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		order := s.order(t, "kling", "a boat [[lost-reply]]")
		order.Settings.Lookup = "unverified"
		made, err := s.Submit(t.Context(), order)
		if e := faultOf(t, err, fault.Ambiguous, fault.MayBeCharged); !strings.Contains(e.Hint, "klingctl reconcile") {
			t.Errorf("after the create the hint is %q, want a look by our own id", e.Hint)
		}
		s.withoutLookup()
		_, err = s.Reconcile(t.Context(), made)
		if e := faultOf(t, err, fault.Ambiguous, fault.MayBeCharged); strings.Contains(e.Hint, "reconcile") || !strings.Contains(e.Hint, "klingctl jobs resolve "+made.ID) {
			t.Errorf("after the look the hint is %q, want the way to resolve it", e.Hint)
		}
	})
}
