package fetch

import (
	"net/http"
	"net/url"

	"github.com/klingctl/klingctl/internal/transport"
)

func newClient(o Options) *http.Client {
	carrier := o.Transport
	if carrier == nil {
		carrier = newRoute(o)
	}
	return &http.Client{
		Transport:     transport.UserAgent(carrier, o.Agent),
		CheckRedirect: o.redirect,
	}
}

// route sends a request through the proxy that applies to it, or straight to
// an address that the guard has seen. A proxy resolves names itself, so its
// own address is all there would be to see, and that may well be private.
type route struct {
	proxy           func(*http.Request) (*url.URL, error)
	direct, proxied *http.Transport
}

func newRoute(o Options) *route {
	guard := transport.Guard(transport.GuardOptions{AllowPrivate: o.AllowPrivate})
	return &route{
		proxy:   http.ProxyFromEnvironment,
		direct:  transport.NewBase(transport.BaseOptions{Direct: true, Control: guard, Header: o.Idle}),
		proxied: transport.NewBase(transport.BaseOptions{Header: o.Idle}),
	}
}

// RoundTrip implements http.RoundTripper.
func (r *route) RoundTrip(req *http.Request) (*http.Response, error) {
	if proxy, err := r.proxy(req); err == nil && proxy == nil {
		return r.direct.RoundTrip(req)
	}
	return r.proxied.RoundTrip(req)
}

// CloseIdleConnections releases what is kept open.
func (r *route) CloseIdleConnections() {
	r.direct.CloseIdleConnections()
	r.proxied.CloseIdleConnections()
}
