package batch

import (
	"context"
	"sync"

	"github.com/klingctl/klingctl/internal/job"
)

// planners is how many rows are checked at once: most of it is reading images.
const planners = 4

// Planned is what a run would do with a row.
type Planned struct {
	Row Row
	// Order is what would be ordered; the zero Order beside an Err.
	Order job.Order
	// Err is why the row cannot be ordered.
	Err error
	// Buys tells that a run would order the row, Changed that it was bought
	// before and has been changed since.
	Buys, Changed bool
}

// Plan checks every row as Run would, and sends nothing. told is called for one
// row at a time, in no order.
func Plan(ctx context.Context, service *job.Service, o Options, told func(Planned)) error {
	known, err := standings(ctx, service, o.ID)
	if err != nil {
		return err
	}
	c := newCarrier(service, o, known)
	rows := make(chan int)
	var mu sync.Mutex
	var work sync.WaitGroup
	for range planners {
		work.Go(func() {
			for i := range rows {
				planned := c.plan(ctx, i)
				mu.Lock()
				told(planned)
				mu.Unlock()
			}
		})
	}
	for i := range o.Rows {
		if ctx.Err() != nil {
			break
		}
		rows <- i
	}
	close(rows)
	work.Wait()
	return context.Cause(ctx)
}

func (c *carrier) plan(ctx context.Context, i int) Planned {
	p := Planned{Row: c.Rows[i]}
	order, release, err := c.order(ctx, i)
	defer release()
	have := c.known[i]
	switch {
	case err != nil:
		p.Err = err
		return p
	case have.bought():
		key, err := job.KeyOf(order)
		p.Changed = err == nil && key != have.key
		p.Buys = p.Changed && c.RedoChanged
	default:
		p.Buys = !have.over() || c.RetryFailed
	}
	p.Order = order
	return p
}
