package ledger

import (
	"errors"
	"strings"
)

// Budget is what a create will probably cost and how much may be spent. Its
// zero value limits nothing: the create is then remembered as one of unknown
// price that belongs to no day.
type Budget struct {
	Price Price
	// Day is the local calendar day, as the caller writes days; sums of a day
	// run over what was intended on it.
	Day string
	// Batch is the batch that Scope batch sums over; empty, it is the job's.
	Batch string
	// Command identifies one run of the program, for caps of scope command.
	// Every command that is named costs a row: name it only for such a cap.
	Command string
	// Caps are looked at in this order; the first one that is exceeded is
	// told.
	Caps []Cap
}

// Price is the probable cost of one create. An unknown price counts as
// nothing under every cap but one on jobs: whether that is allowed is decided
// by the caller, before.
type Price struct {
	Known bool
	// Micros is the amount times a million.
	Micros int64
	// Unit is "credits", "units" or a currency such as "USD".
	Unit string
}

// Scope is what a cap sums over.
type Scope string

const (
	// ScopeJob is the one create alone.
	ScopeJob Scope = "job"
	// ScopeDay is everything intended on the day of the budget.
	ScopeDay Scope = "day"
	// ScopeBatch is everything of the batch, on every day.
	ScopeBatch Scope = "batch"
	// ScopeCommand is everything of one run of the program.
	ScopeCommand Scope = "command"
)

// Jobs is the unit of a cap that counts creates.
const Jobs = "jobs"

// Cap is a bound on spending: reserved and settled amounts together with the
// create that asks may reach it and not pass it. Of the sandbox and of real
// providers each has sums of its own.
type Cap struct {
	// Name is what the user calls it: per_day, max_spend. It is only told.
	Name  string
	Scope Scope
	// Unit is Jobs, which counts creates of all providers; "credits" or
	// "units", which sums the same provider's, for no two providers mean the
	// same by them; or a currency, which sums all providers. A price in
	// another unit asks for nothing under it.
	Unit string
	// Micros is the bound times a million, also for Jobs.
	Micros int64
}

// Excess is a cap that a create would have passed.
type Excess struct {
	Cap
	// Spent is what was reserved and settled so far, Asked what the create
	// would have added, both times a million.
	Spent, Asked int64
}

var (
	errPrice = errors.New("a price must be 0 or more and have a unit")
	errCap   = errors.New("a cap must be 0 or more and have a unit and a scope")

	errNameless = errors.New("a cap on a day, a batch or a command needs to know which")
)

// valid reports a mistake of the caller.
func (b Budget) valid() error {
	if b.Price.Known && (!validUnit(b.Price.Unit) || b.Price.Micros < 0 || b.Price.Micros > maxMicros) {
		return errPrice
	}
	for _, c := range b.Caps {
		switch c.Scope {
		case ScopeJob, ScopeDay, ScopeBatch, ScopeCommand:
		default:
			return errCap
		}
		if c.Unit != Jobs && !validUnit(c.Unit) || c.Micros < 0 {
			return errCap
		}
	}
	return nil
}

// asks is what a price adds to the sum that a cap bounds.
func (c Cap) asks(price Price) int64 {
	switch {
	case c.Unit == Jobs:
		return micro
	case price.Known && price.Unit == c.Unit:
		return price.Micros
	}
	return 0
}

// ownUnit reports whether a unit means something at one provider only.
func ownUnit(unit string) bool { return unit == "credits" || unit == "units" }

// validUnit keeps what a server calls a unit short and harmless; Jobs is not
// one to pay in.
func validUnit(unit string) bool {
	letter := func(r rune) bool { return r < 'A' || r > 'Z' && r < 'a' || r > 'z' }
	return unit != "" && unit != Jobs && len(unit) <= 16 && strings.IndexFunc(unit, letter) < 0
}

// exceeded finds the first cap that a create would pass.
func (t tx) exceeded(e entry, b Budget) (*Excess, error) {
	for _, c := range b.Caps {
		asked := c.asks(b.Price)
		if asked == 0 {
			continue
		}
		if c.Scope != ScopeJob && e.named(c.Scope) == "" {
			return nil, errNameless
		}
		spent, err := t.spent(e, c)
		if err != nil {
			return nil, err
		}
		if plus(spent, asked) > c.Micros {
			return &Excess{Cap: c, Spent: spent, Asked: asked}, nil
		}
	}
	return nil, nil
}

// spent is what a cap's sum holds so far.
func (t tx) spent(e entry, c Cap) (int64, error) {
	if c.Scope == ScopeJob {
		return 0, nil
	}
	totals, err := t.totals(c.Scope, e.named(c.Scope), e.sandbox)
	sum := int64(0)
	for _, total := range totals {
		switch {
		case c.Unit == Jobs:
			sum = plus(sum, times(total.jobs))
		case total.unit == c.Unit && (total.provider == e.provider || !ownUnit(c.Unit)):
			sum = plus(sum, plus(total.reserved, total.settled))
		}
	}
	return sum, err
}
