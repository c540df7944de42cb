//go:build unix

package cmd

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A command that hangs is given up, with what it left running, and so is one
// that a signal interrupts.
func TestAKeyCommandThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	a := newApp(Process{OS: "linux"})
	for _, command := range []string{"sleep 30", `sh -c "sleep 30 & sleep 30"`} {
		begun := time.Now()
		if _, err := a.printedWithin(t.Context(), command, 50*time.Millisecond); !errors.Is(err, errKeyTooSlow) {
			t.Errorf("%s: %v, want errKeyTooSlow", command, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, err := a.printedWithin(ctx, command, time.Minute); !errors.Is(err, errNotRun) {
			t.Errorf("%s: %v, want errNotRun", command, err)
		}
		cancel()
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("%s took %s", command, took)
		}
	}
}
