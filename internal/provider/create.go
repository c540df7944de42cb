package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/transport"
)

// maxCreates is how often a create may go out while each try is proved not to
// have made a task.
const maxCreates = 3

// Encode is the call that a create of this request would be.
func (c *Client) Encode(request dialect.Request) (dialect.Call, error) {
	call, err := c.dialect.Create(request)
	if err != nil {
		return dialect.Call{}, fmt.Errorf("encode the request for %s: %w", c.settings.Name, err)
	}
	return call, nil
}

// Create orders one video. Without an error the snapshot has a task. A fault
// of kind Ambiguous means that a task may exist; every other fault means that
// none does. A create is repeated only after an answer, or a failure to
// connect, that proves that nothing was made.
func (c *Client) Create(ctx context.Context, request dialect.Request) (kling.Snapshot, error) {
	return c.create(ctx, request, maxCreates)
}

// CreateOnce is Create for a caller that has other work to do while a provider
// is busy, and comes back with the request by itself: no try follows the first.
func (c *Client) CreateOnce(ctx context.Context, request dialect.Request) (kling.Snapshot, error) {
	return c.create(ctx, request, 1)
}

func (c *Client) create(ctx context.Context, request dialect.Request, tries int) (kling.Snapshot, error) {
	call, err := c.Encode(request)
	if err != nil {
		return kling.Snapshot{}, err
	}
	resigned := false
	for try := 1; ; try++ {
		seen, err := c.createOnce(ctx, call)
		if err == nil {
			return seen, nil
		}
		failure := c.named(err, "submit to")
		switch {
		case failure.Kind == fault.Stale && c.wiring.Credential.Pair() && !resigned && try < max(2, tries):
			resigned = true
			continue
		case failure.Spent() != fault.NotCharged, !passing(failure.Kind), ctx.Err() != nil:
			return kling.Snapshot{}, failure
		}
		pause := c.pause(failure, try)
		if try >= tries {
			return kling.Snapshot{}, late(failure, c.wiring.Now().Add(pause))
		}
		if beyond(ctx, c.wiring.Now().Add(pause)) {
			return kling.Snapshot{}, late(failure, c.wiring.Now().Add(pause))
		}
		c.wiring.Notice(fmt.Sprintf("%s: %s; nothing was made, trying again in %s", c.settings.Name, failure.Detail, pause.Round(time.Second/10)))
		if err := transport.Sleep(ctx, pause); err != nil {
			return kling.Snapshot{}, failure
		}
	}
}

func (c *Client) createOnce(ctx context.Context, call dialect.Call) (kling.Snapshot, error) {
	reply, hide, err := c.send(ctx, call, c.wiring.Creates)
	if err != nil {
		return kling.Snapshot{}, hide.quietly(createUnanswered(err))
	}
	seen, err := c.dialect.Created(reply)
	switch {
	case err == nil && seen.Task == "":
		err = &fault.Error{Kind: fault.Answer, Charged: fault.MayBeCharged, Detail: "the answer names no task"}
	case err != nil && fault.Of(err) == nil:
		// Nothing that was answered may pass for unpaid without a proof.
		err = &fault.Error{Kind: fault.Answer, Charged: fault.MayBeCharged, Err: err}
	}
	if err != nil {
		return kling.Snapshot{}, hide.quietly(c.withRetryAfter(err, reply))
	}
	return hide.snapshot(seen), nil
}

// createUnanswered names a create that brought no answer. Nothing was sent if
// and only if no connection was handed over; and a body that could not be read
// here was never complete.
func createUnanswered(err error) error {
	var unanswered *sendError
	switch {
	case !errors.As(err, &unanswered):
		return err
	case unanswered.local != nil:
		return &fault.Error{Kind: fault.Local, Charged: fault.NotCharged, Detail: "the request could not be read to its end here", Err: unanswered.local}
	case !unanswered.reached:
		return &fault.Error{Kind: fault.Unavailable, Charged: fault.NotCharged, Detail: "could not connect", Err: unanswered.err}
	}
	return &fault.Error{Kind: fault.Ambiguous, Charged: fault.MayBeCharged, Detail: "the request was sent and no answer came", Err: unanswered.err}
}

// named completes a fault of a create: who, what, and Ambiguous wherever money
// may have been spent.
func (c *Client) named(err error, op string) *fault.Error {
	failure := fault.Of(err)
	if failure == nil {
		failure = &fault.Error{Kind: fault.Internal, Err: err}
	}
	complete := *failure
	complete.Op, complete.Subject = op, c.settings.Name
	if complete.Spent() == fault.MayBeCharged {
		complete.Kind = fault.Ambiguous
		complete.RetryAfter = 0
	}
	return &complete
}

// DryRun is the exact request that a create would send, its key redacted.
type DryRun struct {
	Method  string
	URL     string
	Headers http.Header
	// Body is JSON with long strings replaced by what they stand for.
	Body []byte
}

// Dry encodes a request without sending or signing anything; it needs no key.
func (c *Client) Dry(request dialect.Request) (DryRun, error) {
	call, err := c.Encode(request)
	if err != nil {
		return DryRun{}, err
	}
	return DryRun{
		Method: call.Method, URL: c.URL(call), Body: call.Body.Elided(),
		Headers: http.Header{
			"Accept":        {"application/json"},
			"Authorization": {"Bearer [hidden]"},
			"Content-Type":  {"application/json"},
		},
	}, nil
}
