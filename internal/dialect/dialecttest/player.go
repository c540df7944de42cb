package dialecttest

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/kling"
)

// player buys at an emulated provider with nothing but a dialect and a round
// tripper, and moves the emulator's clock.
type player struct {
	d          dialect.Dialect
	base       string
	trip       http.RoundTripper
	order      dialect.Request
	credential dialect.Credential
	clock      *clock
}

func newPlayer(t *testing.T, life Life, scene string) *player {
	t.Helper()
	prompt := "a lighthouse at dusk " + life.Marker
	if strings.HasPrefix(scene, "[[") {
		prompt += " " + scene
	}
	c := &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	return &player{
		d: life.New(), base: life.BaseURL, trip: life.Open(t, c.Now, generation),
		order: cloneRequest(life.Order(prompt)), credential: life.Credential, clock: c,
	}
}

// pass lets time pass at the provider.
func (p *player) pass(d time.Duration) { p.clock.pass(d) }

func (p *player) ref(task string) kling.Ref {
	return kling.Ref{Provider: "p", Path: p.order.Endpoint, Task: task}
}

// send authorizes a call and exchanges it.
func (p *player) send(t *testing.T, call dialect.Call, err error) dialect.Reply {
	t.Helper()
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	if err := p.d.Authorize(&call, p.credential, p.clock.Now()); err != nil {
		t.Fatalf("authorize: %v", err)
	}
	var body io.Reader
	if !call.Body.Empty() {
		body = call.Body.Open()
	}
	request, err := http.NewRequestWithContext(t.Context(), call.Method, p.base+call.Target(), body)
	if err != nil {
		t.Fatalf("make the request: %v", err)
	}
	for name, value := range call.Header {
		request.Header.Set(name, value)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
		request.ContentLength = call.Body.Len()
	}
	response, err := p.trip.RoundTrip(request)
	if err != nil {
		t.Fatalf("%s %s: %v", call.Method, call.Target(), err)
	}
	data, cut := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err := response.Body.Close(); err != nil && cut == nil {
		cut = err
	}
	return dialect.Reply{Status: response.StatusCode, Header: response.Header, Body: data, Cut: cut}
}

func (p *player) create(t *testing.T, order dialect.Request) (kling.Snapshot, error) {
	t.Helper()
	call, err := p.d.Create(order)
	reply := p.send(t, call, err)
	seen, err := p.d.Created(reply)
	checkOutcome(t, opCreate, reply, []kling.Snapshot{seen}, err)
	return seen, err
}

// buy creates a task that must be accepted.
func (p *player) buy(t *testing.T) (kling.Ref, kling.Snapshot) {
	t.Helper()
	seen, err := p.create(t, p.order)
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	return p.ref(seen.Task), seen
}

func (p *player) look(t *testing.T, ref kling.Ref) (kling.Snapshot, error) {
	t.Helper()
	call, err := p.d.Look(ref)
	reply := p.send(t, call, err)
	seen, err := p.d.Looked(reply)
	checkOutcome(t, opLook, reply, []kling.Snapshot{seen}, err)
	return seen, err
}

func (p *player) wantState(t *testing.T, ref kling.Ref, want kling.State) kling.Snapshot {
	t.Helper()
	seen, err := p.look(t, ref)
	if err != nil {
		t.Fatalf("look: %v", err)
	}
	if seen.State != want {
		t.Fatalf("state %s (word %q, message %q), want %s", seen.State, seen.Word, seen.Message, want)
	}
	return seen
}

func (p *player) wantRefused(t *testing.T, want Refusal) {
	t.Helper()
	call, err := p.d.Create(p.order)
	reply := p.send(t, call, err)
	seen, err := p.d.Created(reply)
	if err == nil {
		t.Fatalf("%s gives %+v, want a fault of kind %s", describe(opCreate, reply), seen, want.Kind)
	}
	checkFault(t, opCreate, reply, err)
	got := outcomeOf(nil, err).Fault
	if got.Kind != want.Kind || got.Charged != want.Charged {
		t.Errorf("%s gives kind %s and charged %s, want %s and %s", describe(opCreate, reply), got.Kind, got.Charged, want.Kind, want.Charged)
	}
}

// clock is a clock that moves when it is told to.
type clock struct {
	mutex sync.Mutex
	now   time.Time
}

// Now is the time.
func (c *clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.now = c.now.Add(d)
}
