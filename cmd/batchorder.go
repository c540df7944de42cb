package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// desk makes orders of the rows of a batch.
type desk struct {
	app *app
	o   *batchOptions
	// base is what rows have that say nothing.
	base request
	pace ledger.Pace
	caps []ledger.Cap

	mu sync.Mutex
	// lanes are the providers of the queries that were seen.
	lanes map[catalog.Query]string
}

// newDesk reads everything that is the same for all rows.
func (a *app) newDesk(o *batchOptions, defaults string) (*desk, error) {
	if o.request.from == "" {
		o.request.from = defaults
	}
	if o.request.from == "-" {
		return nil, usageFault("read the batch", "--from reads no standard input here", "name a file")
	}
	for name, values := range o.request.flags() {
		if slices.Contains(values, "-") && (name == "prompt" || strings.HasSuffix(name, "image") || name == "static-mask") {
			return nil, usageFault("read --"+name, "a batch reads nothing but its rows from standard input", "")
		}
	}
	base, err := a.gather(&o.request)
	if err != nil {
		return nil, err
	}
	d := &desk{app: a, o: o, base: base, lanes: map[catalog.Query]string{}}
	if d.pace, err = parseRate(o.rate); err != nil {
		return nil, err
	}
	for _, source := range []struct {
		name  string
		scope ledger.Scope
		text  string
	}{
		{"limits.per_job", ledger.ScopeJob, a.settings.Limits.PerJob},
		{"limits.per_batch", ledger.ScopeBatch, a.settings.Limits.PerBatch},
		{"limits.per_day", ledger.ScopeDay, a.settings.Limits.PerDay},
		{"--max-spend", ledger.ScopeBatch, o.maxSpend},
	} {
		caps, err := parseCaps(source.name, source.scope, source.text)
		if err != nil {
			return nil, err
		}
		d.caps = append(d.caps, caps...)
	}
	if o.maxJobs > 0 {
		d.caps = append(d.caps, ledger.Cap{Name: "--max-jobs", Scope: ledger.ScopeBatch, Unit: ledger.Jobs, Micros: int64(o.maxJobs) * 1_000_000})
	}
	return d, nil
}

// asked is the request of a row: what the row says, before what the command
// line says, before what --from says.
func (d *desk) asked(row batch.Row) (request, error) {
	asked := request{query: d.base.query, images: d.base.images}
	asked.input.Flags = maps.Clone(d.base.input.Flags)
	asked.input.Sets = slices.Clone(d.base.input.Sets)
	asked.input.Base = d.base.input.Base
	if err := d.texts(row, asked.input.Flags); err != nil {
		return request{}, err
	}
	maps.Copy(asked.input.Flags, row.Flags)
	for _, name := range slices.Sorted(maps.Keys(row.Params)) {
		asked.input.Sets = append(asked.input.Sets, catalog.Set{Path: name, Value: row.Params[name]})
	}
	if row.Input != nil {
		asked.input.Base = maps.Clone(d.base.input.Base)
		if asked.input.Base == nil {
			asked.input.Base = map[string]any{}
		}
		maps.Copy(asked.input.Base, row.Input)
	}
	q := &asked.query
	q.Provider, q.Model = firstOf(row.Provider, q.Provider), firstOf(row.Model, q.Model)
	q.Kind = kling.Kind(firstOf(row.Kind, string(q.Kind)))
	q.HasImage = q.HasImage || len(asked.input.Flags["image"]) > 0 || len(asked.input.Flags["tail-image"]) > 0 ||
		(fromFile{input: asked.input.Base}).hasImage()
	if mode := asked.input.Flags["mode"]; len(mode) > 0 {
		q.Mode = mode[len(mode)-1]
	}
	if q.Kind != "" && !q.Kind.Valid() {
		return request{}, usageFault("read the row", fmt.Sprintf("%q is no kind; there are image-to-video and text-to-video", fault.SafeText(string(q.Kind))), "")
	}
	return asked, nil
}

// texts fills the placeholders of the prompts. The text beside an image is its
// prompt, unless --prompt says where it goes.
func (d *desk) texts(row batch.Row, flags map[string][]string) error {
	for _, name := range []string{"prompt", "negative-prompt"} {
		given := flags[name]
		if _, own := row.Flags[name]; own {
			continue
		}
		if name == "prompt" && row.Caption != "" && (len(given) == 0 || !strings.Contains(given[0], "{caption}")) {
			flags[name] = []string{row.Caption}
			continue
		}
		if len(given) == 0 {
			continue
		}
		text, err := row.Expand(given[len(given)-1])
		if err != nil {
			return err
		}
		flags[name] = []string{text}
	}
	return nil
}

// lane is the provider that a row goes to, "" where that cannot be told.
func (d *desk) lane(row batch.Row) string {
	asked, err := d.asked(row)
	if err != nil {
		return ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if name, known := d.lanes[asked.query]; known {
		return name
	}
	name := ""
	if model, err := d.app.choose(asked.query); err == nil {
		name = model.Provider
	}
	d.lanes[asked.query] = name
	return name
}

// defaultRoom is how many jobs may be in flight at a provider that documents no
// number.
const defaultRoom = 20

// room is how many jobs may be in flight at a provider.
func (d *desk) room(name string) int {
	if d.o.concurrency > 0 {
		return d.o.concurrency
	}
	if offers, err := d.app.catalog(); err == nil {
		if preset, known := offers.Preset(name); known && preset.Limits.InFlight > 0 {
			return preset.Limits.InFlight
		}
	}
	return defaultRoom
}

// order makes the order of a row.
func (d *desk) order(ctx context.Context, row batch.Row) (job.Order, func(), error) {
	images := &images{app: d.app, fix: d.o.request.fix}
	asked, err := d.asked(row)
	if err != nil {
		return job.Order{}, images.close, err
	}
	order, err := d.app.settle(ctx, asked, images, d.o.request.checkURL)
	if err != nil {
		return job.Order{}, images.close, err
	}
	if d.pace.Count > 0 {
		order.Pace.Count, order.Pace.Per = d.pace.Count, d.pace.Per
	}
	order.Pace.InFlight, order.Pace.Younger = d.room(order.Settings.Name), order.Settings.Poll.GiveUp
	order.AllowUnknownPrice = d.o.allowUnknown
	order.Budget = ledger.Budget{Day: d.app.today(), Caps: d.caps}
	order.Budget.Price, err = priceOf(order.Prepared)
	return order, images.close, err
}
