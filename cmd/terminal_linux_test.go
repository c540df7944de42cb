package cmd

import (
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// On a terminal a bar moves on standard error while standard output, which is
// a pipe, holds the path and nothing else.
func TestBarOnTerminal(t *testing.T) {
	t.Parallel()
	colour := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	redrawn := regexp.MustCompile(`\r|\x1b\[[0-9]*[AKG]`)
	for _, test := range []struct {
		name          string
		args, environ []string
		bar, coloured bool
	}{
		{name: "plainly", bar: true, coloured: true},
		{name: "with NO_COLOR", environ: []string{"NO_COLOR=1"}, bar: true},
		{name: "with --no-progress", args: []string{"--no-progress", "--color", "never"}},
		{name: "on a dumb terminal", environ: []string{"TERM=dumb"}},
		{name: "quietly", args: []string{"--quiet"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, append([]string{"KLINGCTL_SANDBOX=1", "TERM=xterm-256color", "KLINGCTL_SANDBOX_GENERATION_TIME=400ms"}, test.environ...)...)
			control, terminal := openTerminal(t)
			command := p.program(t.Context(), t, append([]string{"submit", "-i", "a.png", "-p", "x", "-o", "clip.mp4"}, test.args...)...)
			var stdout strings.Builder
			command.Stdout, command.Stderr = &stdout, terminal
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			if err := terminal.Close(); err != nil {
				t.Fatal(err)
			}
			drawn, _ := io.ReadAll(control) // ends with EIO once nobody holds the terminal
			if got := exitOf(t, command.Wait()); got != exitDone {
				t.Fatalf("exit code %d\n%s", got, drawn)
			}
			if stdout.String() != "clip.mp4\n" {
				t.Errorf("standard output = %q, want the path alone", &stdout)
			}
			shown := strings.ReplaceAll(string(drawn), "\r\n", "\n")
			if got := redrawn.MatchString(shown); got != test.bar {
				t.Errorf("something was drawn over = %v, want %v:\n%q", got, test.bar, shown)
			}
			if got := colour.MatchString(shown); got && !test.coloured {
				t.Errorf("there is colour:\n%q", shown)
			}
		})
	}
}

// openTerminal opens a pseudo-terminal: what is written to terminal can be
// read from control.
func openTerminal(t *testing.T) (control, terminal *os.File) {
	t.Helper()
	control, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("needs a pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { _ = control.Close() })
	fd := int(control.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Skipf("needs a pseudo-terminal: %v", err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Skipf("needs a pseudo-terminal: %v", err)
	}
	terminal, err = os.OpenFile("/dev/pts/"+strconv.Itoa(number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("needs a pseudo-terminal: %v", err)
	}
	return control, terminal
}
