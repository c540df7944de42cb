package provider_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/all"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/secret"
	"github.com/klingctl/klingctl/internal/transport"
)

// canary is a key that must never show.
const canary = "sk-CANARY/7f3+a9~Zq"

// turn is what a server does with the n-th request it has read, counting from
// 1. The connection is closed when it returns.
type turn func(n int, conn net.Conn)

// host is a server at the other end of net.Pipe: real net/http on our side,
// and time that a bubble can pass.
type host struct {
	turn turn

	mu     sync.Mutex
	dialed []string
	heads  []*http.Request
	bodies [][]byte
	short  []error
	at     []time.Time
}

// dial is a net.Dialer to the host, under any name.
func (h *host) dial(_ context.Context, _, address string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	h.mu.Lock()
	h.dialed = append(h.dialed, address)
	h.mu.Unlock()
	go h.serve(theirs)
	return ours, nil
}

func (h *host) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	reader := bufio.NewReader(conn)
	head, err := http.ReadRequest(reader)
	if err != nil {
		return
	}
	body, err := io.ReadAll(head.Body)
	h.mu.Lock()
	h.heads, h.bodies, h.short, h.at = append(h.heads, head), append(h.bodies, body), append(h.short, err), append(h.at, time.Now())
	n := len(h.heads)
	h.mu.Unlock()
	if err == nil {
		h.turn(n, conn)
	}
}

// requests is how many requests with a method arrived.
func (h *host) requests(method string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, head := range h.heads {
		if head.Method == method {
			n++
		}
	}
	return n
}

// gaps are the pauses between requests.
func (h *host) gaps() []time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	var gaps []time.Duration
	for i := 1; i < len(h.at); i++ {
		gaps = append(gaps, h.at[i].Sub(h.at[i-1]))
	}
	return gaps
}

// says is a whole answer; header lines end in \r\n.
func says(status int, header, body string) turn {
	return func(_ int, conn net.Conn) {
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d X\r\nContent-Length: %d\r\n%s\r\n%s", status, len(body), header, body)
	}
}

// first gives the first turns in order and then the last one for ever.
func first(turns ...turn) turn {
	return func(n int, conn net.Conn) { turns[min(n, len(turns))-1](n, conn) }
}

// hang waits until the client gives up.
func hang(_ int, conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// closes ends the connection without an answer.
func closes(int, net.Conn) {}

// spoken is one dialect with what a test needs to speak it.
type spoken struct {
	name string
	// made is the answer to a create, running the answer to a look.
	made, running string
	// busy is a refusal for the rate inside a 200, "" where there is none.
	busy string
}

func dialects() []spoken {
	return []spoken{
		{"createtask", `{"code":200,"msg":"ok","data":{"taskId":"t-1"}}`, `{"code":200,"data":{"taskId":"t-1","state":"generating"}}`, `{"code":429,"msg":"slow down"}`},
		{"aimlapi", `{"id":"t-1","status":"queued"}`, `{"id":"t-1","status":"generating"}`, ""},
		{"apixo", `{"code":200,"message":"ok","data":{"taskId":"t-1"}}`, `{"code":200,"data":{"taskId":"t-1","state":"processing"}}`, `{"code":429,"message":"slow down"}`},
		{"klingapi", `{"code":0,"data":{"task_id":"t-1","task_status":"submitted"}}`, `{"code":0,"data":{"task_id":"t-1","task_status":"processing"}}`, `{"code":1302,"message":"too fast"}`},
	}
}

func request() dialect.Request {
	return dialect.Request{
		Model: "m-1", Kind: kling.TextToVideo, Endpoint: "image2video",
		Input: map[string]any{"prompt": "a boat"},
	}
}

func ref() kling.Ref { return kling.Ref{Provider: "shop", Path: "image2video", Task: "t-1"} }

// client is one of a dialect whose wires all lead to the host.
func client(t *testing.T, speaks string, h *host, change ...func(*provider.Settings, *provider.Wiring)) *provider.Client {
	t.Helper()
	creates := transport.NewCreate(transport.BaseOptions{Direct: true})
	reads := transport.NewBase(transport.BaseOptions{Direct: true})
	creates.DialContext, reads.DialContext = h.dial, h.dial
	reads.DisableKeepAlives = true
	settings := provider.Settings{Name: "shop", Dialect: speaks, BaseURL: "http://api.example/prefix", AllowHTTP: true}
	wiring := provider.Wiring{
		Speak: all.New, Credential: dialect.Credential{Key: secret.New(canary)}, Origin: "http://api.example",
		Creates: creates, Reads: reads,
	}
	for _, c := range change {
		c(&settings, &wiring)
	}
	made, err := provider.New(settings, wiring)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return made
}

// wantFault checks a fault's kind and what it says about money, and that it
// tells no secret and nothing that a terminal obeys.
func wantFault(t *testing.T, err error, kind fault.Kind, charged fault.Charge) {
	t.Helper()
	_ = faultOf(t, err, kind, charged)
}

// faultOf is wantFault for those who want to see more of it.
func faultOf(t *testing.T, err error, kind fault.Kind, charged fault.Charge) *fault.Error {
	t.Helper()
	e := fault.Of(err)
	if e == nil {
		t.Fatalf("error %v, want a fault of kind %s", err, kind)
	}
	if e.Kind != kind || e.Spent() != charged {
		t.Errorf("fault of kind %s, charged %s (%v), want %s and %s", e.Kind, e.Spent(), err, kind, charged)
	}
	wantClean(t, err)
	return e
}

func wantClean(t *testing.T, err error) {
	t.Helper()
	e := fault.Of(err)
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), e.Detail, e.Code, e.RequestID, e.Hint} {
		if strings.Contains(text, "CANARY") {
			t.Errorf("the key shows in %q", text)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r < 0x20 || r >= 0x7f && r <= 0x9f || r == 0x202e }) {
			t.Errorf("a control character shows in %q", text)
		}
	}
}

// dialing makes both wires connect by a function.
func dialing(dial func(ctx context.Context, network, address string) (net.Conn, error)) func(*provider.Settings, *provider.Wiring) {
	return func(_ *provider.Settings, w *provider.Wiring) {
		for _, wire := range []http.RoundTripper{w.Creates, w.Reads} {
			if base, ok := wire.(*http.Transport); ok {
				base.DialContext = dial
			}
		}
	}
}

func speak(name string, variant dialect.Variant) (dialect.Dialect, error) {
	return all.New(name, variant)
}
