//go:build unix

package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/provider"
)

// idealPace is the pause between two looks at everything that is in flight.
const idealPace = 2 * time.Second

// ideal is the schedule of a batch by a program that remembers nothing: the
// same checks of the images, the same client, the same lists at the same pace
// and the same downloads, as many at a time; no ledger, no results.jsonl. It is
// what a batch is measured against.
type ideal struct {
	app      *app
	client   *provider.Client
	fetcher  *fetch.Fetcher
	settings provider.Settings
	folder   string
	path     string // of the list

	slots   chan struct{}
	ended   chan kling.Snapshot
	mu      sync.Mutex
	flying  map[string]bool // by task
	problem error
}

// newIdeal makes it with the environment of a place.
func newIdeal(t *testing.T, p place, slots int) *ideal {
	t.Helper()
	app := newApp(Process{
		Environ: p.environ, Folder: p.work, Out: io.Discard, Err: io.Discard, Now: time.Now, OS: runtime.GOOS, Version: testVersion,
	})
	wires, err := app.connect()
	if err != nil {
		t.Fatal(err)
	}
	settings, err := app.providerSettings("kling")
	if err != nil {
		t.Fatal(err)
	}
	client, err := app.clientFor(t.Context(), wires, settings)
	if err != nil {
		t.Fatal(err)
	}
	d := &ideal{
		app: app, client: client, fetcher: app.fetcher(wires, settings), settings: settings, folder: filepath.Join(p.work, "ideal"),
		slots: make(chan struct{}, slots), ended: make(chan kling.Snapshot, slots), flying: map[string]bool{},
	}
	if _, err := app.catalog(); err != nil {
		t.Fatal(err)
	}
	return d
}

// run makes the videos of images, and gives the time that it took.
func (d *ideal) run(ctx context.Context, images []string) (time.Duration, error) {
	began := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := os.MkdirAll(d.folder, 0o700); err != nil {
		return 0, err
	}
	const submitters = 32 // as many as a batch has
	feed := make(chan string)
	var submits, saves, watches sync.WaitGroup
	for range submitters {
		submits.Go(func() {
			for image := range feed {
				d.note(d.submit(ctx, image))
			}
		})
	}
	for range parallelFiles {
		saves.Go(func() {
			for task := range d.ended {
				d.note(d.save(ctx, task))
			}
		})
	}
	bought := make(chan struct{})
	watches.Go(func() { d.note(d.watch(ctx, bought)) })
	for _, image := range images {
		d.slots <- struct{}{}
		feed <- image
	}
	close(feed)
	submits.Wait()
	close(bought)
	watches.Wait()
	close(d.ended)
	saves.Wait()
	return time.Since(began), d.problem
}

func (d *ideal) note(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.problem = errors.Join(d.problem, err)
}

func (d *ideal) submit(ctx context.Context, image string) error {
	order, err := d.app.settle(ctx, request{
		query: catalog.Query{Provider: "kling", Model: "kling-v2-1-master", HasImage: true},
		input: catalog.Input{Flags: map[string][]string{"image": {image}, "prompt": {"slow pan over " + filepath.Base(image)}}},
	}, &images{app: d.app}, false)
	if err != nil {
		return err
	}
	for _, slot := range order.Prepared.Slots {
		order.Prepared.Fill(slot, media.NewBase64(slot.Image, false))
	}
	made, err := d.client.CreateOnce(ctx, job.RequestOf(order.Prepared))
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.flying[made.Task], d.path = true, "image2video"
	return nil
}

// watch lists what is in flight until nothing is and nothing more is bought.
func (d *ideal) watch(ctx context.Context, bought <-chan struct{}) error {
	again := time.NewTicker(idealPace)
	defer again.Stop()
	for over := false; ; {
		d.mu.Lock()
		left, path := len(d.flying), d.path
		d.mu.Unlock()
		if over && left == 0 {
			return nil
		}
		if err := d.list(ctx, path, left); err != nil {
			return err
		}
		select {
		case <-bought:
			over, bought = true, nil
		case <-again.C:
		}
	}
}

// list asks for as many pages as it takes to see all that is in flight.
func (d *ideal) list(ctx context.Context, path string, left int) error {
	const size = 500
	for page, seen := 1, 0; seen < left; page++ {
		tasks, err := d.client.List(ctx, path, page, size, provider.Patient)
		if err != nil {
			return fmt.Errorf("page %d of the list: %w", page, err)
		}
		for _, task := range tasks {
			d.mu.Lock()
			flying := d.flying[task.Task]
			if flying && task.State == kling.Succeeded {
				delete(d.flying, task.Task)
			}
			d.mu.Unlock()
			if !flying {
				continue
			}
			if seen++; task.State == kling.Succeeded {
				<-d.slots
				d.ended <- task
			}
		}
		if len(tasks) < size {
			return nil
		}
	}
	return nil
}

func (d *ideal) save(ctx context.Context, task kling.Snapshot) error {
	if len(task.Artifacts) == 0 {
		return errors.New("task " + task.Task + " has no video")
	}
	_, err := d.fetcher.Fetch(ctx, fetch.Source{URL: task.Artifacts[0].URL}, filepath.Join(d.folder, task.Task+".mp4"), fetch.Hooks{})
	return err
}
