package cmd

import (
	"context"
	"errors"
	"strconv"

	"github.com/klingctl/klingctl/internal/batch"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

// batchRow is the record of a row.
func batchRow(id string, r batch.Result, problem *view.Problem) view.BatchRow {
	row := view.BatchRow{
		SchemaVersion: view.SchemaVersion, Key: r.Row.ID + "/" + r.Job.ID, Batch: id, Row: fault.SafeText(r.Row.ID), Line: r.Row.Line,
		Image: r.Row.Image(), Result: string(r.End), Charged: string(fault.NotCharged), Files: []string{},
		Seconds: took(r.Took), Error: problem,
	}
	if r.Job.ID == "" {
		return row
	}
	made := record(r.Job)
	row.Job, row.Charged = &made, made.Charged
	for _, artifact := range r.Job.Artifacts {
		if artifact.OnDisk() {
			row.Files = append(row.Files, artifact.Path)
		}
	}
	return row
}

// rowProblem is what is wrong with a row, nil where nothing is.
func (a *app) rowProblem(ctx context.Context, r batch.Result) *view.Problem {
	if !r.End.Trouble() && !unwatched(r) {
		return nil
	}
	err := r.Err
	if err == nil {
		err = notFinished(r.Job)
	}
	if r.Job.State == kling.Unknown && !fault.Is(err, fault.Ambiguous) {
		err = job.Unsettled(r.Job)
	}
	_, problem := a.problem(ctx, job.Outcome{Job: r.Job, Err: err})
	if problem != nil && r.End == batch.Failed {
		problem.Hint = "change what is wrong with the row, then run the same command with --retry-failed"
	}
	return problem
}

// unwatched reports a row whose job goes on at its provider, and could not be
// looked at any more though there was time.
func unwatched(r batch.Result) bool {
	return r.End == batch.Open && r.Err != nil && !fault.Is(r.Err, fault.Interrupted, fault.Deadline)
}

// row takes in how a row ended.
func (b *board) row(a *app, r batch.Result) {
	event := job.Event{Stage: job.Ended, Job: r.Job, Err: r.Err}
	if event.Job.ID == "" {
		event.Job.ID = r.Row.ID
	}
	switch r.End {
	case batch.Open, batch.Waiting:
		return
	case batch.Kept, batch.Changed:
		b.kept(a)
		return
	case batch.Done:
		event.Job.State, event.Err = kling.Succeeded, nil
	case batch.Failed, batch.Bad, batch.Unsaved, batch.Doubtful:
	}
	b.note(a, event)
}

// kept counts a row that had its video before: no news.
func (b *board) kept(a *app) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tally.Done++
	a.progress().Tally(b.tally)
}

// showBatch prints how a run went.
func (a *app) showBatch(ctx context.Context, run *batchRun, files *batchFiles, s batch.Summary) error {
	a.endMeter()
	stopped := s.Stopped
	if cut := interrupted(ctx, run.id, s); cut != nil {
		stopped = cut
	}
	shown := view.BatchRun{
		SchemaVersion: view.SchemaVersion, Batch: run.id, Sandbox: a.settings.Sandbox, Rows: s.Rows,
		Results: map[string]int{}, Bought: s.Bought, ResultsFile: files.resultsAt, ErrorsFile: files.errAt,
	}
	for _, end := range batch.Ends() {
		shown.Results[string(end)] = s.Ends[end]
	}
	code := exitDone
	if s.Trouble() > 0 || s.Ends[batch.Waiting] > 0 || s.Ends[batch.Open] > 0 {
		code = exitPartial
	}
	if stopped != nil {
		problem := a.faultOf(stopped)
		if code = a.codeOf(ctx, problem); errors.Is(stopped, batch.ErrFailures) {
			code = exitPartial
		}
		made := view.NewProblem(problem, kindWord(problem, code), nil)
		shown.Stopped = &made
		a.tell(problem, stopped)
	}
	if err := a.printBatchRun(shown, s); err != nil {
		return err
	}
	if trouble := s.Trouble(); trouble > 0 {
		a.term().Notice(batchCount(trouble, "row") + " without a video: see " + a.shown(files.errAt))
	}
	if n := s.Ends[batch.Changed]; n > 0 {
		a.term().Notice(batchCount(n, "row") + " changed since they were bought; --redo-changed buys them anew")
	}
	return endWith(code)
}

func (a *app) printBatchRun(shown view.BatchRun, s batch.Summary) error {
	switch {
	case a.answer.events:
		return nil
	case a.global.json:
		return a.printJSON(shown)
	}
	table := view.NewTable("RESULT", "ROWS", "MEANING")
	for _, end := range batch.Ends() {
		if s.Ends[end] > 0 {
			table.Add(string(end), strconv.Itoa(s.Ends[end]), endMeaning(end))
		}
	}
	return a.print(table.Lines(a.process.OutTTY, a.term().Columns())...)
}

// endMeaning is a result in words.
func endMeaning(end batch.End) string {
	switch end {
	case batch.Done:
		return "video saved by this run"
	case batch.Kept:
		return "video was there before"
	case batch.Changed:
		return "bought before, and changed since; left as it is"
	case batch.Open:
		return "bought, goes on at its provider"
	case batch.Waiting:
		return "not bought yet"
	case batch.Failed:
		return "failed or refused; --retry-failed orders it again"
	case batch.Bad:
		return "cannot be ordered as it is; nothing was sent"
	case batch.Unsaved:
		return "bought and made, its video could not be saved; run again"
	case batch.Doubtful:
		return "may have been bought; see errors.jsonl before ordering it again"
	}
	return ""
}

func batchCount(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
