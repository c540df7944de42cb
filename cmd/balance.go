package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/view"
)

// balanceOptions are the flags of balance.
type balanceOptions struct{ provider string }

func newBalance(app *app) *cobra.Command {
	o := &balanceOptions{}
	cmd := &cobra.Command{
		Use:   "balance",
		Short: "Show what is left, and what was spent today",
		Long: `Ask every provider with a key what is left on its account, and show what this
ledger reserved and spent today. Providers that document no balance say so.`,
		Example: "  klingctl balance\n  klingctl balance --provider kie --json",
		GroupID: groupJobs,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return app.balance(cmd.Context(), o) },
	}
	cmd.Flags().StringVar(&o.provider, "provider", "", "only this `name`")
	_ = cmd.RegisterFlagCompletionFunc("provider", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return app.providerNames(), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

func (a *app) balance(ctx context.Context, o *balanceOptions) error {
	ctx, cancel := a.bounded(ctx)
	defer cancel()
	names, err := a.accounts(o.provider)
	if err != nil {
		return err
	}
	records := make([]view.Balance, 0, len(names))
	codes := make([]int, 0, len(names))
	for _, name := range names {
		record, err := a.balanceOf(ctx, name)
		if err != nil && len(names) == 1 {
			return err
		}
		code := exitDone
		if problem := fault.Of(err); problem != nil {
			made := view.NewProblem(problem, string(problem.Kind), nil)
			record.Error = &made
			// That a provider documents no balance is an answer.
			if problem.Kind != fault.Usage {
				code = a.codeOf(ctx, problem)
			}
		}
		records, codes = append(records, record), append(codes, code)
	}
	if err := a.spentToday(ctx, records); err != nil {
		return err
	}
	if a.global.json {
		err = a.printJSON(records)
	} else {
		err = a.print(view.BalanceTable(records).Lines(a.process.OutTTY, a.term().Columns())...)
	}
	if err != nil {
		return err
	}
	return endWith(together(codes))
}

// accounts are the providers to ask: the one that was named, those with a key,
// or in the sandbox all that have an address.
func (a *app) accounts(name string) ([]string, error) {
	offers, err := a.catalog()
	if err != nil {
		return nil, err
	}
	if name != "" {
		_, err := a.providerSettings(name)
		return []string{name}, err
	}
	names := a.keyed()
	if a.settings.Sandbox && len(names) == 0 {
		for _, preset := range offers.Presets() {
			names = append(names, preset.Name)
		}
	}
	if len(names) == 0 {
		return nil, usageFault("show balances", "no provider has a key", "name one with --provider, or try it with --sandbox")
	}
	return names, nil
}

func (a *app) balanceOf(ctx context.Context, name string) (view.Balance, error) {
	record := view.Balance{SchemaVersion: view.SchemaVersion, Provider: name, Amounts: []view.Amount{}, Today: []view.Spending{}}
	wires, err := a.connect()
	if err != nil {
		return record, err
	}
	settings, err := a.providerSettings(name)
	if err != nil {
		return record, err
	}
	client, err := a.clientFor(ctx, wires, settings)
	if err != nil {
		return record, err
	}
	amounts, err := client.Balance(ctx)
	for _, amount := range amounts {
		record.Amounts = append(record.Amounts, view.Amount{
			Amount: amount.Amount, Unit: amount.Unit, Name: amount.Name, Expires: amount.Expires,
		})
	}
	return record, err
}

// spentToday adds what the ledger knows of this calendar day.
func (a *app) spentToday(ctx context.Context, records []view.Balance) error {
	store, err := a.ledger(ctx)
	if err != nil {
		return err
	}
	spent, err := store.Spent(ctx, a.today(), a.settings.Sandbox)
	if err != nil {
		return err
	}
	for i := range records {
		for _, s := range spent {
			if s.Provider == records[i].Provider {
				records[i].Today = append(records[i].Today, view.Spending{
					Unit: s.Unit, Reserved: ledger.FormatMicros(s.Reserved), Spent: ledger.FormatMicros(s.Settled), Jobs: s.Jobs,
				})
			}
		}
	}
	return nil
}

// today is the local calendar day, which daily caps count by.
func (a *app) today() string { return a.process.Now().Local().Format(time.DateOnly) }
