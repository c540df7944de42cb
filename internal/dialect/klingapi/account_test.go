package klingapi_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/klingapi"
)

// A gateway must not be asked for Kling's own packs: it would answer for its
// account at Kling, if at all.
func TestOnlyDocumentedBillingTellsABalance(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1_800_000_000_000)
	tests := map[string][]string{
		"":       nil,
		"other":  nil,
		"kling":  {"/account/costs?end_time=1800000000000&start_time=1765440000000"},
		"newapi": {"/v1/dashboard/billing/subscription", "/v1/dashboard/billing/usage"},
	}
	for billing, want := range tests {
		d := klingapi.New(dialect.Variant{PathPrefix: "/kling", Billing: billing})
		accountant, can := d.(dialect.Accountant)
		var got []string
		if can {
			for _, call := range accountant.Balances(now) {
				got = append(got, call.Target())
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || d.Traits().Accounts != can {
			t.Errorf("billing %q: Traits().Accounts = %v, questions (-want +got):\n%s", billing, d.Traits().Accounts, diff)
		}
	}
}

// What a balance is told by must change nothing else of the dialect.
func TestBillingChangesNoOtherTrait(t *testing.T) {
	t.Parallel()
	want := plain().Traits()
	want.Accounts = true
	for _, account := range accounts() {
		d := account.New()
		if got := d.Traits(); got != want || d.Name() != "klingapi" {
			t.Errorf("%s: %q with traits %+v, want %+v", account.Name, d.Name(), got, want)
		}
		_, finds := d.(dialect.Finder)
		_, lists := d.(dialect.Lister)
		_, callsBack := d.(dialect.CallbackReader)
		if !finds || !lists || !callsBack {
			t.Errorf("%s: finds %v, lists %v, is called back %v, want all", account.Name, finds, lists, callsBack)
		}
	}
}
