package ledger

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// price is a number of whole units.
func price(amount int64, unit string) Price {
	return Price{Known: true, Micros: amount * micro, Unit: unit}
}

// buy adds a draft and intends it.
func (c contract) buy(id, provider string, budget Budget) Granted {
	c.t.Helper()
	job := draft(id, epoch())
	job.Ref.Provider = provider
	add(c.t, c.s, job)
	return mustIntend(c.t, c.s, id, guarded(epoch(), 0, budget))
}

func (c contract) caps() {
	t, s := c.t, c.s
	// Spent so far: 10 credits at each of two, 3 USD at one, a job without a price.
	spent := Budget{Day: "d1", Batch: "b1", Command: "c1"}
	spent.Price = price(10, "credits")
	c.buy("aaaa00000001", "kie", spent)
	c.buy("aaaa00000002", "apixo", spent)
	spent.Price = price(3, "USD")
	c.buy("aaaa00000003", "aimlapi", spent)
	spent.Price = Price{}
	c.buy("aaaa00000004", "kling", spent)

	for name, test := range map[string]struct {
		price Price
		limit Cap
		day   string
		over  bool
	}{
		"credits of one provider, reached":     {price(10, "credits"), Cap{Scope: ScopeDay, Unit: "credits", Micros: 20 * micro}, "d1", false},
		"credits of one provider, passed":      {price(10, "credits"), Cap{Scope: ScopeDay, Unit: "credits", Micros: 20*micro - 1}, "d1", true},
		"another day":                          {price(10, "credits"), Cap{Scope: ScopeDay, Unit: "credits", Micros: 10 * micro}, "d2", false},
		"the same batch on another day":        {price(10, "credits"), Cap{Scope: ScopeBatch, Unit: "credits", Micros: 10 * micro}, "d2", true},
		"the same command":                     {price(10, "credits"), Cap{Scope: ScopeCommand, Unit: "credits", Micros: 10 * micro}, "d2", true},
		"one job, whatever was spent":          {price(10, "credits"), Cap{Scope: ScopeJob, Unit: "credits", Micros: 10 * micro}, "d1", false},
		"one job, too dear":                    {price(10, "credits"), Cap{Scope: ScopeJob, Unit: "credits", Micros: 9 * micro}, "d1", true},
		"money at all providers, reached":      {price(2, "USD"), Cap{Scope: ScopeDay, Unit: "USD", Micros: 5 * micro}, "d1", false},
		"money at all providers, passed":       {price(2, "USD"), Cap{Scope: ScopeDay, Unit: "USD", Micros: 4 * micro}, "d1", true},
		"another currency":                     {price(2, "EUR"), Cap{Scope: ScopeDay, Unit: "EUR", Micros: 2 * micro}, "d1", false},
		"a cap in another unit than the price": {price(2, "USD"), Cap{Scope: ScopeDay, Unit: "credits"}, "d1", false},
		"jobs of all providers, reached":       {price(2, "USD"), Cap{Scope: ScopeDay, Unit: Jobs, Micros: 5 * micro}, "d1", false},
		"jobs of all providers, passed":        {price(2, "USD"), Cap{Scope: ScopeDay, Unit: Jobs, Micros: 4 * micro}, "d1", true},
		"no price under a cap on money":        {Price{}, Cap{Scope: ScopeDay, Unit: "USD"}, "d1", false},
		"no price under a cap on jobs":         {Price{}, Cap{Scope: ScopeDay, Unit: Jobs, Micros: 4 * micro}, "d1", true},
		"nothing to pay when all is spent":     {price(0, "USD"), Cap{Scope: ScopeDay, Unit: "USD", Micros: 1}, "d1", false},
		"more than can be counted":             {price(5, "USD"), Cap{Scope: ScopeDay, Unit: "USD", Micros: math.MaxInt64}, "d1", false},
	} {
		job := draft("bbbb00000001", epoch())
		add(t, s, job)
		budget := Budget{Price: test.price, Day: test.day, Batch: "b1", Command: "c1", Caps: []Cap{test.limit}}
		granted := mustIntend(t, s, job.ID, guarded(epoch(), 0, budget))
		if over := granted.Over != nil; over != test.over || over == (granted.Job.State == kling.Submitting) {
			t.Errorf("%s: %+v, want it held: %v", name, granted, test.over)
		}
		if granted.Over == nil {
			update(t, s, job.ID, to(kling.Refused))
		}
		if err := forgetAny(c, job.ID); err != nil {
			t.Fatal(err)
		}
	}
	toy := draft("bbbb00000002", epoch())
	toy.Sandbox = true
	add(t, s, toy)
	budget := Budget{Price: price(2, "USD"), Day: "d1", Caps: []Cap{{Scope: ScopeDay, Unit: "USD", Micros: 4 * micro}}}
	if granted := mustIntend(t, s, toy.ID, guarded(epoch(), 0, budget)); granted.Over != nil {
		t.Errorf("a sandbox job is held by what real ones cost: %+v", granted.Over)
	}
}

// forgetAny removes a job that is a draft or over.
func forgetAny(c contract, id string) error {
	if mustGet(c.t, c.s, id).State == kling.Draft {
		return c.s.Drop(c.t.Context(), id)
	}
	return c.s.Delete(c.t.Context(), id)
}

func (c contract) excess() {
	t, s := c.t, c.s
	day := Cap{Name: "per_day", Scope: ScopeDay, Unit: "credits", Micros: 25 * micro}
	jobs := Cap{Name: "max_jobs", Scope: ScopeCommand, Unit: Jobs, Micros: 2 * micro}
	budget := Budget{Price: price(10, "credits"), Day: "d", Command: "c", Caps: []Cap{day, jobs}}
	for _, id := range []string{"aaaa00000001", "aaaa00000002"} {
		if granted := c.buy(id, "kie", budget); granted.Job.State != kling.Submitting {
			t.Fatalf("within the caps: %+v", granted)
		}
	}
	got := c.buy("aaaa00000003", "kie", budget)
	if diff := cmp.Diff(&Excess{Cap: day, Spent: 20 * micro, Asked: 10 * micro}, got.Over); diff != "" {
		t.Errorf("the excess is another (-want +got):\n%s", diff)
	}
	if state := mustGet(t, s, "aaaa00000003").State; state != kling.Draft || got.Job.State != kling.Draft {
		t.Errorf("a job over a cap is %s, want draft", state)
	}
	budget.Caps = []Cap{jobs}
	got.Over = mustIntend(t, s, "aaaa00000003", guarded(epoch(), 0, budget)).Over
	if diff := cmp.Diff(&Excess{Cap: jobs, Spent: 2 * micro, Asked: micro}, got.Over); diff != "" {
		t.Errorf("the excess is another (-want +got):\n%s", diff)
	}
	wantSpent(t, s, "d", Spending{Provider: "kie", Unit: "credits", Reserved: 20 * micro, Jobs: 2})
}

func (c contract) badBudget() {
	t, s := c.t, c.s
	add(t, s, draft("aaaa00000001", epoch()))
	under := func(scope Scope, unit string, micros int64) Budget {
		return Budget{Price: price(1, "USD"), Caps: []Cap{{Scope: scope, Unit: unit, Micros: micros}}}
	}
	for name, budget := range map[string]Budget{
		"a day without a name":     under(ScopeDay, "USD", micro),
		"a batch without a name":   under(ScopeBatch, "USD", micro),
		"a command without a name": under(ScopeCommand, Jobs, micro),
		"no scope":                 under("", "USD", micro),
		"no unit":                  under(ScopeJob, "", micro),
		"below nothing":            under(ScopeJob, "USD", -1),
		"a price below nothing":    {Price: Price{Known: true, Micros: -1, Unit: "USD"}},
		"a price in nothing":       {Price: Price{Known: true, Micros: 1}},
		"a price in jobs":          {Price: price(1, Jobs)},
		"a price beyond counting":  {Price: Price{Known: true, Micros: maxMicros + 1, Unit: "USD"}},
	} {
		granted, err := s.Intend(t.Context(), "aaaa00000001", guarded(epoch(), 0, budget))
		if fault.KindOf(err) != fault.Internal {
			t.Errorf("%s: %+v, %v, want an internal fault", name, granted, err)
		}
	}
	if got := mustGet(t, s, "aaaa00000001").State; got != kling.Draft {
		t.Errorf("after mistakes the job is %s, want draft", got)
	}
}

func (c contract) follow() {
	t, s := c.t, c.s
	budget := Budget{Price: price(10, "credits"), Day: "d", Batch: "b"}
	reserved := Spending{Provider: "kie", Unit: "credits", Reserved: 10 * micro, Jobs: 1}
	c.buy("aaaa00000001", "kie", budget)
	id := "aaaa00000001"
	for _, step := range []struct {
		name   string
		change func(kling.Job) (kling.Job, error)
		want   []Spending
	}{
		{"unknown", to(kling.Unknown), []Spending{reserved}},
		{"refused", to(kling.Refused), nil},
		{"found after all", to(kling.Running), []Spending{reserved}},
		{"put back", to(kling.Draft), nil},
		{"sent again", to(kling.Submitting), []Spending{reserved}},
		{"failed without a word on cost", to(kling.Failed), []Spending{reserved}},
		{"a cost that is no amount", ended(kling.Failed, "-3", "credits"), []Spending{reserved}},
		{"a cost in no unit", ended(kling.Failed, "3", "dollars & cents"), []Spending{reserved}},
		{"a cost before the end", ended(kling.Running, "3", "credits"), []Spending{reserved}},
		{"a cost at the end", ended(kling.Succeeded, "7.5", "credits"), []Spending{{Provider: "kie", Unit: "credits", Settled: 7_500_000, Jobs: 1}}},
		{"finer than a millionth", ended(kling.Succeeded, "0.30000000000000004", "credits"), []Spending{{Provider: "kie", Unit: "credits", Settled: 300_001, Jobs: 1}}},
		{"given back", ended(kling.Failed, "0", "credits"), []Spending{{Provider: "kie", Unit: "credits", Jobs: 1}}},
		{"refused, but charged", ended(kling.Refused, "2", "credits"), []Spending{{Provider: "kie", Unit: "credits", Settled: 2 * micro, Jobs: 1}}},
	} {
		update(t, s, id, step.change)
		got, err := s.Spent(t.Context(), "d", false)
		if diff := cmp.Diff(step.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v, the spending is another (-want +got):\n%s", step.name, err, diff)
		}
	}
}

func (c contract) settle() {
	t, s := c.t, c.s
	c.buy("aaaa00000001", "kie", Budget{Price: price(10, "credits"), Day: "d"})
	c.buy("aaaa00000002", "kie", Budget{Day: "d"})
	settle := func(id, unit string, micros int64) {
		t.Helper()
		if err := s.Settle(t.Context(), id, unit, micros, epoch()); err != nil {
			t.Fatal(err)
		}
	}
	settle("aaaa00000001", "USD", 2*micro)
	wantSpent(t, s, "d",
		Spending{Provider: "kie", Jobs: 1},
		Spending{Provider: "kie", Unit: "USD", Settled: 2 * micro},
		Spending{Provider: "kie", Unit: "credits", Reserved: 10 * micro, Jobs: 1})
	settle("aaaa00000002", "USD", micro) // the price that nobody knew
	settle("aaaa00000001", "credits", 8*micro)
	want := []Spending{
		{Provider: "kie", Unit: "USD", Settled: micro, Jobs: 1},
		{Provider: "kie", Unit: "credits", Settled: 8 * micro, Jobs: 1},
	}
	wantSpent(t, s, "d", want...)
	for _, id := range []string{"aaaa00000001", "aaaa00000002"} {
		if err := s.Release(t.Context(), id, epoch()); err != nil {
			t.Fatal(err)
		}
		update(t, s, id, to(kling.Running))
	}
	wantSpent(t, s, "d", want...)

	c.buy("aaaa00000003", "kie", Budget{Price: price(1, "USD"), Day: "e"})
	if err := s.Release(t.Context(), "aaaa00000003", epoch()); err != nil {
		t.Fatal(err)
	}
	wantSpent(t, s, "e")

	wantKind(t, s.Settle(t.Context(), "zzzz00000001", "USD", 1, epoch()), fault.NotFound)
	wantKind(t, s.Release(t.Context(), "zzzz00000001", epoch()), fault.NotFound)
	for unit, micros := range map[string]int64{"": 1, "USD": -1, Jobs: 1, "EUR": maxMicros + 1} {
		wantKind(t, s.Settle(t.Context(), "aaaa00000001", unit, micros, epoch()), fault.Internal)
	}
	// A provider that says that it took everything, ten times over, stops the
	// spending rather than the counting.
	for _, id := range []string{"b", "c", "d", "e", "f", "g", "h", "j", "k", "m"} {
		c.buy(id+"aaa00000001", "kie", Budget{Day: "f"})
		update(t, s, id+"aaa00000001", ended(kling.Failed, "1000000000000", "USD"))
	}
	wantSpent(t, s, "f", Spending{Provider: "kie", Unit: "USD", Settled: math.MaxInt64, Jobs: 10})
	all := Cap{Scope: ScopeDay, Unit: "USD", Micros: math.MaxInt64 - 1}
	if granted := c.buy("naaa00000001", "kie", Budget{Price: price(1, "USD"), Day: "f", Caps: []Cap{all}}); granted.Over == nil {
		t.Error("beyond what can be counted a job is granted, want it held")
	}
}

func (c contract) spentAfterDelete() {
	t, s := c.t, c.s
	c.buy("aaaa00000001", "kie", Budget{Price: price(3, "USD"), Day: "d"})
	update(t, s, "aaaa00000001", to(kling.Failed))
	if err := s.Delete(t.Context(), "aaaa00000001"); err != nil {
		t.Fatal(err)
	}
	wantSpent(t, s, "d", Spending{Provider: "kie", Unit: "USD", Reserved: 3 * micro, Jobs: 1})
	job := draft("aaaa00000002", epoch())
	job.Batch = "cats"
	add(t, s, job)
	in := guarded(epoch(), 0, Budget{Price: price(3, "USD"), Caps: []Cap{{Scope: ScopeBatch, Unit: "USD", Micros: 2 * micro}}})
	if granted := mustIntend(t, s, job.ID, in); granted.Over == nil {
		t.Error("the batch of a job that names it in its row has no cap, want the cap to hold")
	}
}

func TestCapsHoldAcrossTwentyProcesses(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, place string) {
		t.Helper()
		s, granted := race(t, "spend", place)
		if granted != 7 {
			t.Errorf("%d creates of 3 USD may be sent under 23 USD, want 7", granted)
		}
		wantSpent(t, s, "today", Spending{Provider: "kie", Unit: "USD", Reserved: 21 * micro, Jobs: 7})
	})
}

func TestReservingNeverPassesACapWhileTimeGoesOn(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := contract{t, s}
	caps := []Cap{{Scope: ScopeDay, Unit: "USD", Micros: 10 * micro}}
	for day := range 3 {
		name := epoch().AddDate(0, 0, day).Format(time.DateOnly)
		granted := 0
		for i := range 5 {
			id := "aaaa000000" + string(rune('a'+day)) + string(rune('a'+i))
			if c.buy(id, "kie", Budget{Price: price(3, "USD"), Day: name, Caps: caps}).Over == nil {
				granted++
			}
		}
		if granted != 3 {
			t.Errorf("on %s %d creates of 3 under 10 go, want 3", name, granted)
		}
	}
}
