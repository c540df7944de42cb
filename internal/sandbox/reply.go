package sandbox

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// reply is an answer before it is sent: the journal reads it first.
type reply struct {
	status  int
	code    string // the code inside the body, for the journal
	header  map[string]string
	body    any    // sent as JSON unless raw is set
	raw     []byte // sent as is
	problem string
	fault   wireFault
}

// wireFault is what happens to a connection instead of a whole answer.
type wireFault int

const (
	intact  wireFault = iota
	reset             // connection reset, no byte of an answer
	closed            // connection closed cleanly, no byte of an answer
	halved            // the answer breaks off in its middle
	silent            // no answer until the client gives up
	trickle           // one byte each 200 ms
)

// answerWith is a JSON reply.
func answerWith(status int, code string, body any) reply {
	return reply{status: status, code: code, body: body}
}

// page is an HTML reply.
func page(status int, text string) reply {
	return reply{
		status: status,
		code:   "html",
		header: map[string]string{"Content-Type": "text/html; charset=utf-8"},
		raw:    []byte("<!doctype html>\n<html><head><title>" + text + "</title></head><body><h1>" + text + "</h1></body></html>\n"),
	}
}

// with adds a header.
func (o reply) with(name, value string) reply {
	h := map[string]string{name: value}
	maps.Copy(h, o.header)
	o.header = h
	return o
}

func (o reply) bytes() ([]byte, error) {
	if o.raw != nil || o.body == nil {
		return o.raw, nil
	}
	return json.Marshal(o.body)
}

// send writes the answer, or breaks the connection as the fault says.
func (o reply) send(w http.ResponseWriter, r *http.Request) {
	data, err := o.bytes()
	if err != nil {
		http.Error(w, "sandbox: "+err.Error(), http.StatusInternalServerError)
		return
	}
	switch o.fault {
	case reset, closed:
		breakConnection(w, o.fault)
		return
	case silent:
		<-r.Context().Done()
		breakConnection(w, closed)
		return
	case intact, halved, trickle:
	}
	if len(data) > 0 {
		w.Header().Set("Content-Type", "application/json")
	}
	for name, value := range o.header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(o.status)
	switch o.fault {
	case intact, reset, closed, silent:
		_, _ = w.Write(data) // the client may be gone
	case halved:
		_, _ = w.Write(data[:len(data)/2])
		flush(w)
		breakConnection(w, closed)
	case trickle:
		dribble(r.Context(), w, data)
	}
}

// dribble sends one byte each 200 ms.
func dribble(ctx context.Context, w http.ResponseWriter, data []byte) {
	for i := range data {
		if _, err := w.Write(data[i : i+1]); err != nil {
			return
		}
		flush(w)
		if !pause(ctx, 200*time.Millisecond) {
			return
		}
	}
}

// pause waits and reports whether the context outlived the wait.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func flush(w http.ResponseWriter) {
	_ = http.NewResponseController(w).Flush() // not every writer can
}
