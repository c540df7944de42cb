package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// conversation runs klingctl on a terminal of its own and answers its prompts:
// before each answer the terminal must have shown the text before it.
func (p place) conversation(t *testing.T, args []string, answers ...[2]string) (code int, shown string, echo bool) {
	t.Helper()
	control, terminal := openTerminal(t)
	if err := control.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Logf("reads of the terminal are not bounded: %v", err)
	}
	command := p.program(t.Context(), t, args...)
	command.Stdin, command.Stdout, command.Stderr = terminal, terminal, terminal
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var screen bytes.Buffer
	read := func() bool {
		chunk := make([]byte, 1024)
		n, err := control.Read(chunk)
		screen.Write(chunk[:n])
		return err == nil
	}
	for _, answer := range answers {
		for !strings.Contains(screen.String(), answer[0]) {
			if !read() {
				t.Fatalf("the terminal never showed %q:\n%s", answer[0], &screen)
			}
		}
		waitUntilHidden(t, terminal)
		if _, err := control.WriteString(answer[1]); err != nil {
			t.Fatal(err)
		}
	}
	code = exitOf(t, command.Wait())
	state, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	if err := terminal.Close(); err != nil {
		t.Fatal(err)
	}
	for read() { // ends with EIO once nobody holds the terminal
	}
	return code, screen.String(), state.Lflag&unix.ECHO != 0
}

// waitUntilHidden waits until a terminal shows nothing of what is typed.
func waitUntilHidden(t *testing.T, terminal *os.File) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		state, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if state.Lflag&unix.ECHO == 0 {
			return
		}
	}
	t.Fatal("the terminal still shows what is typed")
}

func TestAKeyIsAskedForWithoutEcho(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "KLINGCTL_KEYRING=false")
	for _, test := range []struct {
		provider, want string
		answers        [][2]string
	}{
		{"kie", `"key":"` + canary + `"`, [][2]string{{"key of kie (not shown): ", canary + "\n"}}},
		{
			"kling", `"access_key":"` + canary + `","secret_key":"` + canary + `-2"`,
			[][2]string{{"access key of kling", canary + "\n"}, {"secret key (not shown", canary + "-2\n"}},
		},
		{"kling", `"key":"` + canary + `"`, [][2]string{{"or its API key", canary + "\n"}, {"nothing behind an API key", "\n"}}},
	} {
		code, shown, echo := p.conversation(t, []string{"auth", "login", "--file", "--provider", test.provider}, test.answers...)
		if code != exitDone || !strings.Contains(shown, "the key of "+test.provider+" is in ") || !echo {
			t.Errorf("%s: exit code %d, echo after it %v:\n%s", test.provider, code, echo, shown)
		}
		if word := leaked([]byte(shown)); word != "" {
			t.Errorf("%s: the terminal shows %s", test.provider, word)
		}
		kept, err := os.ReadFile(filepath.Join(p.home, ".config", "klingctl", "keys", test.provider+".key"))
		if err != nil || !strings.Contains(string(kept), test.want) {
			t.Errorf("%s: kept is %s (%v), want %s in it", test.provider, kept, err, test.want)
		}
	}
}

// Ctrl-C at the prompt ends at once, keeps nothing, and gives the terminal its
// echo back.
func TestThePromptCanBeInterrupted(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "KLINGCTL_KEYRING=false")
	code, shown, echo := p.conversation(t, []string{"auth", "login", "--file", "--provider", "kie"}, [2]string{"(not shown): ", canary + "\x03"})
	if code != exitInterrupted || !echo {
		t.Errorf("exit code %d, echo %v:\n%s", code, echo, shown)
	}
	if word := leaked([]byte(shown)); word != "" {
		t.Errorf("the terminal shows %s", word)
	}
	if _, err := os.Stat(filepath.Join(p.home, ".config")); !os.IsNotExist(err) {
		t.Errorf("something was kept: %v", err)
	}
}
