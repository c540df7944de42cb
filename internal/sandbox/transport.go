package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"syscall"
)

// selfHost is the host of links handed out in-process. The name can never
// resolve, so a link that leaks leads nowhere.
const selfHost = "sandbox.invalid"

// Transport reaches the sandbox without a port: the host of a request's URL
// chooses the provider, bodies are streamed both ways, and nothing ever
// touches the network. Broken connections come as the errors net/http gives.
func (s *Server) Transport() http.RoundTripper { return &inProcess{s: s} }

type inProcess struct{ s *Server }

var errBodyLength = errors.New("sandbox: the request body is not as long as its ContentLength")

// RoundTrip runs the handler in a goroutine that ends with the exchange.
func (p *inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL == nil || req.URL.Host == "" {
		closeBody(req)
		return nil, errors.New("sandbox: request without a host")
	}
	if err := req.Context().Err(); err != nil {
		closeBody(req)
		return nil, err
	}
	traceConnection(req)
	ctx, cancel := context.WithCancelCause(req.Context())
	x := newExchange(req, cancel)
	server := serverSide(ctx, req, x)
	host := req.URL.Host
	go func() {
		defer func() {
			panicked := recover()
			_ = server.Body.Close()
			x.finish(panicked)
		}()
		p.s.serve(x, server, locate(server.URL.Path, host), "https://"+selfHost)
	}()
	select {
	case <-x.ready:
	case <-req.Context().Done():
		_ = server.Body.Close() // wakes a handler that waits for the body
		x.wait()
		return nil, context.Cause(req.Context())
	}
	if x.err != nil {
		return nil, x.err
	}
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	return x.response, nil
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// serverSide is the request as a server would receive it.
func serverSide(ctx context.Context, req *http.Request, x *exchange) *http.Request {
	trace := httptrace.ContextClientTrace(ctx)
	in := req.Clone(ctx)
	in.RequestURI = req.URL.RequestURI()
	in.URL = &url.URL{Path: req.URL.Path, RawPath: req.URL.RawPath, RawQuery: req.URL.RawQuery}
	if in.URL.Path == "" {
		in.URL.Path = "/"
	}
	if in.Host == "" {
		in.Host = req.URL.Host
	}
	in.RemoteAddr = "127.0.0.1:0"
	in.Proto, in.ProtoMajor, in.ProtoMinor = "HTTP/1.1", 1, 1
	in.GetBody = nil
	body := &sentBody{x: x, left: req.ContentLength, trace: trace}
	if body.r = req.Body; req.Body == nil || req.Body == http.NoBody {
		body.r, body.left = http.NoBody, 0
		in.ContentLength = 0
	} else if req.ContentLength == 0 {
		body.left, in.ContentLength = -1, -1 // unknown, as net/http reads it
	}
	in.Body = body
	return in
}

// traceConnection tells a client's trace that a connection exists: from here
// on the request may have been sent.
func traceConnection(req *http.Request) {
	trace := httptrace.ContextClientTrace(req.Context())
	if trace == nil {
		return
	}
	if trace.GetConn != nil {
		trace.GetConn(req.URL.Host)
	}
	if trace.GotConn != nil {
		here, there := net.Pipe()
		_ = there.Close()
		trace.GotConn(httptrace.GotConnInfo{Conn: here})
		_ = here.Close()
	}
}

// sentBody is the client's body on its way, held to its announced length as
// net/http holds it.
type sentBody struct {
	r      io.ReadCloser
	x      *exchange
	left   int64 // bytes still to come; below zero when not announced
	trace  *httptrace.ClientTrace
	closed sync.Once
	ended  bool
}

func (b *sentBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left >= 0 {
		if int64(n) > b.left {
			b.x.fail(errBodyLength)
			return 0, io.ErrUnexpectedEOF
		}
		b.left -= int64(n)
		if errors.Is(err, io.EOF) && b.left > 0 {
			b.x.fail(errBodyLength)
			return n, io.ErrUnexpectedEOF
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		if !b.ended && b.trace != nil && b.trace.WroteRequest != nil {
			b.trace.WroteRequest(httptrace.WroteRequestInfo{})
		}
		b.ended = true
	case err != nil:
		b.x.fail(err)
	}
	return n, err
}

func (b *sentBody) Close() error {
	var err error
	b.closed.Do(func() { err = b.r.Close() })
	return err
}

// wireError is what a client sees of a broken connection.
func wireError(f wireFault) error {
	switch f {
	case reset:
		return &net.OpError{Op: "read", Net: "tcp", Err: fmt.Errorf("sandbox: %w", syscall.ECONNRESET)}
	case intact, closed, halved, silent, trickle:
		return io.EOF
	}
	return io.EOF
}
