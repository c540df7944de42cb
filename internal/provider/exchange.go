package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
)

// maxAnswer caps an answer, counted after decompression.
const maxAnswer = 1 << 20

var (
	errTooLong = fmt.Errorf("it is longer than %d bytes", maxAnswer)
	errIdle    = errors.New("no progress for too long")
)

// sendError is an exchange that brought no answer.
type sendError struct {
	// reached is true once a connection was handed over: from then on the
	// other side may have seen the request.
	reached bool
	// local is a body that could not be read here, so that the request was
	// never complete.
	local error
	err   error
}

func (e *sendError) Error() string { return e.err.Error() }
func (e *sendError) Unwrap() error { return e.err }

// URL is where a call would go, for dry runs and messages.
func (c *Client) URL(call dialect.Call) string {
	return c.base.Scheme + "://" + c.base.Host + joinPath(c.base, call.Path) + query(call)
}

func joinPath(base *url.URL, path string) string {
	return strings.TrimRight(base.EscapedPath(), "/") + path
}

func query(call dialect.Call) string {
	if len(call.Query) == 0 {
		return ""
	}
	return "?" + call.Query.Encode()
}

// send makes one exchange: authorize, send once, read the answer up to the
// cap. Redirects are answers, never followed. The scrubber knows the secrets of
// this exchange, which the answer may repeat.
func (c *Client) send(ctx context.Context, call dialect.Call, through http.RoundTripper) (dialect.Reply, scrubber, error) {
	if err := c.bound(); err != nil {
		return dialect.Reply{}, scrubber{}, err
	}
	if err := c.dialect.Authorize(&call, c.wiring.Credential, c.wiring.Now()); err != nil {
		return dialect.Reply{}, scrubber{}, fmt.Errorf("sign the request to %s: %w", c.settings.Name, err)
	}
	hide := c.secrets(call)
	ctx, watch := newWatch(ctx, c.wiring.Idle)
	defer watch.stop()
	var reached atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { reached.Store(true) },
	})
	body := &sentBody{body: call.Body, touch: watch.touch}
	request, err := c.request(ctx, call, body)
	if err != nil {
		return dialect.Reply{}, hide, err
	}
	response, err := through.RoundTrip(request)
	if err != nil {
		return dialect.Reply{}, hide, &sendError{reached: reached.Load(), local: body.failed(), err: watch.explain(err)}
	}
	defer func() { _ = response.Body.Close() }()
	watch.touch()
	reply := dialect.Reply{Status: response.StatusCode, Header: response.Header}
	reply.Body, reply.Cut = readCapped(response.Body, watch)
	return reply, hide, nil
}

// secrets are the keys, and the tokens that were signed for this call.
func (c *Client) secrets(call dialect.Call) scrubber {
	credential := c.wiring.Credential
	all := []string{credential.Key.Reveal(), credential.SecretKey.Reveal(), credential.AccessKey.Reveal()}
	for _, value := range call.Header {
		all = append(all, value)
		if _, token, ok := strings.Cut(value, " "); ok {
			all = append(all, token)
		}
	}
	return newScrubber(all...)
}

// request builds the HTTP request. GetBody stays nil, so that nothing below
// can send a body twice.
func (c *Client) request(ctx context.Context, call dialect.Call, body *sentBody) (*http.Request, error) {
	target := c.URL(call)
	request, err := http.NewRequestWithContext(ctx, call.Method, target, nil)
	if err != nil {
		return nil, fmt.Errorf("address %s: %w", c.settings.Name, err)
	}
	for name, value := range call.Header {
		request.Header.Set(name, value)
	}
	request.Header.Set("Accept", "application/json")
	if !call.Body.Empty() {
		request.Header.Set("Content-Type", "application/json")
		request.ContentLength = call.Body.Len()
		request.Body = body
		request.GetBody = nil
	}
	return request, nil
}

func readCapped(body io.Reader, watch *watch) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(&touchedReader{reader: body, touch: watch.touch}, maxAnswer+1))
	switch {
	case err != nil:
		return data, watch.explain(err)
	case len(data) > maxAnswer:
		return data[:maxAnswer], errTooLong
	}
	return data, nil
}

// watch cancels an exchange that makes no progress.
type watch struct {
	timer  *time.Timer
	idle   time.Duration
	ctx    context.Context //nolint:containedctx // lives exactly as long as the exchange
	cancel context.CancelCauseFunc
}

func newWatch(parent context.Context, idle time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(parent)
	w := &watch{idle: idle, ctx: ctx, cancel: cancel}
	w.timer = time.AfterFunc(idle, func() { cancel(errIdle) })
	return ctx, w
}

func (w *watch) touch() { w.timer.Reset(w.idle) }

func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// explain prefers the reason why the exchange was cancelled to the bare
// cancellation.
func (w *watch) explain(err error) error {
	switch cause := context.Cause(w.ctx); {
	case errors.Is(cause, errIdle):
		return fmt.Errorf("%w (%s)", errIdle, w.idle)
	case cause != nil && errors.Is(err, context.Canceled):
		return cause
	}
	return err
}

type touchedReader struct {
	reader io.Reader
	touch  func()
}

func (r *touchedReader) Read(p []byte) (int, error) {
	n, err := r.reader.Read(p)
	if n > 0 {
		r.touch()
	}
	return n, err
}
