package provider

import (
	"context"
	"fmt"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// List gives one page of the account's tasks, newest first; pages count from 1
// and a page that is not full is the last. The path is a reference's path part,
// tries as for Look.
// It fails with a usage fault when the dialect cannot list; whether the
// provider behind it does is a fact of the provider. No fault of it is of kind
// NotFound: where there is no list, nothing is known of any task.
func (c *Client) List(ctx context.Context, path string, page, size, tries int) ([]kling.Snapshot, error) {
	lister, ok := c.dialect.(dialect.Lister)
	if !ok {
		return nil, &fault.Error{
			Kind: fault.Usage, Op: "list the tasks at", Subject: c.settings.Name, Charged: fault.NotCharged,
			Detail: "it cannot list tasks",
		}
	}
	call, err := lister.List(path, page, size)
	if err != nil {
		return nil, fmt.Errorf("list the tasks at %s: %w", c.settings.Name, err)
	}
	return read(ctx, c, call, tries, "list the tasks at", func(reply dialect.Reply, hide scrubber) ([]kling.Snapshot, error) {
		seen, err := lister.Listed(reply)
		for i := range seen {
			seen[i] = hide.snapshot(seen[i])
		}
		if e := fault.Of(err); e != nil && e.Kind == fault.NotFound {
			refused := *e
			refused.Kind = fault.Refused
			err = &refused
		}
		return seen, err
	})
}
