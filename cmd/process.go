// Package cmd is the command line: one file a verb, and the only place that
// wires the rooms together. Cobra lives here only.
//
// A verb parses flags into an options struct, calls one room, and shows what
// comes back. It must not know vendors, SQL, or how a byte is fetched.
package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/klingctl/klingctl/internal/ui"
)

// Process is what the program is told about the process it runs in.
type Process struct {
	Args     []string
	Environ  []string
	Folder   string
	In       io.Reader
	Out, Err io.Writer
	// InTTY, OutTTY and ErrTTY say which streams are terminals; Width asks
	// for the columns of the error stream.
	InTTY, OutTTY, ErrTTY bool
	// Dumb says that Err's terminal obeys no escape codes, whatever TERM is.
	Dumb    bool
	Width   func() int
	Now     func() time.Time
	OS      string
	Version string
}

// Main runs the program in the real process and returns its exit code.
func Main(version string) int {
	ctx, stop := signals(context.Background())
	defer stop()
	folder, err := os.Getwd()
	if err != nil {
		folder = ""
	}
	return Run(ctx, Process{
		Args: os.Args[1:], Environ: os.Environ(), Folder: folder,
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTTY: isTTY(os.Stdin), OutTTY: isTTY(os.Stdout), ErrTTY: isTTY(os.Stderr),
		Dumb:  !ui.Escapes(os.Stderr),
		Width: func() int { return columns(os.Stderr) },
		Now:   time.Now, OS: runtime.GOOS, Version: stamped(version),
	})
}

// signalled is the cause of a context that a signal ended.
type signalled struct{ signal os.Signal }

func (s signalled) Error() string { return "received " + s.signal.String() }

// signals gives a context that the first SIGINT or SIGTERM cancels, with the
// signal as its cause. The second one ends the process at once, because by
// then nobody listens any more.
func signals(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case s := <-caught:
			signal.Stop(caught)
			cancel(signalled{signal: s})
		case <-done:
		}
	}()
	return ctx, func() {
		close(done)
		signal.Stop(caught)
		cancel(nil)
	}
}

// signalCode is the exit code of a command that a signal ended: 130 or 143.
func signalCode(ctx context.Context) (int, bool) {
	if s, ok := errors.AsType[signalled](context.Cause(ctx)); ok {
		if s.signal == syscall.SIGTERM {
			return exitTerminated, true
		}
		return exitInterrupted, true
	}
	return 0, false
}

// interruptible is a reader whose reads end with the context. A process that
// waits for somebody to type would hear no signal otherwise.
func interruptible(ctx context.Context, in io.Reader) io.Reader {
	return readFunc(func(p []byte) (int, error) {
		type result struct {
			n   int
			err error
		}
		own := make([]byte, len(p)) // the read may outlive this call
		done := make(chan result, 1)
		go func() {
			n, err := in.Read(own)
			done <- result{n, err}
		}()
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case got := <-done:
			return copy(p, own[:got.n]), got.err
		}
	})
}

type readFunc func(p []byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func isTTY(file *os.File) bool { return term.IsTerminal(int(file.Fd())) }

func columns(file *os.File) int {
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}

// stamped prefers the version of a release build to what the module system
// knows.
func stamped(version string) string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
