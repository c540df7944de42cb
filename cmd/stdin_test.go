package cmd

import (
	"context"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// silentInput is standard input on which nobody types; it tells when somebody
// begins to read.
type silentInput struct {
	once  sync.Once
	asked chan struct{}
	never chan struct{}
}

func (s *silentInput) Read([]byte) (int, error) {
	s.once.Do(func() { close(s.asked) })
	<-s.never
	return 0, io.EOF
}

// A signal ends a command that waits for standard input.
func TestSignalWhileReading(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"submit", "--sandbox", "-p", "-"},
		{"submit", "--sandbox", "-i", "-", "-p", "x"},
		{"submit", "--sandbox", "--from", "-"},
		{"wait", "--sandbox", "-"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			input := &silentInput{asked: make(chan struct{}), never: make(chan struct{})}
			t.Cleanup(func() { close(input.never) })
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			var stdout, stderr strings.Builder
			code := make(chan int, 1)
			go func() {
				code <- Run(ctx, Process{
					Args: args, Environ: quickEnviron(t.TempDir()), Folder: t.TempDir(), OS: "linux",
					In: input, Out: &stdout, Err: &stderr, Width: func() int { return 80 }, Now: time.Now, Version: testVersion,
				})
			}()
			<-input.asked
			cancel(signalled{signal: os.Interrupt})
			select {
			case got := <-code:
				if got != exitInterrupted {
					t.Errorf("exit code %d, want %d\n%s", got, exitInterrupted, &stderr)
				}
				if stdout.Len() > 0 {
					t.Errorf("standard output holds %q", &stdout)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("it still waits for standard input")
			}
		})
	}
}
