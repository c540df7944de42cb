package cmd

import (
	"context"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

// progressPace is the least pause between two news of one file.
const progressPace = time.Second

// stream tells what happens as lines of JSON on standard output, --events. A
// nil stream tells nothing.
type stream struct {
	lines *eventLines
	now   func() time.Time

	mu sync.Mutex
	// seen is how each job stood when it was last told, by name.
	seen map[string]seenJob
	// news is when progress of a file was last told, by path.
	news  map[string]time.Time
	files int
}

// seenJob is what a change is told by.
type seenJob struct {
	state kling.State
	word  string
}

// openStream begins --events; ctx ends with a signal.
func (a *app) openStream(ctx context.Context) {
	if a.answer.events && a.stream == nil {
		a.stream = &stream{
			lines: newEventLines(ctx, a.process.Out), now: a.process.Now,
			seen: map[string]seenJob{}, news: map[string]time.Time{},
		}
	}
}

// observe tells an event of the rooms below.
func (s *stream) observe(event job.Event) {
	if s == nil {
		return
	}
	about := view.NewEventJob(event.Job)
	switch event.Stage {
	case job.Hosting:
		s.tell(view.JobEvent{EventHead: s.head(view.EventHosting), Job: about, Path: event.Path})
	case job.Submitting:
		s.tell(view.JobEvent{EventHead: s.head(view.EventSubmitting), Job: about})
	case job.Moved:
		if s.moved(event.Job) {
			s.tell(view.JobEvent{EventHead: s.head(view.EventState), Job: about, Usual: usualSpan(event)})
		}
	case job.Saving:
		if s.due(event.Path) {
			file := view.EventFile{Path: event.Path, Bytes: event.Done, Total: max(0, event.Total)}
			s.tell(view.FileEvent{EventHead: s.head(view.EventProgress), Job: about, File: file})
		}
	case job.Saved:
		s.saved(event)
	case job.Notice:
		s.tell(view.NoticeEvent{EventHead: s.head(view.EventNotice), Job: &about, Text: fault.SafeText(event.Text)})
	case job.Ended: // is told with what the verb makes of it
	}
}

func usualSpan(event job.Event) *view.Span {
	if event.Usual.High <= 0 || event.Job.State.Terminal() {
		return nil
	}
	return &view.Span{Low: event.Usual.Low.Seconds(), High: event.Usual.High.Seconds()}
}

// moved reports whether a job stands differently from what was told last.
func (s *stream) moved(j kling.Job) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, is := s.seen[job.Name(j)], seenJob{state: j.State, word: j.Word}
	s.seen[job.Name(j)] = is
	return is != was
}

// due reports whether it is time for news of a file.
func (s *stream) due(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if last, told := s.news[path]; told && now.Sub(last) < progressPace {
		return false
	}
	s.news[path] = now
	return true
}

func (s *stream) saved(event job.Event) {
	s.mu.Lock()
	delete(s.news, event.Path)
	s.files++
	s.mu.Unlock()
	file := view.EventFile{Path: event.Path, Bytes: event.Done, Total: event.Done}
	for _, artifact := range event.Job.Artifacts {
		if artifact.Path == event.Path {
			file.SHA256 = artifact.SHA256
		}
	}
	s.tell(view.FileEvent{EventHead: s.head(view.EventSaved), Job: view.NewEventJob(event.Job), File: file})
}

// executed tells how the command ended for a file.
func (s *stream) executed(j kling.Job, path string, code int, err error) {
	if s == nil {
		return
	}
	record := view.ExecEvent{EventHead: s.head(view.EventExec), Job: view.NewEventJob(j), Path: path, ExitCode: code}
	if err != nil {
		record.Error = fault.SafeText(err.Error())
	}
	s.tell(record)
}

// notice tells something that concerns no job.
func (s *stream) notice(text string) {
	if s != nil {
		s.tell(view.NoticeEvent{EventHead: s.head(view.EventNotice), Text: fault.SafeText(text)})
	}
}

// submitted tells that a job was bought.
func (s *stream) submitted(j kling.Job) {
	if s != nil {
		s.moved(j)
		s.tell(view.RecordEvent{EventHead: s.head(view.EventSubmitted), Job: record(j)})
	}
}

// ended tells that nothing more will be done about a job.
func (s *stream) ended(j kling.Job, problem *view.Problem) {
	if s == nil {
		return
	}
	s.moved(j)
	whole := record(j)
	whole.Error = problem
	s.tell(view.RecordEvent{EventHead: s.head(view.EventEnded), Job: whole})
}

// close tells the error of the command, if there is one, and how it ended; it
// gives back why the lines could not be written.
func (s *stream) close(problem *view.Problem, code int) error {
	if problem != nil {
		s.tell(view.ErrorEvent{EventHead: s.head(view.EventError), Error: *problem})
	}
	s.mu.Lock()
	summary := view.SummaryEvent{EventHead: s.head(view.EventSummary), ExitCode: code, Files: s.files}
	for _, seen := range s.seen {
		summary.Jobs.Add(seen.state)
	}
	s.mu.Unlock()
	s.tell(summary)
	return s.lines.close()
}

func (s *stream) head(kind string) view.EventHead { return view.NewEventHead(s.now(), kind) }

func (s *stream) tell(record any) {
	if line, err := view.EventLine(record); err == nil {
		s.lines.add(line)
	}
}

// bound is a context that also ends when nobody reads the lines any more.
func (s *stream) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if s == nil {
		return ctx, cancel
	}
	go func() {
		select {
		case <-s.lines.broken:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// failed is why lines could not be written.
func (s *stream) failed() error {
	if s == nil {
		return nil
	}
	return s.lines.failed()
}
