package cmd

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/job"
	"github.com/klingctl/klingctl/internal/kling"
)

const (
	// execGrace is how long the command has to end by itself after a signal.
	execGrace = 500 * time.Millisecond
	// maxAside bounds a line of its output that is kept back, in bytes.
	maxAside = 64 << 10
)

// execAll runs the command for files of a job, one after the other, and gives
// the first failure.
func (a *app) execAll(ctx context.Context, c *command, j kling.Job, paths []string) error {
	var first error
	for _, path := range paths {
		code, err := a.execOne(ctx, c, j, path)
		a.stream.executed(j, path, code, err)
		if err != nil && first == nil {
			first = &fault.Error{
				Kind: fault.Local, Op: "run", Subject: fault.SafeText(c.words[0]), Charged: fault.Charged, Job: job.Name(j), Err: err,
				Detail: err.Error() + " (the video itself is whole: " + path + ")", Hint: "run it by hand on that file; nothing else was affected",
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	return first
}

// execOne runs the command for one file. Its output goes to standard error,
// because standard output is ours. When the context ends it gets the signal
// that ended it, and after a moment it is killed.
func (a *app) execOne(ctx context.Context, c *command, j kling.Job, path string) (exitCode int, err error) {
	arguments, err := c.arguments(j, path)
	if err != nil {
		return -1, err
	}
	child := exec.CommandContext(ctx, c.program, arguments...) //nolint:gosec // the user's own command
	child.Env = append(a.keyless(), "KLINGCTL_JOB="+job.Name(j), "KLINGCTL_PATH="+path)
	child.WaitDelay = execGrace
	child.Cancel = func() error {
		var signal os.Signal = syscall.SIGTERM
		if cause, ok := errors.AsType[signalled](context.Cause(ctx)); ok {
			signal = cause.signal
		}
		if err := child.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return child.Process.Kill() // a system without signals
		}
		return nil
	}
	out, flush := a.aside()
	defer flush()
	child.Stdout, child.Stderr = out, out
	err = child.Run()
	if errors.Is(err, exec.ErrWaitDelay) && child.ProcessState.Success() {
		err = nil // what it left in the background goes on without us
	}
	return child.ProcessState.ExitCode(), err
}

// lineSplitter hands on what is written to it line by line.
type lineSplitter struct {
	tell func(line string)
	rest []byte
}

// Write implements io.Writer.
func (l *lineSplitter) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole && len(line) < maxAside {
			return len(p), nil
		}
		l.tell(string(line))
		l.rest = append([]byte(nil), rest...)
	}
}

// flush hands on a last line without an end.
func (l *lineSplitter) flush() {
	if len(l.rest) > 0 {
		l.tell(string(l.rest))
		l.rest = nil
	}
}
