package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/view"
)

// reportOptions are the flags of report.
type reportOptions struct {
	batch, provider, output, title string
	since                          time.Duration
	limit                          int
	force                          bool
}

func newReport(app *app) *cobra.Command {
	o := &reportOptions{}
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write a page of players for the videos that were made",
		Long: `Write one HTML page with a player, the prompt, model, cost, time, state and
error of each job, to be searched, filtered and sorted. It needs no network and
no server: open it from the disk. Clips are linked relative to the page, so that
both can be moved together.`,
		Example: `  klingctl report -o report.html
  klingctl report --batch spring-collection -o out/report.html`,
		GroupID: groupJobs,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return app.report(cmd.Context(), o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.batch, "batch", "", "only jobs of this batch `id`")
	flags.StringVar(&o.provider, "provider", "", "only jobs of this `name`")
	flags.DurationVar(&o.since, "since", 0, "only jobs submitted within this `time`, such as 48h")
	flags.IntVar(&o.limit, "limit", reportJobs, "at most this many, the newest; 0 for all")
	flags.StringVarP(&o.output, "output", "o", "report.html", "write the page to this `file`")
	flags.StringVar(&o.title, "title", "", "`text` above the page")
	flags.BoolVar(&o.force, "force", false, "replace a file that is no report")
	_ = cmd.RegisterFlagCompletionFunc("batch", app.completeBatches)
	return cmd
}

// reportJobs is how many jobs a page holds unless told otherwise: browsers keep
// up with that.
const reportJobs = 1000

func (a *app) report(ctx context.Context, o *reportOptions) error {
	store, err := a.ledger(ctx)
	if err != nil {
		return err
	}
	target, err := filepath.Abs(o.output)
	if err == nil {
		err = replaceable(target, o.force)
	}
	if err != nil {
		return err
	}
	if o.batch != "" {
		if _, err := store.Batch(ctx, o.batch); err != nil {
			return err
		}
	}
	filter := ledger.Filter{Provider: o.provider, Batch: o.batch, Limit: o.limit}
	if o.since > 0 {
		filter.Since = a.process.Now().Add(-o.since)
	}
	page := view.Report{Title: o.title, Made: a.process.Now(), Folder: filepath.Dir(target)}
	if page.Title == "" {
		page.Title = firstOf(o.batch, "Videos")
	}
	err = store.Each(ctx, filter, func(j kling.Job) error {
		page.Jobs = append(page.Jobs, record(j))
		return nil
	})
	if err != nil {
		return err
	}
	if len(page.Jobs) == 0 {
		return usageFault("write the report", "there are no jobs to show", "klingctl jobs list shows what is remembered")
	}
	var text bytes.Buffer
	if err := page.Render(&text); err != nil {
		return &fault.Error{Kind: fault.Internal, Op: "make the report", Err: err}
	}
	if err := replace(target, text.Bytes()); err != nil {
		return &fault.Error{Kind: fault.Local, Op: "write the report", Subject: target, Err: err}
	}
	if a.global.json {
		return a.printJSON(view.ReportFile{SchemaVersion: view.SchemaVersion, Path: target, Jobs: len(page.Jobs)})
	}
	return a.print(a.shown(target))
}

// replaceable refuses to write over what is no report.
func replaceable(path string, force bool) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && force {
		_ = file.Close()
		return nil
	}
	if err != nil {
		return &fault.Error{Kind: fault.Local, Op: "write the report", Subject: path, Err: err}
	}
	defer func() { _ = file.Close() }()
	start, _ := io.ReadAll(io.LimitReader(file, 1<<10))
	if bytes.Contains(start, []byte(view.ReportMark)) {
		return nil
	}
	return usageFault("write the report", fmt.Sprintf("%s exists and is no report", path), "choose another name, or replace it with --force")
}

// replace puts a whole file in the place of another.
func replace(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a folder of the user's
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(path), ".klingctl-report-*")
	if err != nil {
		return err
	}
	_, err = draft.Write(content)
	err = errors.Join(err, draft.Chmod(0o644), draft.Close())
	if err == nil {
		err = os.Rename(draft.Name(), path)
	}
	if err != nil {
		_ = os.Remove(draft.Name())
	}
	return err
}
