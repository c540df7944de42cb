package batch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

// Options say what a run does and how.
type Options struct {
	// ID is the batch.
	ID   string
	Rows []Row
	// Lane names the provider that a row goes to, "" when that cannot be told:
	// ordering the row will then say why.
	Lane func(Row) string
	// Room is how many jobs a provider may have in flight.
	Room func(lane string) int
	// Order makes the order of a row. release is never nil.
	Order func(ctx context.Context, row Row) (order job.Order, release func(), err error)
	// Output is where videos go, Parallel how many are fetched at once.
	Output   job.Output
	Parallel int
	// Interval is a fixed pace of looks, 0 for the schedule.
	Interval time.Duration
	// RetryFailed orders rows again whose job failed or was refused;
	// RedoChanged those that were changed since they were bought.
	RetryFailed, RedoChanged bool
	// MaxFailures stops buying after so many rows in trouble, 0 never does.
	MaxFailures int
	// Saved is called after the files of a row are in their places; its error
	// leaves the row unsaved. nil does nothing.
	Saved func(ctx context.Context, j kling.Job) error
	// Ended is told each row that this run is through with; Notice what a
	// person should read. Both are called from several goroutines at once.
	Ended  func(Result)
	Notice func(row Row, text string)
	// Cancelled asks whether somebody cancelled the batch; nil for nobody.
	Cancelled func(ctx context.Context) bool
}

const (
	// submitters bounds the creates that are under way at once at one provider.
	submitters = 32
	// lastCreate is how long creates that are under way may go on after the
	// run was told to end: an answer that is not waited for may be a job that
	// nobody can find.
	lastCreate = 700 * time.Millisecond
	// cancelCheck is how often somebody may cancel the batch.
	cancelCheck = 2 * time.Second
	// patience is how often in a row a provider may be out of reach.
	patience = 8
	// creates is how often a row may be ordered whose create was lost on the
	// way, each time proved to have made nothing.
	creates = 3
	// ever is longer than any ledger remembers.
	ever = 100 * 365 * 24 * time.Hour
	// longestPause is what a provider may ask for where no deadline says
	// otherwise.
	longestPause = 15 * time.Minute
)

// Run carries every row to its end, or until the context is done: rows that
// were bought are taken up where they stand, the others are bought as the limits
// allow. It may be killed at any moment; the next run goes on.
func Run(ctx context.Context, service *job.Service, o Options) (Summary, error) {
	known, err := standings(ctx, service, o.ID)
	if err != nil {
		return Summary{}, err
	}
	c := newCarrier(service, o, known)
	defer c.lastCall(ctx)()
	c.buying, c.stopBuying = context.WithCancelCause(ctx)
	defer c.stopBuying(nil)
	c.fill()

	c.files.hold()
	var work, saves sync.WaitGroup
	for range max(1, o.Parallel) {
		saves.Go(func() { c.saveAll(ctx) })
	}
	work.Go(func() { c.watch.Run(ctx, c.ended) })
	for _, lane := range c.lanes {
		for range min(submitters, lane.limit.most, len(lane.queue)) {
			work.Go(func() { c.carry(ctx, lane) })
		}
	}
	if o.Cancelled != nil {
		work.Go(func() { c.listen(ctx) })
	}
	select {
	case <-c.through:
	case <-ctx.Done():
	}
	c.watch.Close()
	work.Wait()
	c.files.done()
	saves.Wait()
	c.leave(ctx)
	return c.summary(), nil
}

// carrier is one run.
type carrier struct {
	Options

	service *job.Service
	watch   *job.Watch
	lanes   map[string]*lane
	laneOf  []*lane
	index   map[string]int
	began   []time.Time
	known   []standing
	// replaces are the rows that are ordered again on purpose.
	replaces []bool
	// send outlives the context of the run by lastCreate.
	send context.Context //nolint:containedctx // belongs to the run, like everything here
	// buying ends with the run, and before it when nothing more is to be bought.
	buying     context.Context //nolint:containedctx // belongs to the run, like everything here
	stopBuying context.CancelCauseFunc
	// files are the rows whose videos are to be brought.
	files *lane

	mu     sync.Mutex
	over   []bool
	left   int
	ends   map[End]int
	bought int
	told   map[*lane]int
	// nothings counts, by row, creates that were proved to have made nothing.
	nothings map[int]int
	// broken counts, by row, downloads that failed.
	broken  map[int]int
	stopped error
	through chan struct{}
}

func newCarrier(service *job.Service, o Options, known map[string]standing) *carrier {
	c := &carrier{
		Options: o, service: service, watch: service.NewWatch(o.Interval),
		lanes: map[string]*lane{}, laneOf: make([]*lane, len(o.Rows)), index: make(map[string]int, len(o.Rows)),
		began: make([]time.Time, len(o.Rows)), known: make([]standing, len(o.Rows)), replaces: make([]bool, len(o.Rows)),
		files: newLane(nil), broken: map[int]int{},
		over: make([]bool, len(o.Rows)), left: len(o.Rows), ends: make(map[End]int), told: map[*lane]int{}, nothings: map[int]int{},
		through: make(chan struct{}),
	}
	for i, row := range o.Rows {
		c.index[row.ID] = i
		c.known[i] = known[row.ID]
	}
	if len(o.Rows) == 0 {
		close(c.through)
	}
	return c
}

// fill gives every row its lane: first those that were bought, for they cost
// nothing any more.
func (c *carrier) fill() {
	for _, bought := range []bool{true, false} {
		for i, row := range c.Rows {
			if c.known[i].bought() != bought {
				continue
			}
			name := c.Lane(row)
			if c.lanes[name] == nil {
				c.lanes[name] = newLane(newLimit(c.Room(name), c.service.Now))
			}
			c.laneOf[i] = c.lanes[name]
			c.lanes[name].add(i)
		}
	}
}

// lastCall makes the context of creates.
func (c *carrier) lastCall(ctx context.Context) func() {
	send, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	c.send = send
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(lastCreate, func() { cancel(context.Cause(ctx)) })
		context.AfterFunc(send, func() { timer.Stop() })
	})
	return func() {
		stop()
		cancel(nil)
	}
}

// listen stops the buying when somebody cancels the batch.
func (c *carrier) listen(ctx context.Context) {
	ticker := time.NewTicker(cancelCheck)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.through:
			return
		case <-ticker.C:
		}
		if c.Cancelled(ctx) {
			c.stop(cancelled())
			return
		}
	}
}

// stop ends the buying; what was bought is still waited for.
func (c *carrier) stop(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped == nil {
		c.stopped = why
		c.stopBuying(why)
	}
}

func (c *carrier) stopping() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopped != nil
}

// end is through with a row, once.
func (c *carrier) end(i int, end End, j kling.Job, err error) {
	c.mu.Lock()
	if c.over[i] {
		c.mu.Unlock()
		return
	}
	c.over[i] = true
	c.ends[end]++
	c.left--
	trouble := 0
	for kind, count := range c.ends {
		if kind.Trouble() {
			trouble += count
		}
	}
	if c.MaxFailures > 0 && trouble >= c.MaxFailures && c.stopped == nil {
		c.stopped = tooMany(trouble)
		c.stopBuying(c.stopped)
	}
	last := c.left == 0
	c.mu.Unlock()
	result := Result{Row: c.Rows[i], End: end, Job: j, Err: err}
	if !c.began[i].IsZero() {
		result.Took = c.service.Now().Sub(c.began[i])
	}
	c.Ended(result)
	if last {
		close(c.through)
	}
}

// leave is through with every row that the run did not get to.
func (c *carrier) leave(ctx context.Context) {
	for i := range c.Rows {
		c.mu.Lock()
		over := c.over[i]
		c.mu.Unlock()
		if over {
			continue
		}
		j := c.reload(context.WithoutCancel(ctx), i)
		switch {
		case j.State != kling.Succeeded:
			c.end(i, endOf(j, nil), j, nil)
		case onDisk(j):
			c.end(i, Kept, j, nil)
		default:
			c.end(i, Unsaved, j, notBrought(ctx, j))
		}
	}
}

func (c *carrier) summary() Summary {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Summary{Rows: len(c.Rows), Ends: c.ends, Bought: c.bought, Stopped: c.stopped}
}

// ErrFailures is below the fault of a run that --max-failures stopped.
var ErrFailures = errors.New("as many rows as --max-failures allows")

// tooMany is why a run stops buying.
func tooMany(trouble int) error {
	return &fault.Error{
		Kind: fault.Held, Op: "go on with the batch", Charged: fault.NotCharged,
		Detail: plural(trouble, "row") + " failed", Err: ErrFailures,
		Hint: "see errors.jsonl, then run the same command again",
	}
}
