package batch_test

import (
	"context"
	"crypto/rand"
	"maps"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/all"
	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/sandbox"
	"github.com/klingctl/klingctl/internal/secret"
)

// generation is how long a job takes in the emulator.
const generation = 100 * time.Second

// plant carries batches over a ledger and an emulator of its own.
type plant struct {
	*job.Service
	server *sandbox.Server
	offers *catalog.Catalog
	out    string
	// creates stands before the emulator.
	creates http.RoundTripper

	mu      sync.Mutex
	results map[string]batch.Result
	notices []string
}

func open(t *testing.T) *plant {
	t.Helper()
	folder := t.TempDir()
	server, err := sandbox.New(sandbox.Options{Dir: filepath.Join(folder, "emulator"), GenerationTime: generation, Now: time.Now})
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
	p := &plant{server: server, offers: offers, out: filepath.Join(folder, "out"), creates: server.Transport(), results: map[string]batch.Result{}}
	p.Service = &job.Service{
		Ledger: store, Now: time.Now, Random: rand.Reader, Connect: p.connect,
		Fetcher: func(provider.Settings) *fetch.Fetcher {
			return fetch.New(fetch.Options{Transport: server.Transport(), Now: time.Now})
		},
		Expect: func(kling.Job) catalog.Span {
			return catalog.Span{Low: generation - 10*time.Second, High: generation + 10*time.Second}
		},
	}
	return p
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (p *plant) connect(settings provider.Settings) (*provider.Client, error) {
	return provider.New(settings, provider.Wiring{
		Speak: all.New, Credential: dialect.Credential{Key: secret.New("sandbox-key")}, Now: time.Now, Reads: p.server.Transport(),
		Creates: roundTrip(func(r *http.Request) (*http.Response, error) { return p.creates.RoundTrip(r) }),
	})
}

// order makes the order of a row with a prompt that may hold a scenario.
func (p *plant) order(ctx context.Context, row batch.Row) (job.Order, func(), error) {
	nothing := func() {}
	name := row.Provider
	model, err := p.offers.Choose(catalog.Query{Provider: name, Model: row.Model, Kind: kling.ImageToVideo, HasImage: true})
	if err != nil {
		return job.Order{}, nothing, err
	}
	flags := map[string][]string{"image": {"https://files.example/in/photo.png"}}
	maps.Copy(flags, row.Flags)
	prepared, err := model.Prepare(ctx, catalog.Input{Flags: flags}, nil)
	if err != nil {
		return job.Order{}, nothing, err
	}
	preset, _ := p.offers.Preset(name)
	return job.Order{Prepared: prepared, Sandbox: true, Settings: provider.Settings{
		Name: name, Dialect: preset.Dialect, BaseURL: preset.BaseURL, PathPrefix: preset.Variant.PathPrefix, Lookup: preset.Lookup,
		Poll: provider.Poll{First: preset.Poll.First, Min: preset.Poll.Min, Max: preset.Poll.Max, GiveUp: preset.Poll.GiveUp},
	}}, nothing, nil
}

// options are those of a batch of rows with room for all of them.
func (p *plant) options(t *testing.T, rows []batch.Row) batch.Options {
	t.Helper()
	output, err := job.ParseOutput(filepath.Join(p.out, "{id}.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	return batch.Options{
		ID: "b", Rows: rows, Order: p.order, Output: output, Parallel: 4,
		Lane: func(row batch.Row) string { return row.Provider }, Room: func(string) int { return 1000 },
		Ended: func(r batch.Result) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.results[r.Row.ID] = r
		},
		Notice: func(_ batch.Row, text string) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.notices = append(p.notices, text)
		},
	}
}

// run carries a batch to the end of this run.
func (p *plant) run(ctx context.Context, t *testing.T, o batch.Options) batch.Summary {
	t.Helper()
	p.results = map[string]batch.Result{}
	summary, err := batch.Run(ctx, p.Service, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.results) != len(o.Rows) {
		t.Errorf("%d rows were told of, want %d", len(p.results), len(o.Rows))
	}
	total := 0
	for _, count := range summary.Ends {
		total += count
	}
	if total != len(o.Rows) || summary.Rows != len(o.Rows) {
		t.Errorf("the summary counts %d of %d rows: %v", total, len(o.Rows), summary.Ends)
	}
	return summary
}

// rows are n rows of a provider; prompt gives each its text.
func rows(name, model string, n int, prompt func(i int) string) []batch.Row {
	made := make([]batch.Row, n)
	for i := range made {
		flags := map[string][]string{"prompt": {prompt(i)}}
		if name == "apikley" {
			flags["sound"] = []string{"false"}
		}
		made[i] = batch.Row{ID: name + "-" + strconv.Itoa(i), Provider: name, Model: model, Flags: flags}
	}
	return made
}

const (
	klingModel   = "kling-v2-1-master"
	apikleyModel = "kling-2.6/image-to-video"
)

func (p *plant) wantJournal(t *testing.T, creates, charged int) {
	t.Helper()
	journal, err := p.server.Journal()
	if err != nil {
		t.Fatal(err)
	}
	if creates >= 0 && journal.Creates != creates || journal.Charged != charged {
		t.Errorf("%d creates and %d charged, want %d and %d", journal.Creates, journal.Charged, creates, charged)
	}
}

// files are the videos that are there.
func (p *plant) files(t *testing.T) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(p.out, "*.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// ends is how many rows end one way.
type ends struct {
	end  batch.End
	rows int
}

// wantEnds checks how many rows ended how; of those not named, none.
func wantEnds(t *testing.T, s batch.Summary, want ...ends) {
	t.Helper()
	for _, end := range batch.Ends() {
		rows := 0
		for _, w := range want {
			if w.end == end {
				rows += w.rows
			}
		}
		if s.Ends[end] != rows {
			t.Errorf("%d rows are %s, want %d (%v)", s.Ends[end], end, rows, s.Ends)
		}
	}
}
