//go:build unix

package cmd

import (
	"cmp"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/faulttest"
)

// The fault suite runs the program against a server that goes wrong on purpose,
// case by case, and holds what must be true however it goes: paid once at most,
// nothing paid for and lost, no bad file under a good name, no key anywhere, an
// end in time, and the exit code of the case.
//
// KLINGCTL_FAULTS=all asks for the slow cases, and for every provider in each;
// KLINGCTL_FAULTS_BINARY is a klingctl as it is released, else the test binary
// plays it. "make faults" does both.

// TestFaults plays parts D, E and F of the list of faults.
func TestFaults(t *testing.T) {
	t.Parallel()
	server, err := faulttest.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	stage := &faultStage{server: server, binary: faultBinary(t), full: os.Getenv("KLINGCTL_FAULTS") == "all", home: t.TempDir()}
	trials := stage.trials(t)
	// Those that wait longest begin first.
	slices.SortStableFunc(trials, func(a, b *faultTrial) int { return cmp.Compare(b.Limit(), a.Limit()) })
	atOnce(len(trials), 16, func(i int) {
		trial := trials[i]
		t.Run(trial.name(), func(t *testing.T) { trial.play(t) })
	})
	slices.SortStableFunc(trials, func(a, b *faultTrial) int { return cmp.Compare(a.Number, b.Number) })
	t.Log(stage.table(trials))
}

// faultStage is what all trials share.
type faultStage struct {
	server *faulttest.Server
	binary string
	full   bool
	home   string
}

// trials are the cases to be played. A quick run leaves out the slow ones, and
// lets one provider play where its form of answers is not what matters.
func (s *faultStage) trials(t *testing.T) []*faultTrial {
	t.Helper()
	var trials []*faultTrial
	for n, c := range faulttest.Cases() {
		if c.Elsewhere != "" {
			trials = append(trials, &faultTrial{Case: c, stage: s})
			continue
		}
		players := c.Players()
		if !s.full && (c.Room() != "D" || c.Timeout > 0) {
			players = players[n%len(players):][:1]
		}
		for i, provider := range players {
			if c.Slow && !s.full {
				continue
			}
			trial := newFaultTrial(t, s, c, provider)
			// Who plays second is met by a script that reads JSON.
			trial.json = i > 0
			trials = append(trials, trial)
		}
	}
	return trials
}

// faultTrial is one case at one provider, on a machine of its own.
type faultTrial struct {
	faulttest.Case
	place

	stage    *faultStage
	provider string
	json     bool
	scene    *faulttest.Stage
	// run is how the program met it, healed how it went on afterwards.
	run, healed faultRun
	problems    []string
}

func (f *faultTrial) name() string {
	if f.provider == "" {
		return f.Name
	}
	return f.Name + "/" + f.provider
}

func (f *faultTrial) play(t *testing.T) {
	t.Helper()
	if f.Elsewhere != "" {
		t.Skip("held by " + f.Elsewhere)
	}
	f.run = f.start(t, f.arguments())
	f.judge(t)
	if f.Heals && len(f.problems) == 0 {
		f.scene.Mend()
		f.goOn(t)
	}
	switch {
	case len(f.problems) > 0 && f.Known != "":
		t.Logf("XFAIL %s: %s\n%s", f.name(), f.Known, f.report())
	case len(f.problems) > 0:
		t.Errorf("%s\n%s", f.What, f.report())
	case f.Known != "":
		t.Errorf("it is said to fail (%s) and does not: take the mark away", f.Known)
	}
}
