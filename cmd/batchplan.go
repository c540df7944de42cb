package cmd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/view"
)

// planBatch checks and prices every row, and sends nothing.
func (a *app) planBatch(ctx context.Context, service *job.Service, run *batchRun) error {
	plan := view.BatchPlan{
		SchemaVersion: view.SchemaVersion, Batch: run.id, Rows: len(run.rows),
		Changed: []string{}, Providers: map[string]int{}, Price: []view.Cost{}, Bad: []view.BatchRow{},
	}
	sums := map[string]int64{}
	err := batch.Plan(ctx, service, batch.Options{
		ID: run.id, Rows: run.rows, Order: run.desk.order,
		RetryFailed: run.o.retryFailed, RedoChanged: run.o.redoChanged,
	}, func(p batch.Planned) {
		if p.Err == nil && p.Buys {
			p.Err = service.Hosted(p.Order)
		}
		switch {
		case p.Err != nil:
			r := batch.Result{Row: p.Row, End: batch.Bad, Err: p.Err}
			problem := a.rowProblem(ctx, r)
			plan.Bad = append(plan.Bad, batchRow(run.id, r, problem))
			return
		case p.Changed:
			plan.Changed = append(plan.Changed, p.Row.ID)
		}
		if !p.Buys {
			return
		}
		plan.ToBuy++
		plan.Providers[p.Order.Settings.Name]++
		price := p.Order.Budget.Price
		if !price.Known {
			plan.UnknownPrice++
			return
		}
		sums[price.Unit] += price.Micros
	})
	if err != nil {
		return err
	}
	for _, unit := range slices.Sorted(maps.Keys(sums)) {
		plan.Price = append(plan.Price, view.Cost{Amount: ledger.FormatMicros(sums[unit]), Unit: unit})
	}
	slices.Sort(plan.Changed)
	slices.SortFunc(plan.Bad, func(x, y view.BatchRow) int { return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Row, y.Row)) })
	return a.showPlan(plan)
}

// showPlan prints what a run would do.
func (a *app) showPlan(plan view.BatchPlan) error {
	code := exitDone
	if len(plan.Bad) > 0 {
		code = exitUsage
	}
	if a.global.json {
		if err := a.printJSON(plan); err != nil {
			return err
		}
		return endWith(code)
	}
	for _, row := range plan.Bad {
		where := row.Row
		if row.Line > 0 {
			where = "line " + strconv.Itoa(row.Line) + ", " + where
		}
		a.term().Problem(where+": "+row.Error.Message, "no", row.Error.Hint)
	}
	lines := []string{"rows\t" + strconv.Itoa(plan.Rows), "to buy\t" + strconv.Itoa(plan.ToBuy)}
	for _, name := range slices.Sorted(maps.Keys(plan.Providers)) {
		lines = append(lines, "  at "+name+"\t"+strconv.Itoa(plan.Providers[name]))
	}
	lines = append(lines, fmt.Sprintf("bad\t%d", len(plan.Bad)), fmt.Sprintf("changed\t%d", len(plan.Changed)))
	for _, cost := range plan.Price {
		lines = append(lines, "price\t"+cost.Amount+" "+cost.Unit)
	}
	if plan.UnknownPrice > 0 {
		lines = append(lines, "price not known\t"+batchCount(plan.UnknownPrice, "row"))
	}
	if err := a.print(lines...); err != nil {
		return err
	}
	return endWith(code)
}
