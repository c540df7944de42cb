package upload

import (
	"context"
	"errors"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/transport"
)

// opUpload is what every exchange here is for.
const opUpload = "upload the image to"

// failed is a fault of this place, its texts fit to print. Nothing was bought.
func (w wire) failed(kind fault.Kind, detail string, err error) *fault.Error {
	return &fault.Error{
		Kind: kind, Op: opUpload, Subject: w.subject, Charged: fault.NotCharged,
		Detail: w.clean(detail), Err: w.quiet(err),
	}
}

// answered is a refusal that came as an answer.
func (w wire) answered(reply reply, kind fault.Kind, detail, code string) *fault.Error {
	failure := w.failed(kind, detail, nil)
	failure.Code = w.clean(code)
	if wait, ok := transport.RetryAfter(reply.header.Get("Retry-After"), w.now()); ok {
		failure.RetryAfter = wait
	}
	if kind == fault.Auth {
		failure.Hint = "check the key that uploads are made with"
	}
	return failure
}

// local is a fault of the image file, or of this machine.
func (w wire) local(err error) error {
	if fault.Of(err) != nil {
		return err
	}
	return w.failed(fault.Local, "", err)
}

// stopped is the end that the user or a deadline set.
func (w wire) stopped(ctx context.Context) error {
	cause := context.Cause(ctx)
	kind := fault.Interrupted
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		kind = fault.Deadline
	}
	if known := fault.Of(cause); known != nil {
		kind = known.Kind
	}
	return w.failed(kind, "stopped before it was there", cause)
}

// unusable is a setting that cannot be used, found before anything is sent.
func unusable(op string, err error, hint string) error {
	return &fault.Error{Kind: fault.Usage, Op: op, Charged: fault.NotCharged, Hint: hint, Err: err}
}

// clean makes text from outside fit to print: without our secrets, and without
// what may be secret in a URL.
func (w wire) clean(text string) string {
	for _, hidden := range w.hide {
		if value := hidden.Reveal(); len(value) >= 4 {
			text = strings.ReplaceAll(text, value, "[hidden]")
		}
	}
	return fault.SafeText(redactURLs(text))
}

// quiet gives a cause a clean text.
func (w wire) quiet(err error) error {
	if err == nil {
		return nil
	}
	text := w.clean(err.Error())
	if text == err.Error() {
		return err
	}
	return &quiet{text: text, err: err}
}

// quiet is an error with another text; Is and As still reach the cause.
type quiet struct {
	text string
	err  error
}

func (q *quiet) Error() string { return q.text }
func (q *quiet) Unwrap() error { return q.err }
