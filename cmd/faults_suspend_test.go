//go:build unix

package cmd

import (
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/faulttest"
)

// A machine that slept asks once when it wakes up, and not for every look that
// it missed. The long run sleeps for a minute.
func TestFaultSuspend(t *testing.T) {
	t.Parallel()
	asleep, pace := 1500*time.Millisecond, "100ms"
	if os.Getenv("KLINGCTL_FAULTS") == "all" {
		asleep, pace = time.Minute, "2s"
	}
	server, err := faulttest.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	stage := &faultStage{server: server, binary: faultBinary(t), home: t.TempDir()}
	trial := newFaultTrial(t, stage, faultCase(t, "49-never-ends-5s"), faulttest.Kling)
	args := append(trial.arguments(), "--timeout", "2m", "--poll-interval", pace)
	waiting := trial.started(t, trial.command(t.Context(), args))
	waiting.until(t, "running at kling")

	signal := func(s syscall.Signal) {
		t.Helper()
		if err := waiting.command.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	signal(syscall.SIGSTOP)
	after := time.NewTimer(asleep)
	defer after.Stop()
	<-after.C
	before := len(trial.scene.Seen().Looks)
	woken := time.Now()
	signal(syscall.SIGCONT)
	awake := time.NewTicker(5 * time.Millisecond)
	defer awake.Stop()
	for len(trial.scene.Seen().Looks) < before+2 && time.Since(woken) < 20*time.Second {
		<-awake.C
	}
	trial.scene.Mend()
	waiting.end(t, exitDone)

	looks := trial.scene.Seen().Looks[before:]
	if len(looks) < 2 {
		t.Fatalf("%d looks after it woke up, want two at least", len(looks))
	}
	least, err := time.ParseDuration(pace)
	if err != nil {
		t.Fatal(err)
	}
	if gap := looks[1].At.Sub(looks[0].At); gap < least*8/10 {
		t.Errorf("the second look came %v after the first, want %v: a burst", gap, least)
	}
	if trial.judgeFiles(1); len(trial.problems) > 0 {
		t.Error(trial.problems)
	}
}
