package batch

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

func cancelled() error {
	return &fault.Error{
		Kind: fault.Held, Op: "go on with the batch", Charged: fault.NotCharged, Detail: "it was cancelled",
		Hint: "jobs that were bought go on; klingctl batch wait brings their files",
	}
}

// carry works on the rows of a lane, one after the other.
func (c *carrier) carry(ctx context.Context, l *lane) {
	for ctx.Err() == nil {
		i, ok := l.next(ctx)
		if !ok {
			return
		}
		first := c.began[i].IsZero()
		if first {
			c.began[i] = c.service.Now()
		}
		c.step(ctx, l, i, first)
	}
}

// step moves one row as far as it goes without waiting; first is set when the
// run comes to it for the first time.
func (c *carrier) step(ctx context.Context, l *lane, i int, first bool) {
	have := c.known[i]
	if have.over() && !c.RetryFailed {
		j := c.reload(ctx, i)
		c.finish(l, i, endOf(j, nil), j, nil)
		return
	}
	changed := first && have.bought() && c.changed(ctx, i)
	if changed {
		c.tell(i, "was changed since it was bought as job "+have.id)
	}
	j := kling.Job{}
	if !have.over() && !have.never && have.id != "" {
		j = c.reload(ctx, i)
	}
	switch {
	case have.state == kling.Succeeded && changed && c.RedoChanged:
		j = kling.Job{}
	case have.state == kling.Succeeded && changed:
		c.finish(l, i, Changed, j, nil)
		return
	case have.saved:
		c.finish(l, i, Kept, j, nil)
		return
	case j.State == kling.Succeeded:
		c.files.add(i)
		l.done()
		return
	case j.State.InFlight():
		l.limit.adopt()
		c.watch.Add(ctx, j)
		l.done()
		return
	}
	buys := j.State == "" || j.State == kling.Draft
	if buys && c.stopping() {
		c.finish(l, i, Waiting, j, nil)
		return
	}
	if buys && l.limit.acquire(c.buying) != nil { //nolint:contextcheck // the buying may end before the run
		if ctx.Err() == nil { // else the run ends, and leave tells how the row stands
			c.finish(l, i, Waiting, j, nil)
		}
		return
	}
	c.replaces[i] = c.replaces[i] || have.over() || have.state == kling.Succeeded
	work := c.work(i)
	var bad error
	work.Order = func(ctx context.Context) (job.Order, func(), error) {
		order, release, err := c.order(ctx, i)
		if !c.replaces[i] {
			// Another run may have carried the row to its end since we looked.
			order.Guard.Window = ever
		}
		bad = err
		return order, release, err
	}
	made, then, err := c.service.Step(c.send, j, work) //nolint:contextcheck // a create outlives the run by lastCreate
	c.remember(i, made)
	if job.NeverMade(made) && c.triedOut(i) {
		made, err = c.service.GiveUp(ctx, made)
		c.remember(i, made)
		then = job.Then{}
	}
	if bad != nil && c.send.Err() == nil {
		l.limit.release()
		c.finish(l, i, Bad, made, bad)
		return
	}
	c.stepped(ctx, l, i, buys, made, then, err)
}

// triedOut counts the creates of a row that came to nothing.
func (c *carrier) triedOut(i int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nothings[i]++
	return c.nothings[i] >= creates
}

// stepped acts on what a step came to.
func (c *carrier) stepped(ctx context.Context, l *lane, i int, bought bool, j kling.Job, then job.Then, err error) {
	switch {
	case then.Look:
		if bought {
			c.count()
			l.limit.took()
		} else {
			l.limit.adopt()
		}
		c.watch.Add(ctx, j)
		l.done()
		return
	case bought:
		l.limit.release()
	}
	switch {
	case ctx.Err() != nil:
		return // leave tells how the row stands
	case bought && fault.Is(err, fault.Busy, fault.Unavailable):
		c.deferred(ctx, l, i, j, err)
	case then.After > 0:
		time.AfterFunc(then.After, func() { l.back(i) })
	case stops(err):
		c.stop(err)
		c.finish(l, i, endOf(j, err), j, err)
	case err == nil && j.State == kling.Succeeded:
		c.files.add(i)
		l.done()
	default:
		c.finish(l, i, endOf(j, err), j, err)
	}
}

// deferred puts a row back because its provider has no time for it.
func (c *carrier) deferred(ctx context.Context, l *lane, i int, j kling.Job, err error) {
	pause, streak := l.limit.busy(fault.Of(err).RetryAfter)
	if fault.Is(err, fault.Unavailable) && streak >= patience || c.tooLate(ctx, pause) {
		c.stop(err)
		c.finish(l, i, endOf(j, err), j, err)
		return
	}
	if c.firstOf(l, streak) {
		c.tell(i, fault.Of(err).Error()+"; going slower, next try in "+pause.Round(time.Second/10).String())
	}
	l.back(i)
}

// tooLate reports a pause that nobody will sit through.
func (c *carrier) tooLate(ctx context.Context, pause time.Duration) bool {
	deadline, bounded := ctx.Deadline()
	return bounded && c.service.Now().Add(pause).After(deadline) || !bounded && pause > longestPause
}

// count notes a job that was bought for certain.
func (c *carrier) count() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bought++
}

// stops reports what would happen to every other row as well: an account
// without money, a key that is refused, a cap that is reached, an endpoint that
// is none, a ledger that cannot be written.
func stops(err error) bool {
	failure := fault.Of(err)
	if failure == nil {
		return err != nil && !errors.Is(err, context.Canceled)
	}
	return failure.Spent() == fault.NotCharged &&
		fault.Is(err, fault.Credit, fault.Auth, fault.Held, fault.Answer, fault.Local, fault.Internal)
}

// ended is told by the watch that a job is under way no more.
func (c *carrier) ended(j kling.Job, err error) {
	i, ours := c.index[j.Row]
	if !ours {
		return
	}
	if fault.Is(err, fault.Auth) {
		c.stop(err)
	}
	c.laneOf[i].limit.release()
	c.remember(i, j)
	if err == nil && j.State == kling.Succeeded {
		c.files.add(i)
		return
	}
	c.end(i, endOf(j, err), j, err)
}

// finish ends a row that is still in its lane.
func (c *carrier) finish(l *lane, i int, end End, j kling.Job, err error) {
	l.done()
	c.end(i, end, j, err)
}

// work is what job needs to know of a row.
func (c *carrier) work(i int) job.Work {
	return job.Work{Output: c.Output, Order: func(ctx context.Context) (job.Order, func(), error) { return c.order(ctx, i) }}
}

// order makes the order of a row.
func (c *carrier) order(ctx context.Context, i int) (job.Order, func(), error) {
	order, release, err := c.Order(ctx, c.Rows[i])
	order.Batch, order.Row, order.Patient = c.ID, c.Rows[i].ID, true
	return order, release, err
}

// changed reports a row that would be another request today.
func (c *carrier) changed(ctx context.Context, i int) bool {
	order, release, err := c.order(ctx, i)
	defer release()
	if err != nil {
		return false // what cannot be ordered any more was not changed into something else
	}
	key, err := job.KeyOf(order)
	return err == nil && key != c.known[i].key
}

// reload reads the job of a row as it is now.
func (c *carrier) reload(ctx context.Context, i int) kling.Job {
	id := c.known[i].id
	if id == "" {
		return kling.Job{}
	}
	j, err := c.service.Ledger.Get(ctx, id)
	if err != nil {
		return kling.Job{ID: id, State: c.known[i].state, Batch: c.ID, Row: c.Rows[i].ID}
	}
	return j
}

func (c *carrier) remember(i int, j kling.Job) {
	c.known[i] = standing{id: j.ID, key: j.Key, state: j.State, never: job.NeverMade(j)}
}

// firstOf reports the first pause of several in a lane, which alone is news.
func (c *carrier) firstOf(l *lane, streak int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	news := streak > c.told[l]
	c.told[l] = streak
	return news && streak == 1
}

func (c *carrier) tell(i int, text string) {
	if c.Notice != nil {
		c.Notice(c.Rows[i], text)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
