package job

import (
	"context"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

const (
	// leastListed is from how many jobs on a list is asked for instead of each
	// of them.
	leastListed = 3
	// soon is how much too early a job may be looked at in a list that is
	// asked for anyway.
	soon = 5 * time.Second
	// crowd is from how many jobs on a list is worth its price every verySoon.
	crowd    = 100
	verySoon = 2 * time.Second
	// listPause is the pause after a list that did not come, doubled after each
	// in a row; after patientLists of them single looks show for listsAgain
	// whether it is only the list that fails.
	listPause    = 2 * time.Second
	patientLists = 3
	listsAgain   = time.Minute
	// mostMissed is how many lists may tell nothing of a job before it is looked
	// at alone for good.
	mostMissed = 2
)

// lists is how listing goes at a site.
type lists struct {
	// size is that of a page. never is set where lists are of no use, from
	// when else the next may be asked for.
	size  int
	never bool
	from  time.Time
	// under is set while one is under way.
	under bool
	// failed counts those in a row that did not come.
	failed int
}

// listing reports whether lists can answer for the jobs of a site. One that is
// not there after all is asked for once.
func (a *site) listing(now time.Time) bool {
	return a.client != nil && a.settings.Lists() && a.client.Dialect().Traits().Lists &&
		!a.lists.never && !now.Before(a.lists.from)
}

// together are the jobs that one list may answer for when the first is due.
func (a *site) together(now time.Time, first *watched) []*watched {
	if !first.listable() || !a.listing(now) {
		return nil
	}
	if many := a.dueBy(now.Add(verySoon), first.job.Ref.Path); len(many) >= crowd {
		return many
	}
	return a.dueBy(now.Add(soon), first.job.Ref.Path)
}

// dueBy are the jobs due by then that are found in one list.
func (a *site) dueBy(by time.Time, path string) []*watched {
	var same []*watched
	for _, one := range a.due.within(by) {
		if one.listable() && one.job.Ref.Path == path {
			same = append(same, one)
		}
	}
	return same
}

func (one *watched) listable() bool {
	return one.job.State.InFlight() && one.job.Ref.Task != "" && !one.alone && one.missed < mostMissed
}

// list asks for as many pages as it takes to find the jobs.
func (w *Watch) list(ctx context.Context, at *site, wanted []*watched, now time.Time) {
	for _, one := range wanted {
		at.due.take(one)
		one.begun = now
	}
	at.pace.take(now, 1)
	at.lists.under = true
	client, size := at.client, at.lists.size
	w.beside(func() func() {
		found := search(ctx, client, size, wanted)
		return func() { w.listed(ctx, at, wanted, found) }
	})
}

// listed hands out what a list said: to those it was asked for, and to any
// other that it says has ended. Who is not in it is asked for alone.
func (w *Watch) listed(ctx context.Context, at *site, wanted []*watched, found pages) {
	now := w.now()
	at.lists.under = false
	at.pace.take(now, found.count-1)
	at.heard(now, wanted[0].begun, found.err)
	var told []answered
	for _, one := range wanted {
		seen, ok := found.seen[one.job.Ref.Task]
		if ok && whole(one.job, seen) {
			one.missed = 0
			told = append(told, answered{one, seen})
			continue
		}
		one.alone = ok || found.err == nil || w.once
		if ok || found.complete {
			one.missed++
		}
		at.push(one)
	}
	at.judgeList(now, found.err)
	ref := wanted[0].job.Ref
	for ref.Task = range found.seen {
		one, seen := at.tasks[ref], found.seen[ref.Task]
		if one != nil && one.place >= 0 && seen.State.Terminal() && one.job.State.InFlight() && whole(one.job, seen) {
			at.due.take(one)
			one.begun = now
			told = append(told, answered{one, seen})
		}
	}
	w.giveUp(at)
	w.believe(ctx, at, told)
}

// judgeList decides about the lists to come.
func (a *site) judgeList(now time.Time, err error) {
	failure := fault.Of(err)
	switch {
	case err == nil:
		a.lists.failed = 0
	case fault.Is(err, fault.Busy, fault.Auth):
	case fault.Is(err, fault.Unavailable), failure != nil && dialect.IsPage(failure.Err):
		a.lists.failed++
		if a.lists.failed < patientLists {
			a.pace.hold(now, listPause<<(a.lists.failed-1))
			break
		}
		a.lists.from = now.Add(listsAgain)
	case fault.Is(err, fault.Answer) && a.lists.size > shortListed:
		a.lists.size = shortListed
	default:
		a.lists.never = true
	}
}

// answered is a job and what a list said of it.
type answered struct {
	one  *watched
	seen kling.Snapshot
}

// believe stores what a list said, job by job.
func (w *Watch) believe(ctx context.Context, at *site, told []answered) {
	if len(told) == 0 {
		return
	}
	client := at.client
	w.beside(func() func() {
		for _, a := range told {
			if ctx.Err() == nil {
				a.one.job, a.one.heard = w.service.seen(ctx, client, a.one.job, a.seen)
			} else {
				a.one.heard = ctx.Err()
			}
			w.service.judge(ctx, a.one, w)
			w.results <- func() { w.took(at, a.one) }
		}
		return func() {}
	})
}
