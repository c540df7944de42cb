package cmd

import (
	"strings"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ui"
)

// board keeps how the jobs of an errand stand. Each event costs it the same,
// however many jobs there are. A nil board keeps nothing.
type board struct {
	mu    sync.Mutex
	tally ui.Tally
	// where is the count that each job stands in, by name; nil for none.
	where map[string]*int
	// low and high are when the last job is likely to be done.
	low, high time.Time
	// saved are the files that this run has brought, by the job's name.
	saved map[string][]savedFile
}

// savedFile is a file that this run has brought.
type savedFile struct {
	path  string
	bytes int64
}

// newBoard begins with jobs as they stand.
func newBoard(jobs []kling.Job, now time.Time) *board {
	b := &board{tally: ui.Tally{Since: now}, where: map[string]*int{}, saved: map[string][]savedFile{}}
	for _, j := range jobs {
		name := job.Name(j)
		if _, twice := b.where[name]; !twice {
			b.where[name] = nil
			b.tally.Total++
			b.place(name, b.count(j.State))
		}
	}
	return b
}

// count is the one that a state belongs to, nil for those that have not begun or
// whose end is told otherwise.
func (b *board) count(state kling.State) *int {
	switch state {
	case kling.Queued:
		return &b.tally.Queued
	case kling.Running:
		return &b.tally.Running
	case kling.Draft, kling.Submitting, kling.Unknown, kling.Succeeded, kling.Failed, kling.Refused, kling.Lost:
	}
	return nil
}

// begin shows how the jobs stand before anything has happened.
func (b *board) begin(a *app) {
	if b.tally.Total > 1 {
		a.progress().Tally(b.tally)
	}
}

// place moves a job to another count and reports whether it did; nil leaves it
// where it is.
func (b *board) place(name string, count *int) (moved bool) {
	if count == nil || b.where[name] == count {
		return false
	}
	if was := b.where[name]; was != nil {
		*was--
	}
	*count++
	b.where[name] = count
	return true
}

// note takes in an event. Of several jobs it shows the sum on the meter, and
// reports whether it did: tallies reach the meter in the order of events.
func (b *board) note(a *app, event job.Event) bool {
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	name, now := job.Name(event.Job), a.process.Now()
	switch event.Stage {
	case job.Moved:
		moved := b.place(name, b.count(event.Job.State))
		b.expect(event)
		if moved && !event.Job.State.Terminal() {
			b.tally.Latest = firstOf(stateText(event.Job), b.tally.Latest)
		}
	case job.Saving:
		b.place(name, &b.tally.Saving)
	case job.Saved:
		b.saved[name] = append(b.saved[name], savedFile{path: event.Path, bytes: event.Done})
	case job.Ended:
		b.end(a, name, event)
	case job.Hosting, job.Submitting, job.Notice:
		return false
	}
	if b.tally.Total < 2 {
		return false
	}
	t := &b.tally
	begun := t.Queued + t.Running + t.Saving + t.Done + t.Failed
	switch {
	case begun < t.Total: // nobody knows when those will begin
		t.Low, t.High = 0, 0
	case !b.high.IsZero():
		t.Low, t.High = b.low.Sub(now), b.high.Sub(now)
	}
	a.progress().Tally(b.tally)
	return true
}

// expect takes in when a job is likely to be done.
func (b *board) expect(event job.Event) {
	if event.Usual.High <= 0 || event.Job.SubmittedAt.IsZero() || event.Job.State.Terminal() {
		return
	}
	if low := event.Job.SubmittedAt.Add(event.Usual.Low); low.After(b.low) {
		b.low = low
	}
	if high := event.Job.SubmittedAt.Add(event.Usual.High); high.After(b.high) {
		b.high = high
	}
}

// end takes in how a job ended. One that goes on, because waiting was cut
// short, stays where it is.
func (b *board) end(a *app, name string, event job.Event) {
	switch {
	case fault.Is(event.Err, fault.Interrupted, fault.Deadline):
		return
	case event.Err != nil:
		b.place(name, &b.tally.Failed)
		b.tally.Latest = name + ": " + event.Err.Error()
	case event.Job.State == kling.Succeeded:
		b.place(name, &b.tally.Done)
		b.tally.Latest = stateText(event.Job)
	default:
		b.place(name, &b.tally.Failed)
		b.tally.Latest = firstOf(stateText(event.Job), name+" "+string(event.Job.State))
	}
	var files []string
	for _, file := range b.saved[name] {
		files = append(files, a.shown(file.path)+" ("+ui.Size(file.bytes)+")")
	}
	if len(files) > 0 && event.Err == nil {
		b.tally.Latest = "saved " + strings.Join(files, ", ")
	}
	delete(b.saved, name)
}

// fresh are the files of a job that this run has brought.
func (b *board) fresh(j kling.Job) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var paths []string
	for _, file := range b.saved[job.Name(j)] {
		paths = append(paths, file.path)
	}
	return paths
}
