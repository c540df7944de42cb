package job

import (
	"container/heap"
	"context"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

// site is one account at one address, and the jobs that are looked at there.
// What a provider says of its limits to one of them counts for all.
type site struct {
	settings provider.Settings
	client   *provider.Client
	due      dueHeap
	// tasks finds jobs by their task.
	tasks map[kling.Ref]*watched
	pace  pace
	lists lists
	// looks counts looks under way, each at one job.
	looks int
	// troubles counts looks in a row, of whatever jobs, that got no answer.
	troubles int
	// refused is why the provider lets nobody look any more.
	refused error
}

func newSite(settings provider.Settings) *site {
	return &site{settings: settings, tasks: map[kling.Ref]*watched{}, pace: newPace(), lists: lists{size: mostListed}}
}

// same reports whether settings lead to this site, with the same key.
func (a *site) same(settings provider.Settings) bool {
	return a.settings.Name == settings.Name && a.settings.Dialect == settings.Dialect &&
		a.settings.BaseURL == settings.BaseURL && a.settings.PathPrefix == settings.PathPrefix
}

func (a *site) push(one *watched) {
	if one.job.Ref.Task != "" {
		a.tasks[one.job.Ref] = one
	}
	heap.Push(&a.due, one)
}

// forget drops a job that is outside the heap.
func (a *site) forget(one *watched) {
	if a.tasks[one.job.Ref] == one {
		delete(a.tasks, one.job.Ref)
	}
}

// empty gives all jobs that are not being looked at.
func (a *site) empty() []*watched {
	all := a.due
	a.due = nil
	for _, one := range all {
		one.place = -1
	}
	return all
}

// next is when to look there; nothing says so while no more can be under way.
func (a *site) next() (time.Time, bool) {
	if len(a.due) == 0 || a.looks >= looksAtOnce || a.lists.under {
		return time.Time{}, false
	}
	at := a.due[0].at
	if free := a.pace.next(); free.After(at) {
		at = free
	}
	return at, true
}

func (a *site) turned(by time.Duration) {
	for _, one := range a.due {
		one.at = one.at.Add(-by)
	}
	a.pace.turned(by)
	a.lists.from = a.lists.from.Add(-by)
}

// heard learns from the answer to one request.
func (a *site) heard(now, begun time.Time, err error) {
	failure := fault.Of(err)
	if !fault.Is(err, fault.Unavailable) {
		a.troubles = 0
	} else if a.troubles++; a.troubles >= looksAtOnce {
		a.troubles = 0
		a.pace.busy(now, begun, 0)
	}
	switch {
	case err == nil:
		a.pace.well(now)
	case failure == nil:
	case failure.Kind == fault.Busy, failure.Kind == fault.Unavailable && failure.RetryAfter > 0:
		a.pace.busy(now, begun, failure.RetryAfter)
	case failure.Kind == fault.Auth && a.refused == nil:
		refused := *failure
		refused.Job, refused.Charged = "", fault.NotCharged // said again for each job
		a.refused = &refused
	}
}

// startAt begins the looks that are due at a site, as its pace allows.
func (w *Watch) startAt(ctx context.Context, at *site) {
	for {
		now := w.now()
		next, ok := at.next()
		if !ok || next.After(now) {
			return
		}
		first := at.due[0]
		if at.client == nil && first.job.Ref.Task != "" {
			client, _, err := w.service.client(first.job)
			if err != nil {
				at.due.take(first)
				first.heard, first.err, first.done = err, err, true
				w.took(at, first)
				continue
			}
			at.client = client
		}
		if together := at.together(now, first); len(together) >= leastListed {
			w.list(ctx, at, together, now)
			continue
		}
		at.due.take(first)
		at.pace.take(now, 1)
		at.looks++
		first.begun = now
		client := at.client
		w.beside(func() func() {
			w.service.step(ctx, first, client, w)
			return func() {
				at.looks--
				w.took(at, first)
			}
		})
	}
}

// took decides what comes next for a job that was looked at.
func (w *Watch) took(at *site, one *watched) {
	at.heard(w.now(), one.begun, one.heard)
	one.alone = false
	if one.done {
		w.end(at, one)
		w.giveUp(at)
		return
	}
	at.push(one)
	w.giveUp(at)
}

// giveUp ends the watching of all jobs at a provider that refused the key.
func (w *Watch) giveUp(at *site) {
	if at.refused == nil {
		return
	}
	for _, one := range at.empty() {
		one.err = withJob(at.refused, one.job)
		w.end(at, one)
	}
}
