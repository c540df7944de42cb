package transport

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

// Timeouts of a connection. What follows the header of an answer is watched by
// whoever reads it.
const (
	dialTimeout   = 10 * time.Second
	tlsTimeout    = 10 * time.Second
	headerTimeout = time.Minute
	idleTimeout   = 90 * time.Second
)

// maxHeader caps the header of an answer, interim answers included, in bytes.
const maxHeader = 64 << 10

// writeBuffer lets a streamed image leave in large pieces.
const writeBuffer = 64 << 10

// BaseOptions says how connections are made. The zero value is a good one.
type BaseOptions struct {
	// Proxy chooses the proxy of a request; nil takes it from the environment
	// (HTTPS_PROXY, HTTP_PROXY, NO_PROXY).
	Proxy func(*http.Request) (*url.URL, error)
	// Direct uses no proxy, whatever Proxy and the environment say.
	Direct bool
	// Control sees every address after DNS and before the connect, the proxy's
	// where there is one; Guard makes one. nil lets all pass.
	Control func(ctx context.Context, network, address string, c syscall.RawConn) error
	// Dial bounds a connect, TLS a handshake, Header the wait for an answer's
	// header once the request is written. 0 is 10 s, 10 s and 1 min.
	Dial, TLS, Header time.Duration
}

// NewBase makes the transport of requests that may be repeated: connections
// are kept, HTTP/2 is welcome.
func NewBase(o BaseOptions) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	base := connect(o)
	base.Protocols = protocols
	base.MaxIdleConns = 64
	base.MaxIdleConnsPerHost = 16
	base.IdleConnTimeout = idleTimeout
	return base
}

// NewCreate makes the transport of requests that cost money. net/http sends a
// request again when a kept connection turns out to be dead, or when HTTP/2
// refuses a stream; a connection of its own for each request and HTTP/1.1
// leave it no reason to.
func NewCreate(o BaseOptions) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	create := connect(o)
	create.Protocols = protocols
	create.DisableKeepAlives = true
	return create
}

func connect(o BaseOptions) *http.Transport {
	proxy := o.Proxy
	switch {
	case o.Direct:
		proxy = nil
	case proxy == nil:
		proxy = http.ProxyFromEnvironment
	}
	dialer := &net.Dialer{Timeout: orElse(o.Dial, dialTimeout), ControlContext: o.Control}
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    orElse(o.TLS, tlsTimeout),
		ResponseHeaderTimeout:  orElse(o.Header, headerTimeout),
		MaxResponseHeaderBytes: maxHeader,
		WriteBufferSize:        writeBuffer,
	}
}

func orElse(d, standard time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return standard
}
