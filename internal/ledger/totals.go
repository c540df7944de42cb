package ledger

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// line is an amount in one sum. The sums are kept, not added up when they are
// asked for: the thousandth create of a day is as quick as its first.
type line struct {
	provider, unit          string
	reserved, settled, jobs int64
}

const (
	// A sum is changed where it is, by whoever changes it, so that two changes
	// at the same time are both in it. One too large to be counted stays so.
	upsertTotal = `INSERT INTO totals (scope, name, sandbox, provider, unit, reserved, settled, jobs)
		VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (scope, name, sandbox, provider, unit) DO UPDATE SET
		reserved = CASE WHEN totals.reserved = 9223372036854775807 OR
			excluded.reserved > 0 AND totals.reserved > 9223372036854775807 - excluded.reserved
			THEN 9223372036854775807 ELSE totals.reserved + excluded.reserved END,
		settled = CASE WHEN totals.settled = 9223372036854775807 OR
			excluded.settled > 0 AND totals.settled > 9223372036854775807 - excluded.settled
			THEN 9223372036854775807 ELSE totals.settled + excluded.settled END,
		jobs = totals.jobs + excluded.jobs`

	selectTotals = `SELECT provider, unit, reserved, settled, jobs FROM totals
		WHERE scope = ? AND name = ? AND sandbox = ? ORDER BY provider, unit`
)

// sum names one line of the totals.
type sum struct {
	scope          Scope
	name           string
	sandbox        bool
	provider, unit string
}

// book moves the sums from what an entry was, if it was one, to what it is.
// The sums have one order for all, so that no two wait for each other.
func (t tx) book(before, after entry) error {
	moves := map[sum]line{}
	before.move(moves, -1)
	after.move(moves, 1)
	for _, of := range slices.SortedFunc(maps.Keys(moves), sum.compare) {
		l := moves[of]
		if l == (line{}) {
			continue
		}
		err := t.exec(upsertTotal, string(of.scope), of.name, flag(of.sandbox), of.provider, of.unit, l.reserved, l.settled, l.jobs)
		if err != nil {
			return err
		}
	}
	return nil
}

// move adds what an entry adds to each sum that it belongs to, or with sign -1
// takes it away.
func (e entry) move(moves map[sum]line, sign int64) {
	for _, scope := range []Scope{ScopeDay, ScopeBatch, ScopeCommand} {
		name := e.named(scope)
		if name == "" {
			continue
		}
		for _, l := range e.lines() {
			of := sum{scope, name, e.sandbox, e.provider, l.unit}
			moved := moves[of]
			moved.reserved += sign * l.reserved
			moved.settled += sign * l.settled
			moved.jobs += sign * l.jobs
			moves[of] = moved
		}
	}
}

func (s sum) compare(other sum) int {
	return cmp.Or(
		cmp.Compare(s.scope, other.scope), cmp.Compare(s.name, other.name), cmp.Compare(flag(s.sandbox), flag(other.sandbox)),
		cmp.Compare(s.provider, other.provider), cmp.Compare(s.unit, other.unit),
	)
}

// totals reads the sums of a scope.
func (t tx) totals(scope Scope, name string, sandbox bool) ([]line, error) {
	found, err := t.query(selectTotals, string(scope), name, flag(sandbox))
	if err != nil {
		return nil, err
	}
	return readLines(found)
}

func readLines(found cursor) ([]line, error) {
	defer func() { _ = found.Close() }()
	var lines []line
	for found.Next() {
		var l line
		if err := found.Scan(&l.provider, &l.unit, &l.reserved, &l.settled, &l.jobs); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, found.Err()
}

// Spending is what jobs of one provider cost in one unit. Amounts are times a
// million.
type Spending struct {
	// Provider by its configured name. Unit is "" for jobs of a price that
	// nobody knows: what they cost is missing in every amount.
	Provider, Unit string
	// Reserved is what was expected of jobs whose cost was not told, or not
	// told in this unit; Settled is what providers told.
	Reserved, Settled int64
	// Jobs counts creates. One whose cost was told in another unit than its
	// price counts with the price.
	Jobs int64
}

// Spent tells what was intended on a day, per provider and unit.
func (s *Store) Spent(ctx context.Context, day string, sandbox bool) ([]Spending, error) {
	const op = "read what was spent"
	rows, err := s.engine.query(ctx, selectTotals, string(ScopeDay), day, flag(sandbox))
	if err != nil {
		return nil, s.fault(op, err)
	}
	lines, err := readLines(rows)
	if err != nil {
		return nil, s.fault(op, err)
	}
	var spent []Spending
	for _, l := range lines {
		if l.reserved == 0 && l.settled == 0 && l.jobs == 0 {
			continue
		}
		spent = append(spent, Spending{
			Provider: l.provider, Unit: l.unit, Reserved: l.reserved, Settled: l.settled, Jobs: l.jobs,
		})
	}
	return spent, nil
}
