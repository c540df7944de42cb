package faulttest

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"
)

// publicName is a provider's host that only a proxy can reach.
const publicName = "api.provider.example"

// Server plays the cases. It has an origin for the providers, plain and TLS,
// another origin that no key belongs to, and is its own proxy.
type Server struct {
	now                  func() time.Time
	film                 *film
	cases                map[string]Case
	plain, secure, other *httptest.Server

	mu     sync.Mutex
	stages map[string]*Stage
}

// New starts a server; now is its clock.
func New(now func() time.Time) (*Server, error) {
	reel, err := newFilm()
	if err != nil {
		return nil, err
	}
	s := &Server{now: now, film: reel, cases: map[string]Case{}, stages: map[string]*Stage{}}
	for _, c := range Cases() {
		s.cases[c.Name] = c
	}
	s.plain = httptest.NewServer(http.HandlerFunc(s.serveOwn))
	s.secure = httptest.NewTLSServer(http.HandlerFunc(s.serveOwn))
	s.other = httptest.NewServer(http.HandlerFunc(s.serveOther))
	return s, nil
}

// Close ends the server. Answers under way are broken off.
func (s *Server) Close() {
	for _, origin := range []*httptest.Server{s.plain, s.secure, s.other} {
		origin.CloseClientConnections()
		origin.Close()
	}
}

// Film is the video of every job.
func (s *Server) Film() []byte { return s.film.data }

// Certificate is what a client must trust on the Secure way, as PEM.
func (s *Server) Certificate() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.secure.Certificate().Raw})
}

// Proxy is the address for HTTP_PROXY on the Proxied and Secure ways.
func (s *Server) Proxy() string { return s.plain.URL }

// Stage is the place where a provider plays a case; it is always the same for
// the same two.
func (s *Server) Stage(c Case, provider string) *Stage {
	return s.stage(c, provider)
}

func (s *Server) stage(c Case, provider string) *Stage {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := "/" + c.Name + "/" + provider
	if s.stages[key] == nil {
		s.stages[key] = &Stage{server: s, play: c, provider: provider, prefix: key, speaker: speakerOf(provider)}
	}
	return s.stages[key]
}

// serveOwn answers at the providers' origin. A request with an absolute URL
// came to the proxy, and may be meant for another host.
func (s *Server) serveOwn(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, r.URL.IsAbs() && r.Host != publicName)
}

func (s *Server) serveOther(w http.ResponseWriter, r *http.Request) { s.serve(w, r, true) }

func (s *Server) serve(w http.ResponseWriter, r *http.Request, foreign bool) {
	parts := strings.SplitN(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/", 3)
	c, known := s.cases[parts[0]]
	if !known || len(parts) < 3 || speakerOf(parts[1]) == nil {
		http.NotFound(w, r)
		return
	}
	s.stage(c, parts[1]).serve(w, r, "/"+parts[2], foreign)
}

// origin is the start of the provider's own addresses.
func (s *Server) origin(way Way) string {
	switch way {
	case Direct:
	case Proxied:
		return "http://" + publicName
	case Secure:
		return s.secure.URL
	}
	return s.plain.URL
}

// host is the host and port of an origin.
func host(origin string) string {
	parsed, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return parsed.Host
}
