package cmd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/ledger"
)

// spendOptions are the flags that guard a purse.
type spendOptions struct {
	flags *pflag.FlagSet

	again, allowUnknown bool
	takes, maxJobs      int
	maxSpend            string
}

func (o *spendOptions) addFlags(flags *pflag.FlagSet) {
	o.flags = flags
	flags.BoolVar(&o.again, "again", false, "pay for the same request again, on purpose")
	flags.IntVar(&o.takes, "takes", 1, "make this many jobs of the request")
	flags.StringVar(&o.maxSpend, "max-spend", "", "hold back what would cost more than this `amount` in all, such as 2 USD or 200 credits")
	flags.IntVar(&o.maxJobs, "max-jobs", 0, "hold back more than this many jobs; 0 for no bound")
	flags.BoolVar(&o.allowUnknown, "allow-unknown-price", false, "let a job of unknown price pass a cap on money")
}

var errCap = errors.New("an amount reads like 2 USD, 200 credits, 5 units or 20 jobs; several are separated by commas")

// parseCaps reads what bounds spending in one scope.
func parseCaps(name string, scope ledger.Scope, text string) ([]ledger.Cap, error) {
	var caps []ledger.Cap
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		problem := &fault.Error{Kind: fault.Usage, Op: "read", Subject: name, Charged: fault.NotCharged, Detail: fmt.Sprintf("%q", fault.SafeText(part)), Err: errCap}
		if len(words) != 2 {
			return nil, problem
		}
		micros, err := ledger.ParseMicros(words[0])
		unit, known := capUnit(words[1])
		if err != nil || micros < 0 || !known {
			return nil, problem
		}
		caps = append(caps, ledger.Cap{Name: name, Scope: scope, Unit: unit, Micros: micros})
	}
	if len(caps) == 0 && text != "" {
		return nil, &fault.Error{Kind: fault.Usage, Op: "read", Subject: name, Charged: fault.NotCharged, Detail: fmt.Sprintf("%q", fault.SafeText(text)), Err: errCap}
	}
	return caps, nil
}

// capUnit is the ledger's word for a unit: currencies in capitals.
func capUnit(word string) (string, bool) {
	switch strings.ToLower(word) {
	case "job", "jobs":
		return ledger.Jobs, true
	case "credit", "credits":
		return "credits", true
	case "unit", "units":
		return "units", true
	}
	upper := strings.ToUpper(word)
	return upper, len(upper) == 3 && strings.Trim(upper, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// check refuses caps that would bound nothing: a script's empty variable must
// not lift the cap that it was meant to set.
func (o *spendOptions) check() error {
	switch {
	case o.maxJobs < 0:
		return usageFault("read --max-jobs", fmt.Sprintf("%d is no number of jobs", o.maxJobs), "0 sets no bound")
	case o.maxSpend == "" && o.flags.Changed("max-spend"):
		return usageFault("read --max-spend", "it is empty: "+errCap.Error(), "leave it out to set no bound")
	}
	return nil
}

// budget settles the guard and the caps of an order.
func (a *app) budget(o *spendOptions, prepared *catalog.Prepared, order *job.Order) error {
	if err := o.check(); err != nil {
		return err
	}
	order.Guard = ledger.Guard{Off: o.again, Window: a.settings.Guard}
	if a.settings.Sandbox {
		order.Guard.Window = 0
	}
	order.AllowUnknownPrice = o.allowUnknown
	order.Budget.Day = a.today()
	for _, source := range []struct {
		name  string
		scope ledger.Scope
		text  string
	}{
		{"limits.per_job", ledger.ScopeJob, a.settings.Limits.PerJob},
		{"limits.per_day", ledger.ScopeDay, a.settings.Limits.PerDay},
		{"--max-spend", ledger.ScopeCommand, o.maxSpend},
	} {
		caps, err := parseCaps(source.name, source.scope, source.text)
		if err != nil {
			return err
		}
		order.Budget.Caps = append(order.Budget.Caps, caps...)
	}
	if o.maxJobs > 0 {
		order.Budget.Caps = append(order.Budget.Caps, ledger.Cap{Name: "--max-jobs", Scope: ledger.ScopeCommand, Unit: ledger.Jobs, Micros: int64(o.maxJobs) * 1_000_000})
	}
	if o.maxSpend != "" || o.maxJobs > 0 {
		order.Budget.Command = a.command()
	}
	var err error
	order.Budget.Price, err = priceOf(prepared)
	return err
}

// priceOf is what a published list says that an order costs.
func priceOf(prepared *catalog.Prepared) (ledger.Price, error) {
	price, known := prepared.Price()
	if !known {
		return ledger.Price{}, nil
	}
	micros, err := ledger.ParseMicros(price.Amount)
	if err != nil {
		return ledger.Price{}, &fault.Error{Kind: fault.Usage, Op: "read the price of", Subject: prepared.Model.Model, Hint: "klingctl models --check", Err: err}
	}
	return ledger.Price{Known: true, Micros: micros, Unit: price.Currency}, nil
}

// command is the identity of this run, for caps that count one command.
func (a *app) command() string {
	if a.run == "" {
		a.run = rand.Text()
	}
	return a.run
}
