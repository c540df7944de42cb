package dialecttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
)

// encoded is everything about a call that reaches the wire.
type encoded struct {
	Method string            `json:"method"`
	Target string            `json:"target"`
	Header map[string]string `json:"header,omitempty"`
	Body   json.RawMessage   `json:"body,omitempty"`
}

// create encodes an order and reads the whole body.
func create(d dialect.Dialect, order dialect.Request) (encoded, error) {
	call, err := d.Create(order)
	if err != nil {
		return encoded{}, err
	}
	body, err := readBody(call.Body)
	return encoded{Method: call.Method, Target: call.Target(), Header: call.Header, Body: body}, err
}

func readBody(body dialect.Body) ([]byte, error) {
	opened := body.Open()
	data, err := io.ReadAll(opened)
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	if err := opened.Close(); err != nil {
		return nil, fmt.Errorf("close the body: %w", err)
	}
	if int64(len(data)) != body.Len() {
		return nil, fmt.Errorf("the body has %d bytes and says %d", len(data), body.Len())
	}
	if len(data) > 0 && !json.Valid(data) {
		return nil, fmt.Errorf("the body is not JSON: %s", data)
	}
	return data, nil
}

func (e encoded) equal(other encoded) bool {
	return e.Method == other.Method && e.Target == other.Target && bytes.Equal(e.Body, other.Body)
}

// testPure encodes each request several times at once and compares.
func testPure(tb testing.TB, s Suite) {
	tb.Helper()
	if len(s.Requests) == 0 {
		tb.Fatal("the suite has no canonical requests")
	}
	d := s.New()
	for _, request := range s.Requests {
		before := cloneRequest(request.Request)
		first, err := create(d, request.Request)
		if err != nil {
			tb.Errorf("Create(%s): %v", request.Name, err)
			continue
		}
		if first.Method != http.MethodPost || len(first.Body) == 0 {
			tb.Errorf("Create(%s) gives %s with %d bytes, want a POST with a body", request.Name, first.Method, len(first.Body))
		}
		if len(first.Header) > 0 {
			tb.Errorf("Create(%s) sets headers %v, want none before Authorize", request.Name, first.Header)
		}
		if !reflect.DeepEqual(before, request.Request) {
			tb.Errorf("Create(%s) changed its argument to %v", request.Name, request.Request)
			continue
		}
		var together sync.WaitGroup
		for range 4 {
			together.Go(func() {
				again, err := create(d, request.Request)
				if err != nil || !first.equal(again) {
					tb.Errorf("Create(%s) again = %s (%v), first %s", request.Name, again.Body, err, first.Body)
				}
			})
		}
		together.Wait()
	}
}

// testGoldenCreates compares each canonical request with its golden form, in
// which a stream is its label.
func testGoldenCreates(tb testing.TB, s Suite) {
	tb.Helper()
	d := s.New()
	for _, request := range s.Requests {
		call, err := d.Create(request.Request)
		if err != nil {
			tb.Errorf("Create(%s): %v", request.Name, err)
			continue
		}
		form := encoded{Method: call.Method, Target: call.Target(), Header: call.Header, Body: call.Body.Elided()}
		golden(tb, filepath.Join(s.Dir, "create_"+request.Name+".json"), indented(tb, form))
	}
}

// testGoldenCalls compares looks, and finds and lists where there are any.
func testGoldenCalls(tb testing.TB, s Suite) {
	tb.Helper()
	if len(s.Refs) == 0 {
		tb.Fatal("the suite has no references")
	}
	d := s.New()
	var out bytes.Buffer
	line := func(what string, call dialect.Call, err error) {
		if err != nil {
			tb.Errorf("%s: %v", what, err)
			return
		}
		if !call.Body.Empty() || call.Method != http.MethodGet || len(call.Header) > 0 {
			tb.Errorf("%s gives %s with %d bytes and headers %v, want a bare GET", what, call.Method, call.Body.Len(), call.Header)
		}
		fmt.Fprintf(&out, "%s\n\t%s %s\n", what, call.Method, call.Target())
	}
	for _, ref := range s.Refs {
		call, err := d.Look(ref)
		line("look "+ref.String(), call, err)
		if finder, ok := d.(dialect.Finder); ok {
			call, err := finder.Find(ref.Path, "ours-1/ä")
			line("find ours-1/ä by path "+ref.Path, call, err)
		}
		if lister, ok := d.(dialect.Lister); ok {
			call, err := lister.List(ref.Path, 2, 50)
			line("list page 2 of 50 by path "+ref.Path, call, err)
		}
	}
	golden(tb, filepath.Join(s.Dir, "calls.golden"), out.Bytes())
}
