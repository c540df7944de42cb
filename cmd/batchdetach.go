package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// detached is what a worker must know of a batch, as the ledger keeps it. It
// holds no key: each worker has its own.
type detached struct {
	Provider     string              `json:"provider,omitempty"`
	Model        string              `json:"model,omitempty"`
	Kind         string              `json:"kind,omitempty"`
	Mode         string              `json:"mode,omitempty"`
	HasImage     bool                `json:"has_image,omitempty"`
	Flags        map[string][]string `json:"flags,omitempty"`
	Sets         []catalog.Set       `json:"sets,omitempty"`
	Input        map[string]any      `json:"input,omitempty"`
	Fix          bool                `json:"fix,omitempty"`
	CheckURL     bool                `json:"check_url,omitempty"`
	Rate         string              `json:"rate,omitempty"`
	Concurrency  int                 `json:"concurrency,omitempty"`
	Caps         []ledger.Cap        `json:"caps,omitempty"`
	AllowUnknown bool                `json:"allow_unknown_price,omitempty"`
	MaxFailures  int                 `json:"max_failures,omitempty"`
	Until        time.Time           `json:"until,omitzero"`
	Output       string              `json:"output"`
	Force        bool                `json:"force,omitempty"`
	Sidecar      bool                `json:"sidecar,omitempty"`
}

// detach takes down what the desk of a batch knows.
func (a *app) detach(run *batchRun, until time.Time) ([]byte, error) {
	o, base := run.o, run.desk.base
	d := detached{
		Provider: base.query.Provider, Model: base.query.Model, Kind: string(base.query.Kind), Mode: base.query.Mode,
		HasImage: base.query.HasImage, Flags: map[string][]string{}, Sets: base.input.Sets, Input: base.input.Base,
		Fix: o.request.fix, CheckURL: o.request.checkURL,
		Rate: o.rate, Concurrency: o.concurrency, Caps: run.desk.caps, AllowUnknown: o.allowUnknown,
		MaxFailures: o.maxFailures, Until: until, Output: run.absolute, Force: o.force, Sidecar: o.sidecar,
	}
	for name, values := range base.input.Flags {
		d.Flags[name] = values
		if name == "image" || name == "tail-image" || name == "static-mask" {
			d.Flags[name] = a.rooted(values)
		}
	}
	text, err := json.Marshal(d)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Internal, Op: "describe the batch", Err: err}
	}
	return text, nil
}

// rooted are files as other processes find them.
func (a *app) rooted(values []string) []string {
	rooted := make([]string, len(values))
	for i, value := range values {
		rooted[i] = value
		if !strings.Contains(value, "://") && !strings.HasPrefix(value, "data:") && !filepath.IsAbs(value) {
			rooted[i] = filepath.Join(a.process.Folder, value)
		}
	}
	return rooted
}

// deskFor is the desk of a batch that somebody detached, in this process; the
// zero Desk for a batch that nobody did.
func (a *app) deskFor(id string, options []byte) (batch.Desk, error) {
	if options == nil {
		return batch.Desk{}, nil
	}
	var d detached
	decoder := json.NewDecoder(bytes.NewReader(options))
	decoder.UseNumber()
	if err := decoder.Decode(&d); err != nil {
		return batch.Desk{}, &fault.Error{Kind: fault.Local, Op: "read the options of batch", Subject: id, Charged: fault.NotCharged, Err: err}
	}
	pace, err := parseRate(d.Rate)
	if err != nil {
		return batch.Desk{}, err
	}
	output, err := job.ParseOutput(d.Output)
	if err != nil {
		return batch.Desk{}, err
	}
	output.Force = d.Force
	desk := &desk{
		app: a, pace: pace, caps: d.Caps, lanes: map[catalog.Query]string{},
		o: &batchOptions{request: requestOptions{fix: d.Fix, checkURL: d.CheckURL}, concurrency: d.Concurrency, allowUnknown: d.AllowUnknown},
		base: request{
			query: catalog.Query{Provider: d.Provider, Model: d.Model, Kind: kling.Kind(d.Kind), Mode: d.Mode, HasImage: d.HasImage},
			input: catalog.Input{Flags: d.Flags, Sets: d.Sets, Base: d.Input},
		},
	}
	if desk.base.input.Flags == nil {
		desk.base.input.Flags = map[string][]string{}
	}
	made := batch.Desk{Order: desk.order, Output: output, MaxFailures: d.MaxFailures, Until: d.Until}
	if d.Sidecar {
		made.Saved = func(_ context.Context, j kling.Job) error { return a.leaveSidecars(j, d.Force) }
	}
	return made, nil
}

// queue opens the rows that wait for workers, beside the ledger.
func (a *app) queue(ctx context.Context, migrate bool) (*batch.Queue, error) {
	if a.settings.Sandbox || !ledger.IsURL(a.settings.Ledger) {
		return nil, usageFault("reach the workers", "the ledger is not in a database that they share",
			"set ledger: postgres://USER@HOST/DATABASE in the configuration, or KLINGCTL_LEDGER; docs/several-machines.md")
	}
	return batch.OpenQueue(ctx, a.settings.Ledger, migrate)
}

// detachable refuses what workers cannot do.
func (o *batchOptions) detachable() error {
	switch {
	case !o.asked():
		return usageFault("leave the batch to workers", "nothing says where they put the videos", "add -o with a folder that all machines share")
	case o.flags.Changed("exec"):
		return usageFault("leave the batch to workers", "--exec runs beside batch run only", "leave it out")
	case o.shard != "":
		return usageFault("leave the batch to workers", "--shard is for machines without a database between them", "leave it out: workers share the rows")
	case o.interval != 0:
		return usageFault("leave the batch to workers", "they look at their own pace", "leave --poll-interval out, or set poll_interval where the workers are")
	}
	return nil
}

// detachBatch puts the rows of a batch into the queue.
func (a *app) detachBatch(ctx context.Context, service *job.Service, run *batchRun, until time.Time) error {
	queue, err := a.queue(ctx, false)
	if err != nil {
		return err
	}
	defer queue.Close()
	// A worker that does not find the folder there knows that it is not the
	// one that is meant.
	if folder := run.output.Folder(); folder != "" {
		if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // stands for the user's videos
			return &fault.Error{Kind: fault.Local, Op: "make the folder", Subject: folder, Charged: fault.NotCharged, Err: err}
		}
	}
	options, err := a.detach(run, until)
	if err != nil {
		return err
	}
	err = service.Ledger.BeginBatch(ctx, ledger.Batch{
		ID: run.id, Source: run.source, Output: run.absolute, Rows: len(run.rows), Options: options,
	}, a.process.Now())
	if err != nil {
		return err
	}
	sum, err := queue.Add(ctx, service, batch.Options{
		ID: run.id, Rows: run.rows, Order: run.desk.order, Lane: run.desk.lane, Room: run.desk.room,
		RetryFailed: run.o.retryFailed, RedoChanged: run.o.redoChanged,
	})
	if err != nil {
		return err
	}
	if sum.There > 0 {
		a.notice(batchCount(sum.There, "row") + " in the queue already")
	}
	a.notice(fmt.Sprintf("%s queued, %s need nothing; klingctl worker works on them, klingctl batch wait %s waits for them",
		batchCount(sum.Added, "row"), strconv.Itoa(sum.Over), run.id))
	if !a.global.json {
		return a.print(run.id)
	}
	begun, err := service.Ledger.Batch(ctx, run.id)
	if err != nil {
		return err
	}
	shown, err := a.batchRecord(ctx, service.Ledger, begun)
	if err != nil {
		return err
	}
	return a.printJSON(shown)
}
