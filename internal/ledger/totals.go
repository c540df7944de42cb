package ledger

import (
	"context"
	"database/sql"
	"errors"
)

// line is an amount in one sum. The sums are kept, not added up when they are
// asked for: the thousandth create of a day is as quick as its first.
type line struct {
	provider, unit          string
	reserved, settled, jobs int64
}

const (
	selectTotal = `SELECT reserved, settled, jobs FROM totals
		WHERE scope = ? AND name = ? AND sandbox = ? AND provider = ? AND unit = ?`

	upsertTotal = `INSERT INTO totals (scope, name, sandbox, provider, unit, reserved, settled, jobs)
		VALUES (?,?,?,?,?,?,?,?) ON CONFLICT (scope, name, sandbox, provider, unit) DO UPDATE SET
		reserved = excluded.reserved, settled = excluded.settled, jobs = excluded.jobs`

	selectTotals = `SELECT provider, unit, reserved, settled, jobs FROM totals
		WHERE scope = ? AND name = ? AND sandbox = ? ORDER BY provider, unit`
)

// book adds an entry to the sums that it belongs to, or with sign -1 takes it
// out of them.
func (t tx) book(e entry, sign int64) error {
	for _, scope := range []Scope{ScopeDay, ScopeBatch, ScopeCommand} {
		name := e.named(scope)
		if name == "" {
			continue
		}
		for _, l := range e.lines() {
			key := []any{string(scope), name, flag(e.sandbox), e.provider, l.unit}
			var sum line
			err := t.row(selectTotal, key, &sum.reserved, &sum.settled, &sum.jobs)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			err = t.exec(upsertTotal, append(key,
				plus(sum.reserved, sign*l.reserved), plus(sum.settled, sign*l.settled), plus(sum.jobs, sign*l.jobs))...)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// totals reads the sums of a scope.
func (t tx) totals(scope Scope, name string, sandbox bool) ([]line, error) {
	stmt, err := t.stmt(selectTotals) //nolint:sqlclosecheck // kept
	if err != nil {
		return nil, err
	}
	rows, err := stmt.QueryContext(t.ctx, string(scope), name, flag(sandbox))
	if err != nil {
		return nil, err
	}
	return readLines(rows)
}

func readLines(rows *sql.Rows) ([]line, error) {
	defer func() { _ = rows.Close() }()
	var lines []line
	for rows.Next() {
		var l line
		if err := rows.Scan(&l.provider, &l.unit, &l.reserved, &l.settled, &l.jobs); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, rows.Err()
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
	rows, err := s.readers.query(ctx, selectTotals, string(ScopeDay), day, flag(sandbox))
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
