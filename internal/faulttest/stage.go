package faulttest

import (
	"io"
	"net/http"
	"strings"
	"sync"
)

// Stage is where one provider plays one case.
type Stage struct {
	server   *Server
	play     Case
	provider string
	prefix   string
	speaker  speaker

	mu     sync.Mutex
	seen   Seen
	mended bool
}

// taskID is the id of every job of a stage.
const taskID = "881234567890123456"

// Base is the base URL to configure for the provider.
func (s *Stage) Base() string { return s.server.origin(s.play.Way) + s.prefix }

// Ref is the portable reference of the stage's job.
func (s *Stage) Ref() string { return s.provider + ":" + s.speaker.refPath() + taskID }

// Seen is what came so far.
func (s *Stage) Seen() Seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.seen.clone()
	seen.Film = int64(len(s.server.film.data))
	return seen
}

// Mend lets the provider be honest from now on.
func (s *Stage) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mended = true
}

func (s *Stage) isMended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mended
}

// note counts a request and returns its number from 1.
func (s *Stage) note(list *[]Request, r *http.Request) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	*list = append(*list, Request{At: s.server.now(), Host: r.Host, Target: r.URL.String(), Header: r.Header.Clone()})
	return len(*list)
}

// sent adds to the bytes of the nth request of a list.
func (s *Stage) sent(list *[]Request, n, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	(*list)[n-1].Sent += int64(bytes)
}

// own is a link to a file at the provider's own store.
func (s *Stage) own(name string) string { return s.Base() + filesPath + name }

// foreign is a link to the same file at another origin.
func (s *Stage) foreign(name string) string { return s.server.other.URL + s.prefix + filesPath + name }

// at is a link to the provider's store under the name of another host.
func (s *Stage) at(authority, name string) string {
	return "http://" + authority + s.prefix + filesPath + name
}

const filesPath = "/files/"

// serve answers a request whose path below the stage is given.
func (s *Stage) serve(w http.ResponseWriter, r *http.Request, path string, foreign bool) {
	_, _ = io.Copy(io.Discard, r.Body) // a create is read to its end before it counts
	switch {
	case foreign:
		s.deliver(w, r, &s.seen.Others)
	case strings.HasPrefix(path, filesPath):
		s.deliver(w, r, &s.seen.Files)
	case r.Method == http.MethodPost && s.speaker.isCreate(path):
		s.note(&s.seen.Creates, r)
		s.speaker.created(w, s.server.now())
	case r.Method == http.MethodGet && s.speaker.isLook(path):
		s.look(&question{Stage: s, n: s.note(&s.seen.Looks, r), w: w, r: r})
	default:
		s.note(&s.seen.Strange, r)
		s.speaker.unknown(w)
	}
}

func (s *Stage) look(l *question) {
	if s.play.look == nil || s.isMended() {
		l.honest()
		return
	}
	s.play.look(l)
}

// results are the links of a job that is done.
func (s *Stage) results() []string {
	if s.play.links == nil || s.isMended() {
		return []string{s.own("clip.mp4")}
	}
	return s.play.links(s)
}

func (s *Stage) deliver(w http.ResponseWriter, r *http.Request, list *[]Request) {
	d := &delivery{Stage: s, n: s.note(list, r), w: w, r: r, list: list}
	if s.play.send == nil || s.isMended() {
		d.whole()
		return
	}
	s.play.send(d)
}
