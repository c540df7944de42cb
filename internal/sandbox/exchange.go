package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// streamAt is how much of an answer is held before it is streamed. A short
// answer is handed over whole, so that its handler ends even when the client
// never reads it.
const streamAt = 64 << 10

// exchange is the server's side of one in-process request: it collects the
// head and the body of an answer and turns into an http.Response.
type exchange struct {
	req    *http.Request
	cancel context.CancelCauseFunc
	ready  chan struct{} // closed once response or err is set
	done   chan struct{} // closed once the handler has ended
	once   sync.Once

	response *http.Response
	err      error

	mu     sync.Mutex
	header http.Header
	status int
	held   bytes.Buffer
	length int64 // announced; -1 when not
	sent   int64
	pipe   *io.PipeWriter // set once the body is streamed
	broken bool
	fault  wireFault
	lost   error // why there is no answer
	undo   func() bool
}

func newExchange(req *http.Request, cancel context.CancelCauseFunc) *exchange {
	return &exchange{req: req, cancel: cancel, ready: make(chan struct{}), done: make(chan struct{}), header: http.Header{}, length: -1}
}

func (x *exchange) Header() http.Header { return x.header }

func (x *exchange) WriteHeader(status int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.begin(status)
}

func (x *exchange) begin(status int) {
	if x.status != 0 {
		return
	}
	x.status = status
	if n, err := strconv.ParseInt(x.header.Get("Content-Length"), 10, 64); err == nil {
		x.length = n
	}
}

func (x *exchange) Write(p []byte) (int, error) {
	x.mu.Lock()
	x.begin(http.StatusOK)
	if x.broken {
		x.mu.Unlock()
		return 0, io.ErrClosedPipe
	}
	if x.req.Method == http.MethodHead {
		x.mu.Unlock()
		return len(p), nil
	}
	x.sent += int64(len(p))
	if x.pipe == nil && x.held.Len()+len(p) > streamAt {
		x.stream()
	}
	pipe := x.pipe
	if pipe == nil {
		defer x.mu.Unlock()
		return x.held.Write(p)
	}
	x.mu.Unlock()
	return pipe.Write(p)
}

// Flush hands over what is there, so that the client sees it now.
func (x *exchange) Flush() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.begin(http.StatusOK)
	if x.pipe == nil && !x.broken {
		x.stream()
	}
}

// stream goes from holding to piping.
func (x *exchange) stream() {
	r, w := io.Pipe()
	x.pipe = w
	x.undo = context.AfterFunc(x.req.Context(), func() { _ = w.CloseWithError(context.Cause(x.req.Context())) })
	held := bytes.Clone(x.held.Bytes())
	x.held.Reset()
	x.respond(struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(held), r), closer(func() error {
		x.cancel(errors.New("sandbox: response body closed"))
		err := r.Close()
		x.wait()
		return err
	})})
}

type closer func() error

func (c closer) Close() error { return c() }

// respond makes the response; the client gets it at once.
func (x *exchange) respond(body io.ReadCloser) {
	x.once.Do(func() {
		x.response = &http.Response{
			Status: fmt.Sprintf("%d %s", x.status, http.StatusText(x.status)), StatusCode: x.status,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: x.header.Clone(), Body: body, ContentLength: x.length, Request: x.req,
		}
		close(x.ready)
	})
}

// fail notes why the client gets an error where no answer has begun. It gets
// it when the handler has ended: nothing of an exchange outlives it.
func (x *exchange) fail(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.lost == nil {
		x.lost = err
	}
}

// breakOff ends the exchange as a broken connection does.
func (x *exchange) breakOff(f wireFault) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.broken, x.fault = true, f
}

// wait lets a handler end whose client has gone. It has been told by then; the
// limit is for a request body whose Close does not wake its Read.
func (x *exchange) wait() {
	t := time.NewTimer(2 * time.Second)
	defer t.Stop()
	select {
	case <-x.done:
	case <-t.C:
	}
}

// finish ends the exchange when the handler has returned or panicked.
func (x *exchange) finish(panicked any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.undo != nil {
		x.undo()
	}
	if panicked != nil {
		x.broken, x.fault = true, reset
	}
	if x.broken && x.lost == nil {
		x.lost = wireError(x.fault)
	}
	short := x.req.Method != http.MethodHead && x.length >= 0 && x.sent < x.length
	switch {
	case x.pipe != nil && (x.broken || short):
		_ = x.pipe.CloseWithError(io.ErrUnexpectedEOF)
	case x.pipe != nil:
		_ = x.pipe.Close()
	case x.lost != nil:
		x.once.Do(func() {
			x.err = x.lost
			close(x.ready)
		})
	default:
		x.begin(http.StatusOK)
		if x.length < 0 && x.req.Method != http.MethodHead {
			x.length = int64(x.held.Len())
		}
		x.respond(io.NopCloser(bytes.NewReader(x.held.Bytes())))
	}
	x.cancel(nil)
	close(x.done)
}
