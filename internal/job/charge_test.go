package job_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

func TestOnlyTheProviderKnowsWhetherAFailureCosts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state kling.State
		cost  *kling.Cost
		want  fault.Charge
	}{
		"failed, cost untold":    {kling.Failed, nil, fault.MayBeCharged},
		"failed, cost nothing":   {kling.Failed, &kling.Cost{Amount: "0.00", Unit: "credits"}, fault.NotCharged},
		"failed, cost something": {kling.Failed, &kling.Cost{Amount: "0.001", Unit: "USD"}, fault.Charged},
		"failed, cost garbled":   {kling.Failed, &kling.Cost{Amount: "free", Unit: "USD"}, fault.MayBeCharged},
		"failed, given back":     {kling.Failed, &kling.Cost{Amount: "-3", Unit: "USD"}, fault.MayBeCharged},
		"succeeded, cost untold": {kling.Succeeded, nil, fault.Charged},
		"running":                {kling.Running, nil, fault.Charged},
		"unknown":                {kling.Unknown, nil, fault.MayBeCharged},
		"refused":                {kling.Refused, nil, fault.NotCharged},
		"draft":                  {kling.Draft, nil, fault.NotCharged},
	} {
		if got := job.ChargedBy(kling.Job{State: test.state, Cost: test.cost}); got != test.want {
			t.Errorf("%s: charged %s, want %s", name, got, test.want)
		}
	}
}

// A provider that is busy is left in peace by every process, for as long as it
// asks, but never for longer than an hour.
func TestABusyProviderHoldsAllCreatesBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		scenario    string
		real, paced bool
		least, most time.Duration
	}{
		"as long as it asks":           {"429:9", true, false, time.Second, 2 * time.Second},
		"the emulator, unlimited":      {"429:9", false, false, 0, 0},
		"the emulator, with its pace":  {"429:9", false, true, time.Second, 2 * time.Second},
		"a minute":                     {"429:9:60", true, false, time.Minute, time.Minute + time.Second},
		"the server is down, not busy": {"503:9", true, false, 0, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			order := s.order(t, "kling", "a boat [["+test.scenario+"]]")
			order.Sandbox = !test.real
			if test.paced {
				order.Pace = ledger.Pace{InFlight: 10}
			}
			if _, err := s.Submit(t.Context(), order); err == nil {
				t.Fatalf("%s: the create went through", name)
			}
			next := s.order(t, "kling", "a kite")
			next.Sandbox, next.Pace = order.Sandbox, order.Pace
			began := time.Now()
			if _, err := s.Submit(t.Context(), next); err != nil {
				t.Errorf("%s: the next create: %v", name, err)
			}
			if took := time.Since(began); took < test.least || took > test.most {
				t.Errorf("%s: the next create waited %s, want %s to %s", name, took, test.least, test.most)
			}
		})
	}
}

func TestABusyProviderCannotStopUsForGood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		for i, prompt := range []string{"a boat [[429:9:86400]]", "a kite"} {
			order := s.order(t, "kling", prompt)
			order.Sandbox = false
			_, err := s.Submit(t.Context(), order)
			e := faultOf(t, err, fault.Busy, fault.NotCharged)
			if i == 1 && e.RetryAfter != time.Hour {
				t.Errorf("to be tried again after %s, want an hour", e.RetryAfter)
			}
		}
		s.wantJournal(t, 1, 0)
	})
}

// A ledger that cannot be read is no proof that nothing was bought.
func TestALedgerThatFailsDoesNotSayThatNothingWasCharged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		made := s.lost(t, "kling")
		if err := s.Ledger.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := s.ResolveNotCreated(t.Context(), made)
		wantFault(t, err, fault.Internal, fault.MayBeCharged)
		live := made
		live.State = kling.Submitting
		wantFault(t, s.waitFor(t.Context(), live).Err, fault.Internal, fault.MayBeCharged)
		made.Settings = []byte("torn")
		_, err = s.Settle(t.Context(), made)
		wantFault(t, err, fault.Local, fault.MayBeCharged)
	})
}
