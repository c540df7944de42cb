package faulttest

import (
	"net"
	"net/http"
)

// question is a look: the question how a job stands, and ways to answer it.
type question struct {
	*Stage

	// n counts the looks of the stage from 1.
	n int
	w http.ResponseWriter
	r *http.Request
}

// state is how a job stands, whatever the provider calls it.
type state int

const (
	waiting state = iota
	working
	succeeded
	failed
)

// report is what a look is told. A word, where there is one, goes in the place
// of the provider's own for the state.
type report struct {
	state   state
	word    string
	links   []string
	message string
	// result, where there is one, goes in the place of the usual result.
	result any
}

// say answers in the provider's form.
func (l *question) say(r report) { l.speaker.looked(l.w, r, l.server.now()) }

// honest says that the job works, and then that it is done.
func (l *question) honest() {
	if l.n == 1 {
		l.working()
		return
	}
	l.done()
}

// waiting says that the job has not begun.
func (l *question) waiting() { l.say(report{state: waiting}) }

// working says that the job is under way.
func (l *question) working() { l.say(report{state: working}) }

// done says that the job succeeded, with its links.
func (l *question) done() { l.say(report{state: succeeded, links: l.results()}) }

// failed says that the job failed, with a reason or with none.
func (l *question) failed(message string) { l.say(report{state: failed, message: message}) }

// unknown says that there is no such task, as the provider's documents do.
func (l *question) unknown() { l.speaker.unknown(l.w) }

// serverError is the provider's own failure.
func (l *question) serverError() { l.speaker.broken(l.w) }

// page is a web page with status 200.
func (l *question) page() { page(l.w, "We will be back soon") }

// reset breaks the connection without an answer.
func (l *question) reset() { breakOff(l.w, true) }

// hang gives no answer until the client gives up.
func (l *question) hang() {
	<-l.r.Context().Done()
	breakOff(l.w, false)
}

// first plays one answer so many times and another afterwards.
func first(times int, bad, then func(*question)) func(*question) {
	return func(l *question) {
		if l.n <= times {
			bad(l)
			return
		}
		then(l)
	}
}

func page(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte("<!doctype html>\n<html><body><h1>" + text + "</h1></body></html>\n"))
}

// breakOff ends a connection; a reset is what a crash looks like, a close what
// a server does that has no more to say.
func breakOff(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
