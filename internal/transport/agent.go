package transport

import "net/http"

// UserAgent names the program in every request that does not name itself.
func UserAgent(next http.RoundTripper, agent string) http.RoundTripper {
	return &userAgent{next: next, agent: agent}
}

type userAgent struct {
	next  http.RoundTripper
	agent string
}

// RoundTrip implements http.RoundTripper.
func (u *userAgent) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("User-Agent") == "" && u.agent != "" {
		// A round tripper must leave its request as it was.
		req = req.Clone(req.Context())
		req.Header.Set("User-Agent", u.agent)
	}
	return u.next.RoundTrip(req)
}

// CloseIdleConnections lets http.Client reach the layer below.
func (u *userAgent) CloseIdleConnections() {
	if closer, ok := u.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}
