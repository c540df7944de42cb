//go:build unix

package cmd

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// killPoint is a moment of the protocol.
type killPoint string

const (
	atRequest killPoint = "request received" // the job is made, no byte of the answer has left
	atReply   killPoint = "reply sent"
	atPoll    killPoint = "a poll under way"
	atHalf    killPoint = "half the file"
	atWhole   killPoint = "the whole file"
)

// cutter stands between a client and the emulator and kills the client once,
// at its point; before and afterwards it only passes on.
type cutter struct {
	target string
	point  killPoint
	delay  time.Duration // between the last byte sent and the signal
	victim chan *os.Process
	once   sync.Once
}

func (c *cutter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	forward, err := http.NewRequestWithContext(r.Context(), r.Method, c.target+r.URL.RequestURI(), r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	forward.Header, forward.Host, forward.ContentLength = r.Header, r.Host, r.ContentLength // links lead back here
	reply, err := http.DefaultTransport.RoundTrip(forward)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	mine := false
	if slices.Contains(pointsOf(r), c.point) {
		c.once.Do(func() { mine = true })
	}
	switch {
	case !mine:
		c.send(w, reply, body, len(body))
	case c.point == atRequest:
		_ = (<-c.victim).Kill()
	case c.point == atHalf || c.point == atPoll:
		c.send(w, reply, body, len(body)/2)
		<-time.After(c.delay)
		_ = (<-c.victim).Kill()
	default:
		c.send(w, reply, body, len(body))
		<-time.After(c.delay)
		_ = (<-c.victim).Kill()
	}
}

// pointsOf are the points that a request comes by.
func pointsOf(r *http.Request) []killPoint {
	switch {
	case r.Method == http.MethodPost:
		return []killPoint{atRequest, atReply}
	case strings.HasPrefix(r.URL.Path, "/files/"):
		return []killPoint{atHalf, atWhole}
	default:
		return []killPoint{atPoll}
	}
}

func (c *cutter) send(w http.ResponseWriter, reply *http.Response, body []byte, n int) {
	maps.Copy(w.Header(), reply.Header)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(reply.StatusCode)
	_, _ = io.Copy(w, bytes.NewReader(body[:n])) // the client may be gone
	_ = http.NewResponseController(w).Flush()
}

// SIGKILL at every protocol point.
func TestKillAtProtocolPoints(t *testing.T) {
	t.Parallel()
	rounds, _ := killRounds(t)
	stage, book := newKillStage(t), &killBook{}
	points, offers := []killPoint{atRequest, atReply, atPoll, atHalf, atWhole}, killOffers()
	atOnce(len(points)*len(offers)*rounds, 4, func(i int) {
		point, offer, round := points[i%len(points)], offers[i/len(points)%len(offers)], i/len(points)/len(offers)
		// After the last byte the signal races with what the client does
		// with it: each round comes 1 ms later.
		delay := time.Duration(round) * time.Millisecond
		if err := stage.killAt(t, book, point, offer, round, delay); err != nil {
			t.Errorf("%s, %s, round %d: %v", point, offer.provider, round, err)
		}
	})
	stage.judge(t, book)
}

func (s *killStage) killAt(t *testing.T, book *killBook, point killPoint, offer killOffer, round int, delay time.Duration) error {
	t.Helper()
	cut := &cutter{target: s.base, point: point, delay: delay, victim: make(chan *os.Process, 1)}
	proxy := httptest.NewServer(cut)
	defer proxy.Close()
	group := offer.provider + ", " + string(point)
	name := fmt.Sprintf("%s-%s-%d", offer.provider, strings.ReplaceAll(string(point), " ", "-"), round)
	h, err := s.home(name, proxy.URL)
	if err != nil {
		return err
	}
	command := h.command(t.Context(), h.submit(offer, name, "clip.mp4"))
	if err := command.Start(); err != nil {
		return err
	}
	cut.victim <- command.Process
	o := outcome{group: group, name: name, offers: map[string]killOffer{name: offer}}
	if err := command.Wait(); killedBy(err) {
		o.killed = 1
	} else if point != atReply && point != atWhole {
		return fmt.Errorf("the program was not killed: %w", err)
	}
	if o.jobs, err = h.settle(t.Context()); err != nil {
		return err
	}
	book.add(o)
	return os.RemoveAll(filepath.Join(s.root, name))
}
