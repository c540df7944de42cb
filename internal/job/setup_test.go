package job_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/all"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/sandbox"
	"github.com/klingctl/klingctl/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// generation is how long a job takes in the emulator.
const generation = 100 * time.Second

// shop is a service over a ledger and an emulator of its own.
type shop struct {
	*job.Service
	server *sandbox.Server
	offers *catalog.Catalog
	// creates and reads stand before the emulator; tests put theirs in.
	creates, reads http.RoundTripper

	mu     sync.Mutex
	events []job.Event
	looks  []time.Time
	// key is what the provider is told.
	key string
	// lookup, when it is set, replaces what is known of a provider's.
	lookup string
	// suspended is how far the clock has jumped.
	suspended time.Duration
}

// open makes a shop in a folder of the test.
func open(t *testing.T) *shop {
	t.Helper()
	return openIn(t, t.TempDir())
}

func openIn(t *testing.T, folder string) *shop {
	t.Helper()
	s := &shop{key: "sandbox-key"}
	server, err := sandbox.New(sandbox.Options{Dir: filepath.Join(folder, "emulator"), GenerationTime: generation, Now: s.now})
	if err != nil {
		t.Fatal(err)
	}
	store, err := ledger.Open(t.Context(), ledger.Options{Path: filepath.Join(folder, "ledger.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	offers, err := catalog.Open(configs.FS())
	if err != nil {
		t.Fatal(err)
	}
	s.server, s.offers = server, offers
	s.creates, s.reads = server.Transport(), server.Transport()
	s.Service = &job.Service{
		Ledger: store, Now: s.now, Random: rand.Reader, Observe: s.observe,
		Connect: s.connect,
		Fetcher: func(provider.Settings) *fetch.Fetcher {
			return fetch.New(fetch.Options{Transport: server.Transport(), Now: s.now})
		},
		Expect: s.expect,
	}
	return s
}

func (s *shop) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.suspended)
}

func (s *shop) observe(event job.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, event)
}

// notices are what a person was told.
func (s *shop) notices() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var told []string
	for _, event := range s.events {
		if event.Stage == job.Notice {
			told = append(told, event.Text)
		}
	}
	return strings.Join(told, "\n")
}

func (s *shop) connect(settings provider.Settings) (*provider.Client, error) {
	return provider.New(settings, provider.Wiring{
		Speak: all.New, Credential: dialect.Credential{Key: secret.New(s.key)}, Now: s.now,
		Creates: roundTrip(func(r *http.Request) (*http.Response, error) { return s.creates.RoundTrip(r) }),
		Reads: roundTrip(func(r *http.Request) (*http.Response, error) {
			s.mu.Lock()
			s.looks = append(s.looks, time.Now())
			s.mu.Unlock()
			return s.reads.RoundTrip(r)
		}),
	})
}

func (s *shop) expect(j kling.Job) catalog.Span {
	if strings.Contains(j.Prompt, "expected") {
		return catalog.Span{Low: 80 * time.Second, High: 120 * time.Second}
	}
	return catalog.Span{}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// models are one offer for each dialect.
func models() map[string]string {
	return map[string]string{
		"apikley": "kling-2.6/image-to-video", "aimlapi": "kling-video/v2.1/pro/image-to-video",
		"apixo": "kling-2-1", "kling": "kling-v2-1-master",
	}
}

func (s *shop) settings(t *testing.T, name string) provider.Settings {
	t.Helper()
	preset, ok := s.offers.Preset(name)
	if !ok {
		t.Fatalf("no provider %q", name)
	}
	return provider.Settings{
		Name: name, Dialect: preset.Dialect, BaseURL: preset.BaseURL, Console: preset.Console,
		PathPrefix: preset.Variant.PathPrefix, Lookup: cmp.Or(s.lookup, preset.Lookup), ResultLifetime: preset.ResultLifetime,
		Poll: provider.Poll{First: preset.Poll.First, Min: preset.Poll.Min, Max: preset.Poll.Max, GiveUp: preset.Poll.GiveUp},
	}
}

const picture = "https://files.example/in/photo.png"

// order is a checked request with a prompt that may hold a scenario.
func (s *shop) order(t *testing.T, name, prompt string, images ...string) job.Order {
	t.Helper()
	if len(images) == 0 {
		images = []string{picture}
	}
	model, err := s.offers.Choose(catalog.Query{Provider: name, Model: models()[name], Kind: kling.ImageToVideo, HasImage: true})
	if err != nil {
		t.Fatal(err)
	}
	input := catalog.Input{Flags: map[string][]string{"prompt": {prompt}, "image": images}}
	switch name {
	case "apikley":
		input.Flags["sound"] = []string{"false"}
	case "apixo":
		input.Flags["mode"] = []string{"standard-image-to-video"}
	}
	prepared, err := model.Prepare(t.Context(), input, media.Inspect)
	if err != nil {
		t.Fatal(err)
	}
	return job.Order{Prepared: prepared, Settings: s.settings(t, name), Sandbox: true, Guard: ledger.Guard{Off: true}}
}

// submit buys a job that must be accepted.
func (s *shop) submit(t *testing.T, name, prompt string) kling.Job {
	t.Helper()
	made, err := s.Submit(t.Context(), s.order(t, name, prompt))
	if err != nil {
		t.Fatalf("Submit: %v", err)
	}
	return made
}

// waitFor waits for one job.
func (s *shop) waitFor(ctx context.Context, made kling.Job) job.Outcome {
	return s.Wait(ctx, []kling.Job{made}, 0)[0]
}

// succeeded is a job that has ended well.
func (s *shop) succeeded(t *testing.T, name, prompt string) kling.Job {
	t.Helper()
	outcome := s.waitFor(t.Context(), s.submit(t, name, prompt))
	if outcome.Err != nil || outcome.Job.State != kling.Succeeded {
		t.Fatalf("the job is %s: %v", outcome.Job.State, outcome.Err)
	}
	return outcome.Job
}

// row is a job as the ledger has it.
func (s *shop) row(t *testing.T, id string) kling.Job {
	t.Helper()
	stored, err := s.Ledger.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func (s *shop) wantJournal(t *testing.T, creates, charged int) {
	t.Helper()
	journal, err := s.server.Journal()
	if err != nil {
		t.Fatal(err)
	}
	if journal.Creates != creates || journal.Charged != charged {
		t.Errorf("%d creates and %d charged, want %d and %d", journal.Creates, journal.Charged, creates, charged)
	}
}

// wantRows checks how many jobs are remembered.
func (s *shop) wantRows(t *testing.T, want int) {
	t.Helper()
	jobs, err := s.Ledger.List(t.Context(), ledger.Filter{})
	if err != nil || len(jobs) != want {
		t.Errorf("%d jobs are stored (%v), want %d", len(jobs), err, want)
	}
}

// wantFault checks what an error is and what it says about money.
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
	if strings.ContainsAny(err.Error(), "\n\r") {
		t.Errorf("the error has more than one line: %q", err)
	}
	return e
}

// drawing is a PNG file.
func drawing(t *testing.T) string {
	t.Helper()
	canvas := image.NewRGBA(image.Rect(0, 0, 640, 360))
	for x := range 640 {
		canvas.Set(x, x/2, color.White)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, canvas); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "photo.one.png")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// settingsOf configures providers for references from elsewhere.
func (s *shop) settingsOf(t *testing.T) func(string) (provider.Settings, error) {
	t.Helper()
	return func(name string) (provider.Settings, error) { return s.settings(t, name), nil }
}
