package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// maxBody is the largest request body that is read, in bytes.
const maxBody = 64 << 20

// Options says how a sandbox behaves. Only Dir is required.
type Options struct {
	// Dir is the state folder, created 0700 when it is missing. Several
	// processes may use one folder at the same time.
	Dir string
	// GenerationTime is how long a job takes; 3 s when zero.
	GenerationTime time.Duration
	// GenerationMost, when it is longer than GenerationTime, makes jobs take
	// from the one to the other: evenly spread, and decided by the task's id.
	GenerationMost time.Duration
	// ClipSide is the longest side of result videos in pixels, 64 to 1280; 1280
	// when zero. Small clips spare disk where a batch has thousands of pictures.
	ClipSide int
	// Scenario is played for every create without a marker in its prompt, as
	// name or name:argument; empty means succeed. Scenarios lists the names.
	Scenario string
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// PublicURL is the base of result and upload links when served over HTTP;
	// empty means the scheme and host the request was sent to.
	PublicURL string
	// CallbackClient sends callbacks; nil means they are journaled only.
	CallbackClient *http.Client
}

// Server is the emulator of all dialects. It is safe for concurrent use.
type Server struct {
	dir        string
	generation generation
	scenario   scenario
	now        func() time.Time
	publicURL  string
	callbacks  *http.Client
	clipSide   int
	rendering  sync.Mutex
	index      index
	tally      tally
}

// New opens the state folder and returns a sandbox over it. It fails when the
// folder cannot be made or when an option is out of its bounds.
func New(o Options) (*Server, error) {
	if o.Dir == "" {
		return nil, errors.New("open sandbox: no state folder given")
	}
	play, ok := parseScenario(o.Scenario)
	if !ok {
		return nil, fmt.Errorf("open sandbox: unknown scenario %q", o.Scenario)
	}
	s := &Server{
		dir:        o.Dir,
		generation: generationOf(o.GenerationTime, o.GenerationMost),
		scenario:   play,
		now:        o.Now,
		publicURL:  strings.TrimRight(o.PublicURL, "/"),
		callbacks:  o.CallbackClient,
		clipSide:   o.ClipSide,
	}
	if s.clipSide == 0 {
		s.clipSide = mostSide
	}
	if s.clipSide < leastSide || s.clipSide > mostSide {
		return nil, fmt.Errorf("open sandbox: clips of %d pixels, want %d to %d", o.ClipSide, leastSide, mostSide)
	}
	if s.now == nil {
		s.now = time.Now
	}
	for _, name := range folders() {
		if err := os.MkdirAll(filepath.Join(s.dir, name), 0o700); err != nil {
			return nil, fmt.Errorf("open sandbox: %w", err)
		}
	}
	return s, nil
}

// The parts of the state folder.
const (
	tasksDir    = "tasks"
	externalDir = "external"
	countsDir   = "counts"
	imagesDir   = "images"
	uploadsDir  = "uploads"
	clipsDir    = "clips"
)

func folders() []string {
	return []string{tasksDir, externalDir, countsDir, imagesDir, uploadsDir, clipsDir}
}

// ServeHTTP answers over a real connection: the path chooses the provider, or
// a leading /_as/<provider>.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, locate(r.URL.Path, ""), s.publicBase(r))
}

// publicBase is the start of every link handed out over HTTP.
func (s *Server) publicBase(r *http.Request) string {
	if s.publicURL != "" {
		return s.publicURL
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, at place, base string) {
	switch {
	case strings.HasPrefix(at.path, "/_sandbox/"):
		s.serveAdmin(w, r, at.path)
	case strings.HasPrefix(at.path, "/files/"):
		s.serveFile(w, r, strings.TrimPrefix(at.path, "/files/"))
	case strings.HasPrefix(at.path, "/uploads/"):
		s.serveUpload(w, r, strings.TrimPrefix(at.path, "/uploads/"))
	default:
		s.serveAPI(w, r, at, base)
	}
}

// serveAPI answers one provider call. The journal line is on disk before the
// first byte of the answer leaves, so a lost answer is still counted.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, at place, base string) {
	c := &call{s: s, r: r, at: at, base: base, now: s.now()}
	c.entry = Entry{
		Time:     c.now.UTC(),
		Provider: string(at.provider),
		Method:   r.Method,
		Path:     at.path,
	}
	out := c.answer()
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxBody)) // a refusal reads the request too, as servers behind a proxy do
	c.entry.Status = out.status
	c.entry.Code = out.code
	if out.problem != "" {
		c.note(out.problem)
	}
	if err := s.append(c.entry); err != nil {
		http.Error(w, "sandbox: "+err.Error(), http.StatusInternalServerError)
		return
	}
	out.send(w, r)
}
