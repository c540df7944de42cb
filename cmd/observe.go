package cmd

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ui"
)

// observe turns what happens to jobs into what a person sees, and into what
// --events tells.
func (a *app) observe(event job.Event) {
	a.stream.observe(event)
	if event.Stage == job.Ended && a.ended != nil {
		a.ended(job.Outcome{Job: event.Job, Err: event.Err})
	}
	if !a.board.note(a, event) {
		a.observeOne(event)
	}
}

// observeOne shows the only job there is.
func (a *app) observeOne(event job.Event) {
	meter := a.progress()
	j := event.Job
	switch event.Stage {
	case job.Hosting:
		meter.State("uploading "+filepath.Base(event.Path), a.process.Now(), 0, 0)
	case job.Submitting:
		meter.State("submitting to "+j.Ref.Provider, a.process.Now(), 0, 0)
	case job.Moved:
		if j.State.Terminal() {
			event.Usual.Low, event.Usual.High = 0, 0
		}
		if text := stateText(j); text != "" {
			meter.State(text, j.SubmittedAt, event.Usual.Low, event.Usual.High)
		}
	case job.Saving:
		meter.Bytes(a.shown(event.Path), event.Done, event.Total)
	case job.Saved:
		meter.Line(fmt.Sprintf("saved %s (%s)", a.shown(event.Path), ui.Size(event.Done)))
	case job.Notice:
		a.say(event.Text)
	case job.Ended: // its last state was shown
	}
}

// stateText names a state for people; "" for states that errors tell.
func stateText(j kling.Job) string {
	switch j.State {
	case kling.Queued, kling.Running:
		text := job.Name(j) + " " + string(j.State) + " at " + j.Ref.Provider
		if j.Word != "" && !strings.EqualFold(j.Word, string(j.State)) {
			text += " (" + fault.SafeText(j.Word) + ")"
		}
		return text
	case kling.Succeeded:
		return job.Name(j) + " succeeded"
	case kling.Failed:
		return job.Name(j) + " failed: " + fault.SafeText(firstOf(j.Message, j.Code, "no reason given"))
	case kling.Draft, kling.Submitting, kling.Unknown, kling.Refused, kling.Lost:
	}
	return ""
}

// notice tells something that concerns no job, or nobody knows which.
func (a *app) notice(text string) {
	a.stream.notice(text)
	a.say(text)
}

// say shows a text, above a bar where there is one.
func (a *app) say(text string) {
	a.meterLock.Lock()
	meter := a.meter
	a.meterLock.Unlock()
	if meter != nil {
		meter.Line(text)
		return
	}
	a.term().Notice(text)
}

// progress is the meter of this command, begun when there is something to
// show.
func (a *app) progress() ui.Meter {
	a.meterLock.Lock()
	defer a.meterLock.Unlock()
	if a.meter == nil {
		a.meter = ui.NewMeter(a.screen(), a.process.Now)
	}
	return a.meter
}

// screen is the terminal without a bar where lines of --events would run into
// it.
func (a *app) screen() ui.Terminal {
	terminal := a.term()
	terminal.Draw = terminal.Draw && (a.stream == nil || !a.process.OutTTY)
	return terminal
}

// aside is where another program's output goes while we may be drawing, and
// what is to be done when it has ended.
func (a *app) aside() (out io.Writer, flush func()) {
	if !a.screen().Draw {
		return a.process.Err, func() {}
	}
	lines := &lineSplitter{tell: a.progress().Line}
	return lines, lines.flush
}

// endMeter takes the meter away, so that data and errors start on a clean
// line.
func (a *app) endMeter() {
	a.meterLock.Lock()
	defer a.meterLock.Unlock()
	if a.meter != nil {
		a.meter.Close()
		a.meter = nil
	}
}

// shown is a path as people type it: relative below the working folder, else
// absolute.
func (a *app) shown(path string) string {
	relative, err := filepath.Rel(a.process.Folder, path)
	if a.process.Folder == "" || err != nil || strings.HasPrefix(relative, "..") {
		return path
	}
	return relative
}
