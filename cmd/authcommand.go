package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

const (
	// keyPatience is how long api_key_cmd may take; errKeyTooSlow says it.
	keyPatience = 10 * time.Second
	// maxPrinted bounds what is read of its output, in bytes.
	maxPrinted = 16 << 10
)

var (
	errNoCommand    = errors.New("the command is empty")
	errPrintsNone   = errors.New("the command printed nothing on standard output")
	errPrintsMuch   = errors.New("the command printed more than a key")
	errKeyTooSlow   = errors.New("the command did not end within 10 s")
	errDotProgram   = errors.New("the program is only found in the working folder; write its whole path")
	errNotRun       = errors.New("the command was interrupted")
	errKeyMentioned = errors.New("it told the key")
)

// printedKey runs an api_key_cmd and gives what it printed.
func (a *app) printedKey(ctx context.Context, command string) (string, error) {
	return a.printedWithin(ctx, command, keyPatience)
}

// printedWithin runs a command without a shell, with an empty standard input
// and no provider's key in its environment, and gives what it printed.
func (a *app) printedWithin(ctx context.Context, command string, patience time.Duration) (string, error) {
	words, err := splitWords(command)
	if err != nil {
		return "", err
	}
	if len(words) == 0 {
		return "", errNoCommand
	}
	program, err := exec.LookPath(words[0])
	if errors.Is(err, exec.ErrDot) {
		return "", errDotProgram
	}
	if err != nil {
		return "", err
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	child := exec.CommandContext(limited, program, words[1:]...) //nolint:gosec // the user's own command
	child.Env = append([]string{}, a.keyless()...)               // nil would be our own
	child.WaitDelay = execGrace
	stdout, stderr := &capped{limit: maxPrinted}, &capped{limit: maxPrinted}
	child.Stdout, child.Stderr = stdout, stderr
	err = child.Run()
	if errors.Is(err, exec.ErrWaitDelay) && child.ProcessState.Success() {
		err = nil // what it left in the background does not concern us
	}
	printed := strings.TrimSpace(stdout.text.String())
	switch {
	case ctx.Err() != nil:
		return "", errNotRun
	case limited.Err() != nil:
		return "", errKeyTooSlow
	case err != nil:
		return "", complaint(words[0], err, stderr.text.String(), printed)
	case stdout.over:
		return "", errPrintsMuch
	case printed == "":
		return "", errPrintsNone
	}
	return stdout.text.String(), nil
}

// complaint is what a command that failed said, unless it said the key.
func complaint(program string, err error, said, printed string) error {
	failed := fmt.Errorf("%s: %w", fault.SafeText(program), err)
	said = strings.TrimSpace(said)
	if said == "" {
		return failed
	}
	for word := range strings.FieldsSeq(printed) {
		if strings.Contains(said, word) {
			return fmt.Errorf("%w; what it said is not shown: %w", failed, errKeyMentioned)
		}
	}
	return fmt.Errorf("%w: %s", failed, fault.SafeText(said))
}

// capped keeps the beginning of what is written to it.
type capped struct {
	text  bytes.Buffer
	limit int
	over  bool
}

// Write implements io.Writer.
func (c *capped) Write(p []byte) (int, error) {
	room := c.limit - c.text.Len()
	c.over = c.over || len(p) > room
	c.text.Write(p[:min(len(p), room)])
	return len(p), nil
}
