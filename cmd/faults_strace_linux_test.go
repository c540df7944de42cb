package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/faulttest"
)

// A link to a local file is refused before the file is opened, also where a
// redirect leads there.
func TestFaultLocalFileIsNotOpened(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("not run: strace is not installed, so nobody sees what is opened")
	}
	server, err := faulttest.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	stage := &faultStage{server: server, binary: faultBinary(t), home: t.TempDir()}
	for _, name := range []string{"62-file", "88-to-file"} {
		trial := newFaultTrial(t, stage, faultCase(t, name), faulttest.Apikley)
		calls := filepath.Join(trial.home, "calls")
		command := trial.command(t.Context(), trial.arguments(), strace, "-f", "-qq", "-e", "trace=open,openat", "-o", calls)
		if got := exitOf(t, command.Run()); got != exitDownload {
			t.Errorf("%s: exit code %d, want %d", name, got, exitDownload)
		}
		opened, err := os.ReadFile(calls)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(opened), "ledger.db") {
			t.Fatalf("%s: nothing was seen to be opened: this proves nothing", name)
		}
		if strings.Contains(string(opened), "/etc/passwd") {
			t.Errorf("%s: the file of the link was opened", name)
		}
	}
}
