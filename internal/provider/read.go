package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/transport"
)

// Patient is how often a single question is tried before its failure is
// reported; a caller that comes back later anyway tries once.
const Patient = 4

// Look asks how a task stands, up to tries times while the failure is one that
// passes by itself. A task that the provider does not know is a fault of kind
// NotFound.
func (c *Client) Look(ctx context.Context, ref kling.Ref, tries int) (kling.Snapshot, error) {
	call, err := c.dialect.Look(ref)
	if err != nil {
		return kling.Snapshot{}, fmt.Errorf("ask %s: %w", c.settings.Name, err)
	}
	return read(ctx, c, call, tries, "ask", c.looked)
}

// Find asks for the task with an external id of ours. It fails with a usage
// fault when the dialect cannot.
func (c *Client) Find(ctx context.Context, path, externalID string) (kling.Snapshot, error) {
	finder, ok := c.dialect.(dialect.Finder)
	if !ok {
		return kling.Snapshot{}, &fault.Error{Kind: fault.Usage, Op: "find the task at", Subject: c.settings.Name, Detail: "it cannot look a task up by an id of ours"}
	}
	call, err := finder.Find(path, externalID)
	if err != nil {
		return kling.Snapshot{}, fmt.Errorf("ask %s: %w", c.settings.Name, err)
	}
	return read(ctx, c, call, Patient, "find the task at", c.looked)
}

// looked decodes the answer to a look or a find. Only the API can tell that it
// does not know a task: a page or an empty body with 404 comes from something
// in front of it, and a job must not be given up for that.
func (c *Client) looked(reply dialect.Reply, hide scrubber) (kling.Snapshot, error) {
	seen, err := c.dialect.Looked(reply)
	if e := fault.Of(err); e != nil && e.Kind == fault.NotFound && e.Err != nil {
		unread := *e
		unread.Kind = fault.Answer
		err = &unread
	}
	return hide.snapshot(seen), err
}

// read makes an exchange that changes nothing, with retries inside the shared
// budget. Whether the job behind it was charged is not in question here, so a
// fault says NotCharged and the caller, who knows the job, says more.
func read[T any](ctx context.Context, c *Client, call dialect.Call, tries int, op string, decode func(dialect.Reply, scrubber) (T, error)) (T, error) {
	var none T
	resigned := false
	c.wiring.Budget.first()
	for try := 1; ; try++ {
		value, err := readOnce(ctx, c, call, decode)
		if err == nil {
			return value, nil
		}
		failure := fault.Of(err)
		if failure == nil {
			failure = &fault.Error{Kind: fault.Internal, Err: err}
		}
		complete := *failure
		complete.Op, complete.Subject, complete.Charged = op, c.settings.Name, fault.NotCharged
		failure = &complete
		switch {
		case failure.Kind == fault.Stale && c.wiring.Credential.Pair() && !resigned:
			resigned = true
			continue
		case !passing(failure.Kind), try >= tries, ctx.Err() != nil, !c.wiring.Budget.retry():
			return none, failure
		}
		pause := c.pause(failure, try)
		if beyond(ctx, c.wiring.Now().Add(pause)) || failure.RetryAfter > time.Minute {
			return none, late(failure, c.wiring.Now().Add(pause))
		}
		if err := transport.Sleep(ctx, pause); err != nil {
			return none, failure
		}
	}
}

func readOnce[T any](ctx context.Context, c *Client, call dialect.Call, decode func(dialect.Reply, scrubber) (T, error)) (T, error) {
	var none T
	reply, hide, err := c.send(ctx, call, c.wiring.Reads)
	if err != nil {
		if unanswered, ok := errors.AsType[*sendError](err); ok {
			err = &fault.Error{Kind: fault.Unavailable, Detail: "no answer", Err: unanswered.err}
		}
		return none, hide.quietly(err)
	}
	value, err := decode(reply, hide)
	if err != nil {
		return none, hide.quietly(c.withRetryAfter(err, reply))
	}
	return value, nil
}
