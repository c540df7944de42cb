//go:build unix

package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/klingctl/klingctl/internal/fetch"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/sandbox"
	"github.com/klingctl/klingctl/internal/view"
)

// outcome is what a trial left behind once reconcile and collect have run.
type outcome struct {
	group  string // the line of the table
	name   string
	offers map[string]killOffer // by prompt: every request of the trial
	killed int
	jobs   []view.Job
}

// settle does what a user does after a crash, and gives the ledger's rows.
func (h *killHome) settle(ctx context.Context) ([]view.Job, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if err := h.age(ctx); err != nil {
		return nil, err
	}
	if _, err := h.verb(ctx, []int{exitDone, exitUnknown}, "reconcile"); err != nil {
		return nil, err
	}
	for {
		if _, err := h.verb(ctx, []int{exitDone}, "collect", "-o", "out/"); err != nil {
			return nil, err
		}
		text, err := h.verb(ctx, []int{exitDone}, "jobs", "list", "--limit", "0", "--json")
		if err != nil {
			return nil, err
		}
		var jobs []view.Job
		if err := json.Unmarshal([]byte(text), &jobs); err != nil {
			return nil, fmt.Errorf("read jobs list: %w", err)
		}
		open := false
		for _, j := range jobs {
			open = open || j.State == string(kling.Queued) || j.State == string(kling.Running)
		}
		if !open {
			return jobs, h.wholeFiles(ctx, jobs)
		}
	}
}

// verb runs the plain program to its end.
func (h *killHome) verb(ctx context.Context, codes []int, args ...string) (string, error) {
	var out, errs bytes.Buffer
	command := h.command(ctx, append([]string{h.stage.binary}, args...))
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	for _, code := range codes {
		if err == nil && code == exitDone || err != nil && command.ProcessState.ExitCode() == code {
			return out.String(), nil
		}
	}
	return "", fmt.Errorf("klingctl %s: %w\n%s", strings.Join(args, " "), errors.Join(err, ctx.Err()), &errs)
}

// wholeFiles holds every file: what the ledger names is there and has its
// digest, and whatever else stands under a final name is whole as well.
func (h *killHome) wholeFiles(ctx context.Context, jobs []view.Job) error {
	known := map[string]bool{}
	for _, j := range jobs {
		if j.State != string(kling.Succeeded) {
			continue
		}
		if len(j.Artifacts) == 0 {
			return fmt.Errorf("job %s succeeded without a result", j.ID)
		}
		for _, a := range j.Artifacts {
			digest, size, err := fetch.Digest(ctx, a.Path)
			if err != nil {
				return fmt.Errorf("job %s: %w", j.ID, err)
			}
			if digest != a.SHA256 || size != a.Bytes {
				return fmt.Errorf("job %s: the file %q is not the one of the ledger (%d bytes, want %d)", j.ID, a.Path, size, a.Bytes)
			}
			known[a.SHA256] = true
		}
	}
	return filepath.WalkDir(h.work, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".mp4" {
			return err
		}
		digest, _, err := fetch.Digest(ctx, path)
		if err == nil && !known[digest] {
			err = fmt.Errorf("%s stands under a final name and is no result of the ledger", path)
		}
		return err
	})
}

// tally is a line of the table.
type tally struct {
	group                                                              string
	trials, kills, requests, creates, charged, known, unknown, refused int
	noRow, draft, files                                                int
}

// killBook collects outcomes from many goroutines.
type killBook struct {
	mu       sync.Mutex
	outcomes []outcome
}

func (b *killBook) add(o outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.outcomes = append(b.outcomes, o)
}

// bought is what the journal says of one request.
type bought struct {
	creates int
	tasks   []string
}

// judge compares every trial with the emulator's journal and prints the counts.
func (s *killStage) judge(t *testing.T, book *killBook) {
	t.Helper()
	truth, err := s.journal()
	if err != nil {
		t.Fatal(err)
	}
	var lines []*tally
	byGroup := map[string]*tally{}
	for _, o := range book.outcomes {
		line := byGroup[o.group]
		if line == nil {
			line = &tally{group: o.group}
			byGroup[o.group] = line
			lines = append(lines, line)
		}
		line.trials++
		line.kills += o.killed
		rows := map[string][]view.Job{}
		for _, j := range o.jobs {
			rows[j.Prompt] = append(rows[j.Prompt], j)
		}
		for prompt, offer := range o.offers {
			line.requests++
			if problem := line.count(offer, truth[prompt], rows[prompt]); problem != "" {
				t.Errorf("%s, %s: request %q: %s\nrows: %+v", o.group, o.name, prompt, problem, rows[prompt])
			}
		}
	}
	slices.SortFunc(lines, func(a, b *tally) int { return strings.Compare(a.group, b.group) })
	t.Log("\n" + table(lines))
}

// count judges one request; "" means that the promise was kept.
func (l *tally) count(offer killOffer, paid bought, rows []view.Job) string {
	l.creates += paid.creates
	l.charged += len(paid.tasks)
	if paid.creates > 1 || len(paid.tasks) > 1 {
		return fmt.Sprintf("%d creates and %d charges, want 1 at most", paid.creates, len(paid.tasks))
	}
	if len(rows) > 1 {
		return "several rows"
	}
	if len(rows) == 0 {
		l.noRow++
		if len(paid.tasks) > 0 {
			return "bought and lost: no row knows it"
		}
		return ""
	}
	row := rows[0]
	switch kling.State(row.State) {
	case kling.Draft:
		l.draft++
	case kling.Unknown:
		l.unknown++
		if offer.finds {
			return "left unknown, though the provider looks tasks up by our id"
		}
		return ""
	case kling.Refused:
		l.refused++
	case kling.Succeeded:
		l.known++
		l.files++
		if len(paid.tasks) == 1 && strings.HasSuffix(row.Ref, paid.tasks[0]) {
			return ""
		}
		return fmt.Sprintf("the row is %s, the journal says %v", row.Ref, paid.tasks)
	case kling.Submitting, kling.Queued, kling.Running, kling.Failed, kling.Lost:
		return "not settled: it is " + row.State
	}
	if len(paid.tasks) > 0 {
		return "bought and lost: the row is " + row.State
	}
	return ""
}

// journal reads what the emulator was asked to make, by prompt.
func (s *killStage) journal() (map[string]bought, error) {
	text, err := os.ReadFile(filepath.Join(s.served(), "journal.jsonl"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	truth := map[string]bought{}
	for line := range strings.Lines(string(text)) {
		var entry sandbox.Entry
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		if entry.Op != "create" || len(entry.Body) == 0 && !entry.Charged { // its sender died before the body was out
			continue
		}
		var body struct {
			Prompt string `json:"prompt"`
			Input  struct {
				Prompt string `json:"prompt"`
			} `json:"input"`
		}
		if err := json.Unmarshal(entry.Body, &body); err != nil {
			return nil, fmt.Errorf("read the create of %s: %w", entry.Provider, err)
		}
		prompt := firstOf(body.Prompt, body.Input.Prompt)
		have := truth[prompt]
		have.creates++
		if entry.Charged {
			have.tasks = append(have.tasks, entry.Task)
		}
		truth[prompt] = have
	}
	return truth, nil
}

func table(lines []*tally) string {
	var text strings.Builder
	columns := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(cells ...any) {
		for _, cell := range cells {
			_, _ = fmt.Fprintf(columns, "%v\t", cell)
		}
		_, _ = fmt.Fprintln(columns)
	}
	row("killed at", "trials", "kills", "requests", "creates", "charged", "known by id", "unknown", "refused", "draft", "no row", "whole files")
	total := tally{group: "all"}
	for _, l := range lines {
		row(l.group, l.trials, l.kills, l.requests, l.creates, l.charged, l.known, l.unknown, l.refused, l.draft, l.noRow, l.files)
		total.trials, total.kills, total.requests = total.trials+l.trials, total.kills+l.kills, total.requests+l.requests
		total.creates, total.charged, total.known = total.creates+l.creates, total.charged+l.charged, total.known+l.known
		total.unknown, total.refused, total.draft = total.unknown+l.unknown, total.refused+l.refused, total.draft+l.draft
		total.noRow, total.files = total.noRow+l.noRow, total.files+l.files
	}
	if l := total; len(lines) > 1 {
		row(l.group, l.trials, l.kills, l.requests, l.creates, l.charged, l.known, l.unknown, l.refused, l.draft, l.noRow, l.files)
	}
	_ = columns.Flush()
	return text.String()
}
