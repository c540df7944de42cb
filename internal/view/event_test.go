package view_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

// eventRecords has a line of each kind, and the bare ones.
func eventRecords() map[string]any {
	head := func(kind string) view.EventHead { return view.NewEventHead(at(0), kind) }
	about := view.NewEventJob(fullJob())
	odd := view.NewEventJob(kling.Job{Ref: kling.Ref{Provider: "kie", Task: "t1"}, State: kling.Running, Word: "cook\x1b[2J\ning"})
	problem := view.NewProblem(&fault.Error{Kind: fault.Usage, Op: "read", Subject: "flags"}, "usage", nil)
	var counts view.EventCounts
	for _, state := range kling.States() {
		counts.Add(state)
	}
	return map[string]any{
		"event_hosting":       view.JobEvent{EventHead: head(view.EventHosting), Job: about, Path: "/in/a.png"},
		"event_submitting":    view.JobEvent{EventHead: head(view.EventSubmitting), Job: about},
		"event_submitted":     view.RecordEvent{EventHead: head(view.EventSubmitted), Job: view.NewJob(fullJob(), fault.Charged)},
		"event_state":         view.JobEvent{EventHead: head(view.EventState), Job: odd, Usual: &view.Span{Low: 60, High: 240}},
		"event_progress":      view.FileEvent{EventHead: head(view.EventProgress), Job: about, File: view.EventFile{Path: "/out/a.mp4", Bytes: 1 << 40, Total: 1 << 41}},
		"event_progress_bare": view.FileEvent{EventHead: head(view.EventProgress), Job: about, File: view.EventFile{Path: "/out/a.mp4"}},
		"event_saved":         view.FileEvent{EventHead: head(view.EventSaved), Job: about, File: view.EventFile{Path: "/out/a.mp4", Bytes: 9, Total: 9, SHA256: strings.Repeat("ab", 32)}},
		"event_exec":          view.ExecEvent{EventHead: head(view.EventExec), Job: about, Path: "/out/a.mp4"},
		"event_exec_failed":   view.ExecEvent{EventHead: head(view.EventExec), Job: about, Path: "/out/a.mp4", ExitCode: 3, Error: "exit status 3"},
		"event_notice":        view.NoticeEvent{EventHead: head(view.EventNotice), Job: &odd, Text: "the provider is slow"},
		"event_notice_bare":   view.NoticeEvent{EventHead: head(view.EventNotice), Text: "the provider is slow"},
		"event_ended":         view.RecordEvent{EventHead: head(view.EventEnded), Job: view.NewJob(kling.Job{ID: "0000abcdefgh", Ref: kling.Ref{Provider: "kie"}, State: kling.Refused}, fault.NotCharged)},
		"event_error":         view.ErrorEvent{EventHead: head(view.EventError), Error: problem},
		"event_summary":       view.SummaryEvent{EventHead: head(view.EventSummary), ExitCode: 6, Jobs: counts, Files: 4},
		"event_summary_bare":  view.SummaryEvent{EventHead: head(view.EventSummary)},
	}
}

// TestAnEventIsOneLine: whatever a server or a person wrote into it.
func TestAnEventIsOneLine(t *testing.T) {
	t.Parallel()
	hostile := "a\nb\rc\x1b[2J\u0085\u2028\u2029\u202e\x00\xff<&>"
	job := fullJob()
	job.Word, job.Message, job.Prompt, job.Artifacts[0].URL = hostile, hostile, hostile, hostile
	for name, record := range map[string]any{
		"record": view.RecordEvent{EventHead: view.NewEventHead(at(0), view.EventEnded), Job: view.NewJob(job, fault.Charged)},
		"notice": view.NoticeEvent{EventHead: view.NewEventHead(at(0), view.EventNotice), Text: hostile},
		"file":   view.FileEvent{EventHead: view.NewEventHead(at(0), view.EventSaved), Job: view.NewEventJob(job), File: view.EventFile{Path: hostile}},
	} {
		line, err := view.EventLine(record)
		if err != nil {
			t.Fatal(err)
		}
		if body, ok := bytes.CutSuffix(line, []byte("\n")); !ok || bytes.ContainsFunc(body, func(r rune) bool {
			return r < 0x20 || r >= 0x7f && r <= 0x9f || r == '\u2028' || r == '\u2029' || r == '\u202e'
		}) {
			t.Errorf("%s is not one inert line: %q", name, line)
		}
		if !json.Valid(line) || bytes.Contains(line, []byte(`\u003c`)) {
			t.Errorf("%s is no JSON, or escapes what it need not: %s", name, line)
		}
	}
}

// TestEveryStateIsCounted: none is missing from a summary.
func TestEveryStateIsCounted(t *testing.T) {
	t.Parallel()
	for _, state := range kling.States() {
		var counts view.EventCounts
		counts.Add(state)
		if sum := counts.Succeeded + counts.Failed + counts.Open + counts.Unknown + counts.Refused; counts.Total != 1 || sum != 1 {
			t.Errorf("a job that is %s counts %d times of %d", state, sum, counts.Total)
		}
	}
}
