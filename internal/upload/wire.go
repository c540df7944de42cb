package upload

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/secret"
)

const (
	// maxAnswer caps the answer of a place, in bytes after decompression.
	maxAnswer = 1 << 20
	// idleTime is how long an exchange may make no progress.
	idleTime = time.Minute
)

var (
	errIdle    = errors.New("no progress for " + idleTime.String())
	errTooLong = errors.New("the answer is longer than 1 MiB")
)

// wire is how one place is talked to. Redirects are answers, never followed,
// so that a credential reaches nobody else.
type wire struct {
	client  http.RoundTripper
	now     func() time.Time
	subject string
	// hide are secrets that an answer may repeat.
	hide []secret.Text
}

// reply is a whole answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// send makes one exchange, with the body as a stream when there is one. GetBody
// stays nil, so that nothing below sends a body twice.
func (w wire) send(request *http.Request, body io.ReadCloser) (reply, error) {
	outer := request.Context()
	ctx, cancel := context.WithCancelCause(outer)
	defer cancel(nil)
	watch := time.AfterFunc(idleTime, func() { cancel(errIdle) })
	defer watch.Stop()
	request = request.WithContext(ctx)
	file := &watched{watch: watch, from: body}
	if body != nil {
		request.Body = file
	}
	response, err := w.client.RoundTrip(request)
	if err != nil {
		return reply{}, w.unanswered(ctx, outer, file.failed(), err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(&watched{watch: watch, from: response.Body}, maxAnswer+1))
	switch {
	case err != nil:
		return reply{}, w.unanswered(ctx, outer, file.failed(), err)
	case len(text) > maxAnswer:
		return reply{}, w.failed(fault.Answer, "", errTooLong)
	}
	return reply{status: response.StatusCode, header: response.Header, body: text}, nil
}

// unanswered names why an exchange brought no answer: the user's end of it, the
// file, or the place.
func (w wire) unanswered(ctx, outer context.Context, file, err error) error {
	switch {
	case outer.Err() != nil:
		return w.stopped(outer)
	case file != nil:
		return w.local(file)
	case errors.Is(context.Cause(ctx), errIdle):
		err = errIdle
	}
	return w.failed(fault.Unavailable, "no answer", err)
}

// watched is a stream whose progress keeps its exchange alive.
type watched struct {
	watch *time.Timer
	from  io.ReadCloser

	mu  sync.Mutex
	err error
}

func (s *watched) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	if n > 0 {
		s.watch.Reset(idleTime)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
	}
	return n, err
}

func (s *watched) Close() error { return s.from.Close() }

// failed is why the stream broke off, nil when it did not. A transport may
// still be reading when it has returned.
func (s *watched) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func clock(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}
