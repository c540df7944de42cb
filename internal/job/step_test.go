package job_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

// work orders a row of a batch.
func (s *shop) work(t *testing.T, name, prompt string) job.Work {
	t.Helper()
	output, err := job.ParseOutput(t.TempDir() + "/{row}.mp4")
	if err != nil {
		t.Fatal(err)
	}
	return job.Work{Output: output, Order: func(context.Context) (job.Order, func(), error) {
		order := s.order(t, name, prompt) //nolint:contextcheck // checked with the test's context
		order.Batch, order.Row, order.Patient = "b", "r", true
		order.Guard.Off = false
		return order, func() {}, nil
	}}
}

func TestStepsLeadToAFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		work := s.work(t, "kling", "a boat")
		made, then, err := s.Step(t.Context(), kling.Job{}, work)
		if err != nil || !then.Look || made.State != kling.Queued || made.Batch != "b" || made.Row != "r" {
			t.Fatalf("%s in %s/%s, then %+v: %v", made.State, made.Batch, made.Row, then, err)
		}
		if _, then, err := s.Step(t.Context(), made, work); err != nil || !then.Look {
			t.Errorf("a job under way: then %+v, %v", then, err)
		}
		ended := s.waitFor(t.Context(), made)
		saved, then, err := s.Step(t.Context(), ended.Job, work)
		if err != nil || !then.Over() || !saved.Artifacts[0].OnDisk() {
			t.Errorf("saved: then %+v, %v", then, err)
		}
		s.wantJournal(t, 1, 1)
	})
}

func TestWhatPassesLeavesADraftThatIsSentUnderTheSameID(t *testing.T) {
	t.Parallel()
	for scenario, kind := range map[string]fault.Kind{"429:1": fault.Busy, "1303:1": fault.Busy} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := open(t)
				work := s.work(t, "kling", "a boat [["+scenario+"]]")
				left, then, err := s.Step(t.Context(), kling.Job{}, work)
				if !fault.Is(err, kind) || left.State != kling.Draft || then.After < time.Second || then.Look {
					t.Fatalf("%s, then %+v: %v", left.State, then, err)
				}
				made, then, err := s.Step(t.Context(), left, work)
				if err != nil || made.ID != left.ID || !then.Look {
					t.Errorf("%s after %s, then %+v: %v", made.ID, left.ID, then, err)
				}
				s.wantJournal(t, 2, 1)
				s.wantRows(t, 1)
			})
		})
	}
}

func TestADraftWhoseRowWasChangedIsOrderedAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		left, _, err := s.Step(t.Context(), kling.Job{}, s.work(t, "kling", "a boat [[402]]"))
		if !fault.Is(err, fault.Credit) || left.State != kling.Draft {
			t.Fatalf("%s: %v", left.State, err)
		}
		made, _, err := s.Step(t.Context(), left, s.work(t, "kling", "a ship"))
		if err != nil || made.ID == left.ID || made.Prompt != "a ship" {
			t.Errorf("%s, %q: %v", made.ID, made.Prompt, err)
		}
		s.wantRows(t, 1)
		s.wantJournal(t, 2, 1)
	})
}

func TestTheSameRowIsCarriedOnceByTwo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		work := s.work(t, "kling", "a boat")
		first, _, err := s.Step(t.Context(), kling.Job{}, work)
		if err != nil {
			t.Fatal(err)
		}
		second, then, err := s.Step(t.Context(), kling.Job{}, work)
		if err != nil || second.ID != first.ID || !then.Look {
			t.Errorf("%s beside %s, then %+v: %v", second.ID, first.ID, then, err)
		}
		s.wantJournal(t, 1, 1)
	})
}

func TestADoubtIsLeftAloneUntilAnAnswerMeansSomething(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		work := s.work(t, "kling", "a boat [[500]]")
		unknown, then, err := s.Step(t.Context(), kling.Job{}, work)
		if !fault.Is(err, fault.Ambiguous) || unknown.State != kling.Unknown || then.After < 25*time.Second {
			t.Fatalf("%s, then %+v: %v", unknown.State, then, err)
		}
		began := time.Now()
		again, then, _ := s.Step(t.Context(), unknown, work)
		if again.State != kling.Unknown || then.After < 25*time.Second || time.Since(began) > 10*time.Second {
			t.Errorf("too early: %s, then %+v, after %s", again.State, then, time.Since(began))
		}
		<-time.After(then.After)
		gone, then, err := s.Step(t.Context(), again, work)
		if err != nil || gone.State != kling.Refused || !job.NeverMade(gone) || then.Over() {
			t.Errorf("%s, then %+v: %v", gone.State, then, err)
		}
		given, err := s.GiveUp(t.Context(), gone)
		if err != nil || job.NeverMade(given) || given.State != kling.Refused {
			t.Errorf("given up: %s %q, %v", given.State, given.Message, err)
		}

		tellless, then, err := s.Step(t.Context(), kling.Job{}, s.work(t, "apikley", "a boat [[500]]"))
		if !fault.Is(err, fault.Ambiguous) || tellless.State != kling.Unknown || !then.Over() {
			t.Errorf("who cannot tell: %s, then %+v: %v", tellless.State, then, err)
		}
	})
}

// A draft that is sent again must be as findable as one that is sent at once.
func TestALostReplyToADraftSentAgainIsFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		emulator, tries := s.creates, 0
		s.creates = roundTrip(func(r *http.Request) (*http.Response, error) {
			if tries++; tries == 1 {
				return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
			}
			return emulator.RoundTrip(r)
		})
		work := s.work(t, "kling", "a boat [[lost-reply]]")
		left, _, err := s.Step(t.Context(), kling.Job{}, work)
		if !fault.Is(err, fault.Busy) {
			t.Fatal(err)
		}
		unknown, then, err := s.Step(t.Context(), left, work)
		if !fault.Is(err, fault.Ambiguous) {
			t.Fatalf("%s: %v", unknown.State, err)
		}
		<-time.After(then.After)
		found, then, err := s.Step(t.Context(), unknown, work)
		if err != nil || !found.State.InFlight() || !then.Look {
			t.Errorf("%s, then %+v: %v", found.State, then, err)
		}
		s.wantJournal(t, 1, 1)
	})
}
