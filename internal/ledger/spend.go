package ledger

import (
	"cmp"
	"database/sql"
	"errors"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

// standing is what an entry counts for.
type standing string

const (
	// reserved is probably spent: the create was intended.
	reserved standing = "reserved"
	// settled is spent: the provider told how much.
	settled standing = "settled"
	// released is not spent: nothing was created.
	released standing = "released"
)

// entry is one job in the book of spending. It outlives the job's row: what
// was spent today stays spent when the job is deleted.
type entry struct {
	job, provider string
	sandbox       bool
	// unit and amount are the price that was expected; no unit is a price
	// that nobody knew.
	unit   string
	amount int64
	// actualUnit and actual are what the provider told.
	actualUnit          string
	actual              int64
	standing            standing
	day, batch, command string
	at                  int64
}

const (
	entryColumns = `job, provider, sandbox, unit, amount, actual_unit, actual, standing, day, batch, command, at`

	selectEntry = "SELECT " + entryColumns + " FROM spend WHERE job = ?"

	upsertEntry = "INSERT INTO spend (" + entryColumns + `) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT (job) DO UPDATE SET provider = excluded.provider, sandbox = excluded.sandbox,
		unit = excluded.unit, amount = excluded.amount, actual_unit = excluded.actual_unit, actual = excluded.actual,
		standing = excluded.standing, day = excluded.day, batch = excluded.batch, command = excluded.command,
		at = excluded.at`
)

func (e *entry) into() []any {
	return []any{
		&e.job, &e.provider, &e.sandbox, &e.unit, &e.amount, &e.actualUnit, &e.actual, &e.standing,
		&e.day, &e.batch, &e.command, &e.at,
	}
}

func (e *entry) values() []any {
	return []any{
		e.job, e.provider, flag(e.sandbox), e.unit, e.amount, e.actualUnit, e.actual, string(e.standing),
		e.day, e.batch, e.command, e.at,
	}
}

// reservation is the entry of a create that is about to be intended.
func reservation(job kling.Job, in Intent) entry {
	e := entry{
		job: job.ID, provider: job.Ref.Provider, sandbox: job.Sandbox, standing: reserved,
		day: in.Budget.Day, batch: cmp.Or(in.Budget.Batch, job.Batch), command: in.Budget.Command,
		at: in.Now.UnixMilli(),
	}
	if price := in.Budget.Price; price.Known {
		e.unit, e.amount = price.Unit, price.Micros
	}
	return e
}

// named is the sum of a scope that an entry belongs to, "" for none.
func (e entry) named(scope Scope) string {
	switch scope {
	case ScopeDay:
		return e.day
	case ScopeBatch:
		return e.batch
	case ScopeCommand:
		return e.command
	case ScopeJob:
	}
	return ""
}

// lines are what an entry adds to the sums that it belongs to. A cost told in
// another unit than the price replaces nothing: the price still counts in its
// own unit, and the cost beside it.
func (e entry) lines() []line {
	switch e.standing {
	case released:
		return nil
	case reserved:
		return []line{{unit: e.unit, reserved: e.amount, jobs: 1}}
	case settled:
	}
	actual := line{unit: e.actualUnit, settled: e.actual}
	if e.unit == "" || e.unit == e.actualUnit {
		actual.jobs = 1
		return []line{actual}
	}
	return []line{{unit: e.unit, reserved: e.amount, jobs: 1}, actual}
}

func (t tx) entry(job string) (e entry, found bool, err error) {
	err = t.keep(selectEntry, []any{job}, e.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		return entry{}, false, nil
	}
	return e, err == nil, err
}

// reserve books the entry of an intent. One from an earlier intent of the same
// job, which was put back, gives way to it.
func (t tx) reserve(e entry) error {
	before, _, err := t.entry(e.job)
	if err != nil {
		return err
	}
	return t.post(before, e)
}

// post puts an entry in the place of what it was before and moves the sums.
// Nothing else writes either table.
func (t tx) post(before, after entry) error {
	if err := t.exec(upsertEntry, after.values()...); err != nil {
		return err
	}
	return t.book(before, after)
}

// restate posts an entry as it is now, if that differs.
func (t tx) restate(before, after entry, now time.Time) error {
	if after == before {
		return nil
	}
	after.at = now.UnixMilli()
	return t.post(before, after)
}
