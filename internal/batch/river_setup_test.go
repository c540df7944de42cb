package batch_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/sandbox"
)

// yard is a batch for workers: a ledger and a queue in a schema of their own,
// and an emulator whose jobs take no time worth naming.
type yard struct {
	*plant

	place  string
	schema string
	queue  *batch.Queue
	output job.Output
	desk   batch.Desk
	rows   []batch.Row
	// room is how many jobs may be in flight.
	room int
}

func openYard(t *testing.T, rows []batch.Row) *yard {
	t.Helper()
	at := os.Getenv("KLINGCTL_TEST_POSTGRES")
	if at == "" {
		t.Skip("KLINGCTL_TEST_POSTGRES is not set: nothing was tried on PostgreSQL")
	}
	y := &yard{schema: "test_" + strings.ToLower(rand.Text()), rows: rows, room: 1000}
	parsed, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	query := parsed.Query()
	query.Set("search_path", y.schema)
	parsed.RawQuery = query.Encode()
	y.place = parsed.String()
	t.Cleanup(func() { y.sql(t, "DROP SCHEMA IF EXISTS "+y.schema+" CASCADE") })

	folder := t.TempDir()
	server, err := sandbox.New(sandbox.Options{Dir: filepath.Join(folder, "emulator"), GenerationTime: 50 * time.Millisecond, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	offers, err := catalog.Open(configs.FS())
	if err != nil {
		t.Fatal(err)
	}
	y.plant = &plant{server: server, offers: offers, out: filepath.Join(folder, "out"), creates: server.Transport()}
	if err := os.Mkdir(y.out, 0o700); err != nil {
		t.Fatal(err)
	}
	y.Service = y.service(t)
	if y.output, err = job.ParseOutput(filepath.Join(y.out, "{id}.mp4")); err != nil {
		t.Fatal(err)
	}
	y.desk = batch.Desk{Output: y.output, Order: y.capped}
	if y.queue, err = batch.OpenQueue(t.Context(), y.place, false); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(y.queue.Close)
	return y
}

// service is that of one machine: a store of its own.
func (y *yard) service(t *testing.T) *job.Service {
	t.Helper()
	store, err := ledger.Open(t.Context(), ledger.Options{Path: y.place})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return &job.Service{
		Ledger: store, Now: time.Now, Random: rand.Reader, Connect: y.connect,
		Fetcher: func(provider.Settings) *fetch.Fetcher {
			return fetch.New(fetch.Options{Transport: y.server.Transport(), Now: time.Now})
		},
		Expect: func(kling.Job) catalog.Span { return catalog.Span{} },
	}
}

// capped is the order of a row under the cap of jobs in flight.
func (y *yard) capped(ctx context.Context, row batch.Row) (job.Order, func(), error) {
	order, release, err := y.order(ctx, row)
	order.Pace = ledger.Pace{InFlight: y.room}
	return order, release, err
}

// add begins the batch, as batch run --detach does.
func (y *yard) add(t *testing.T, change func(*batch.Options)) batch.Queued {
	t.Helper()
	err := y.Ledger.BeginBatch(t.Context(), ledger.Batch{ID: "b", Rows: len(y.rows), Options: []byte("{}")}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	o := y.options(t, y.rows)
	if change != nil {
		change(&o)
	}
	sum, err := y.queue.Add(t.Context(), y.Service, o)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// hired is a worker at work.
type hired struct {
	cancel context.CancelFunc
	done   chan error
}

// hire has a worker work until the test ends, or it is let go.
func (y *yard) hire(t *testing.T) *hired {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	h := &hired{cancel: cancel, done: make(chan error, 1)}
	queue, err := batch.OpenQueue(ctx, y.place, false)
	if err != nil {
		t.Fatal(err)
	}
	service := y.service(t)
	var work sync.WaitGroup
	work.Go(func() {
		h.done <- queue.Work(ctx, service, batch.WorkOptions{
			Providers: []string{"kling", "apikley"}, Rows: 8, Files: 4, Interval: 100 * time.Millisecond,
			Desk:   func(string, []byte) (batch.Desk, error) { return y.desk, nil },
			Notice: func(text string) { t.Log(text) },
		})
	})
	t.Cleanup(func() { cancel(); work.Wait(); queue.Close() })
	return h
}

// fire tells a worker to end and waits until it has.
func (h *hired) fire(t *testing.T) {
	t.Helper()
	h.cancel()
	if err := <-h.done; !fault.Is(err, fault.Interrupted) {
		t.Errorf("the worker ended with %v, want an interruption", err)
	}
}

// through waits until nothing of the batch is left to do, and gives how its
// rows stand.
func (y *yard) through(t *testing.T) map[batch.End]int {
	t.Helper()
	y.until(t, "the batch is through", func(ctx context.Context) (bool, error) {
		left, err := y.queue.Left(ctx, "b")
		if err != nil || left {
			return false, err
		}
		counts, err := y.Standing(ctx, "b")
		if err != nil || counts[kling.Queued]+counts[kling.Running]+counts[kling.Submitting] > 0 {
			return false, err
		}
		return y.queue.Saved(ctx, y.Service, "b")
	})
	ends := make(map[batch.End]int)
	y.results = map[string]batch.Result{}
	err := y.queue.Results(t.Context(), y.Service, "b", func(r batch.Result) {
		ends[r.End]++
		y.results[r.Row.ID] = r
	})
	if err != nil {
		t.Fatal(err)
	}
	return ends
}

// until asks again and again, for half a minute.
func (y *yard) until(t *testing.T, what string, ask func(context.Context) (bool, error)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		if yes, err := ask(ctx); err == nil && yes {
			return
		} else if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		select {
		case <-ctx.Done():
			t.Fatalf("it never came to pass that %s", what)
		case <-ticker.C:
		}
	}
}

// charged is how many jobs the emulator charged for.
func (y *yard) charged(t *testing.T) int {
	t.Helper()
	journal, err := y.server.Journal()
	if err != nil {
		t.Fatal(err)
	}
	return journal.Charged
}

// sql runs statements on a connection of its own.
func (y *yard) sql(t *testing.T, statements ...string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // a cleanup comes after its end
	conn, err := pgx.Connect(ctx, os.Getenv("KLINGCTL_TEST_POSTGRES"))
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, strings.ReplaceAll(statement, "SCHEMA.", y.schema+".")); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// river is the queue as anybody sees it who works on it with River's own tools.
func (y *yard) river(t *testing.T) *river.Client[pgx.Tx] {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), y.place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: y.schema})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// slowCreates has every create wait for what the test says.
func (y *yard) slowCreates(wait func(*http.Request)) {
	through := y.creates
	y.creates = roundTrip(func(r *http.Request) (*http.Response, error) {
		wait(r)
		return through.RoundTrip(r)
	})
}
