package batch

import (
	"context"
	"errors"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

const (
	// downloads is how often a run tries to bring the files of a row: what keeps
	// one from coming passes more often than not, such as another process that
	// is just bringing it.
	downloads = 3
	// downloadPause is before the second try; it grows fourfold.
	downloadPause = 2 * time.Second
)

// saveAll brings the files of rows, one row after the other, until none will
// come any more.
func (c *carrier) saveAll(ctx context.Context) {
	for ctx.Err() == nil {
		i, ok := c.files.next(ctx)
		if !ok {
			return
		}
		c.save(ctx, i)
	}
}

// save brings the files of a row whose job has succeeded. What fails on the way
// is tried again later.
func (c *carrier) save(ctx context.Context, i int) {
	saved, _, err := c.service.Step(ctx, c.reload(ctx, i), c.work(i))
	if err == nil && c.Saved != nil {
		err = c.Saved(ctx, saved)
	}
	if fault.Is(err, fault.Download) && ctx.Err() == nil {
		if try := c.tried(i); try < downloads {
			time.AfterFunc(downloadPause<<(2*(try-1)), func() { c.files.back(i) })
			return
		}
	}
	c.finish(c.files, i, endOf(saved, err), saved, err)
}

// tried counts downloads of a row that failed.
func (c *carrier) tried(i int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken[i]++
	return c.broken[i]
}

// notBrought is why a job that succeeded has no file when the run ends.
func notBrought(ctx context.Context, j kling.Job) error {
	problem := &fault.Error{
		Kind: fault.Interrupted, Op: "download job", Subject: j.ID, Job: j.ID, Charged: fault.Charged,
		Detail: "the run ended before its turn", Hint: "klingctl download " + j.ID, Err: context.Cause(ctx),
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		problem.Kind, problem.Detail, problem.Err = fault.Download, "the time was up before its turn", nil
	}
	return problem
}
