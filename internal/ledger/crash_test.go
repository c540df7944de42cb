package ledger

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// image copies a ledger as a killed process would leave it: the file and its
// log, whatever is under way.
func image(path, to string) error {
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(to+suffix, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// machine is a ledger beside what it must remember.
type machine struct {
	t      *testing.T
	folder string
	copies int
	s      *Store
	states map[string]kling.State
	sends  map[string]int
	// keys are the requests; budgets and costs what is expected and told.
	keys    map[string]string
	budgets map[string]Budget
	costs   map[string]int64
}

func (m *machine) open(t *rapid.T, path string) {
	s, err := Open(m.t.Context(), Options{Path: path})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	// The images are copies of what was written: waiting for the disk adds
	// nothing to them.
	if _, err := inFile(s).writer.conn.ExecContext(m.t.Context(), "PRAGMA synchronous = OFF"); err != nil {
		t.Fatal(err)
	}
	m.s = s
}

// crash goes on with the image that was taken while do ran.
func (m *machine) crash(t *rapid.T, during func(take func() error)) {
	m.copies++
	copied := filepath.Join(m.folder, fmt.Sprintf("ledger%d.db", m.copies))
	during(func() error { return image(m.s.place, copied) })
	_ = m.s.Close()
	m.open(t, copied)
	m.compare(t)
}

func (m *machine) pick(t *rapid.T) string {
	if len(m.states) == 0 {
		t.Skip("no job yet")
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.states))).Draw(t, "id")
}

// following are the states that a job may be moved to. None leads back to a
// draft, so that a second intent of any job would be a job bought twice.
func following(state kling.State) []kling.State {
	switch state {
	case kling.Submitting:
		return []kling.State{kling.Queued, kling.Running, kling.Unknown, kling.Refused}
	case kling.Unknown:
		return []kling.State{kling.Queued, kling.Refused}
	case kling.Queued:
		return []kling.State{kling.Running, kling.Succeeded, kling.Failed, kling.Lost}
	case kling.Running:
		return []kling.State{kling.Succeeded, kling.Failed, kling.Lost}
	case kling.Draft, kling.Succeeded, kling.Failed, kling.Refused, kling.Lost:
		return []kling.State{state}
	}
	return nil
}

func TestNoInterleavingWithCrashesSendsTwice(t *testing.T) {
	t.Parallel()
	empty := closedLedger(t, 0)
	rapid.Check(t, func(r *rapid.T) {
		folder := t.TempDir()
		m := &machine{
			t: t, folder: folder, states: map[string]kling.State{}, sends: map[string]int{},
			keys: map[string]string{}, budgets: map[string]Budget{}, costs: map[string]int64{},
		}
		path := filepath.Join(folder, "ledger.db")
		if err := image(empty, path); err != nil {
			r.Fatal(err)
		}
		m.open(r, path)
		defer func() { _ = m.s.Close() }()
		r.Repeat(map[string]func(*rapid.T){
			"add": m.add, "intend": m.intend, "intend again": m.intend, "update": m.update, "sweep": m.sweep,
			"crash": func(r *rapid.T) {
				m.crash(r, func(take func() error) {
					if err := take(); err != nil {
						r.Fatal(err)
					}
				})
			},
			"crash in an update": func(r *rapid.T) {
				id := m.pick(r)
				m.crash(r, func(take func() error) {
					_, err := m.s.Update(t.Context(), id, epoch(), func(job kling.Job) (kling.Job, error) {
						job.State = kling.Lost
						return job, take()
					})
					if err != nil {
						r.Fatal(err)
					}
				})
			},
			"reopen": func(r *rapid.T) {
				path := m.s.place
				if err := m.s.Close(); err != nil {
					r.Fatal(err)
				}
				m.open(r, path)
				m.compare(r)
			},
		})
		m.compare(r)
	})
}

func (m *machine) add(t *rapid.T) {
	id := fmt.Sprintf("aaaa%08d", len(m.states))
	job := draft(id, epoch())
	job.Key = rapid.SampledFrom([]string{"k1", "k2", "k3", "k-" + id}).Draw(t, "key")
	if err := m.s.Add(m.t.Context(), job); err != nil {
		t.Fatal(err)
	}
	m.states[id], m.keys[id] = kling.Draft, job.Key
}

func (m *machine) intend(t *rapid.T) {
	id := m.pick(t)
	budget := Budget{
		Day:   rapid.SampledFrom([]string{"d1", "d2"}).Draw(t, "day"),
		Price: price(rapid.Int64Range(0, 5).Draw(t, "price"), rapid.SampledFrom([]string{"USD", "credits"}).Draw(t, "unit")),
		Caps: []Cap{
			{Name: "per_day", Scope: ScopeDay, Unit: "USD", Micros: dayCap},
			{Name: "per_day", Scope: ScopeDay, Unit: "credits", Micros: dayCap},
		},
	}
	budget.Price.Known = rapid.IntRange(0, 9).Draw(t, "known") > 0
	granted, err := m.s.Intend(m.t.Context(), id, guarded(epoch(), 0, budget))
	twin := slices.ContainsFunc(slices.Collect(maps.Keys(m.states)), func(other string) bool {
		return other != id && m.keys[other] == m.keys[id] && m.states[other].Open()
	})
	spent := m.spent(budget.Day)[budget.Price.Unit]
	over := budget.Price.Known && budget.Price.Micros > 0 && spent+budget.Price.Micros > dayCap
	switch {
	case m.states[id] != kling.Draft:
		if !fault.Is(err, fault.Held) {
			t.Fatalf("an intent of a %s job gives %v, want it held", m.states[id], err)
		}
	case err != nil || granted.Wait > 0 || (granted.Twin != nil) != twin || (granted.Over != nil) != (over && !twin):
		t.Fatalf("an intent gives %+v, %v, want a twin: %v, over: %v", granted, err, twin, over)
	case !twin && !over:
		m.states[id], m.budgets[id] = kling.Submitting, budget
		m.sends[id]++
	}
}

// dayCap is what may be spent on a day in each unit.
const dayCap = 12 * micro

// spent adds up what the jobs of a day cost, by unit, and counts the jobs
// without a price under "".
func (m *machine) spent(day string) map[string]int64 {
	sums := map[string]int64{}
	for id, budget := range m.budgets {
		cost, told := m.costs[id]
		switch {
		case budget.Day != day || m.states[id] == kling.Refused:
		case told && budget.Price.Known && budget.Price.Unit != "USD":
			sums[budget.Price.Unit] += budget.Price.Micros
			sums["USD"] += cost
		case told:
			sums["USD"] += cost
		case budget.Price.Known:
			sums[budget.Price.Unit] += budget.Price.Micros
		}
	}
	return sums
}

func (m *machine) update(t *rapid.T) {
	id := m.pick(t)
	next := rapid.SampledFrom(following(m.states[id])).Draw(t, "state")
	change := to(next)
	if m.states[id].InFlight() && next.Terminal() && rapid.Bool().Draw(t, "costs") {
		// Never more than was asked: a cap cannot hold against that.
		cost := rapid.Int64Range(0, m.budgets[id].Price.Micros).Draw(t, "cost")
		m.costs[id] = cost
		change = ended(next, FormatMicros(cost), "USD")
	}
	if _, err := m.s.Update(m.t.Context(), id, epoch(), change); err != nil {
		t.Fatal(err)
	}
	m.states[id] = next
}

func (m *machine) sweep(t *rapid.T) {
	if _, err := m.s.Sweep(m.t.Context(), epoch().Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	for id, state := range m.states {
		if state == kling.Submitting {
			m.states[id] = kling.Unknown
		}
	}
}

func (m *machine) compare(t *rapid.T) {
	for _, day := range []string{"d1", "d2"} {
		got := map[string]int64{}
		lines, err := m.s.Spent(m.t.Context(), day, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if sum := l.Reserved + l.Settled; sum > 0 {
				got[l.Unit] += sum
			}
		}
		want := m.spent(day)
		maps.DeleteFunc(want, func(_ string, sum int64) bool { return sum == 0 })
		if !maps.Equal(got, want) {
			t.Fatalf("on %s was spent %v, want %v", day, got, want)
		}
	}
	open := map[string]string{}
	jobs, err := m.s.List(m.t.Context(), Filter{})
	if err != nil || len(jobs) != len(m.states) {
		t.Fatalf("%d jobs (%v), want %d", len(jobs), err, len(m.states))
	}
	for _, job := range jobs {
		if job.State != m.states[job.ID] {
			t.Fatalf("%s is %s, want %s", job.ID, job.State, m.states[job.ID])
		}
		events, err := m.s.Events(m.t.Context(), job.ID)
		if err != nil || len(events) == 0 || events[len(events)-1].State != job.State {
			t.Fatalf("the story of %s job %s ends with %+v (%v)", job.State, job.ID, events, err)
		}
		if other := open[job.Key]; other != "" && job.State.Open() {
			t.Fatalf("%s and %s of one request are open, want one of them", other, job.ID)
		}
		if job.State.Open() {
			open[job.Key] = job.ID
		}
		if m.sends[job.ID] > 1 {
			t.Fatalf("%s was sent %d times, want once at most", job.ID, m.sends[job.ID])
		}
	}
}

func TestAFileCutBesideItsLogIsCheckedFirst(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	add(t, s, draft("aaaabbbbcccc", epoch()))
	if _, err := inFile(s).writer.conn.ExecContext(t.Context(), "PRAGMA wal_checkpoint"); err != nil {
		t.Fatal(err)
	}
	update(t, s, "aaaabbbbcccc", to(kling.Running))
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := image(s.place, path); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteString("the beginning of a page")
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	if got := mustGet(t, openAt(t, path), "aaaabbbbcccc").State; got != kling.Running {
		t.Errorf("the state is %q, want running: the log has it", got)
	}
}
