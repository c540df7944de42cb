//go:build unix

package cmd

import (
	"fmt"
	"strings"
	"time"
)

// report is what a person needs to see of a trial that went wrong.
func (f *faultTrial) report() string {
	return fmt.Sprintf("%s\nklingctl %s\nstdout: %s\nstderr: %s",
		strings.Join(f.problems, "\n"), strings.Join(f.run.args, " "), f.run.stdout, f.run.stderr)
}

// table is one line for each trial.
func (s *faultStage) table(trials []*faultTrial) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n%-34s %4s %4s %8s %8s %5s  %s\n", "case", "exit", "paid", "time", "memory", "looks", "")
	for _, f := range trials {
		if f.Elsewhere != "" {
			fmt.Fprintf(&out, "%-34s %s\n", f.name(), "held by "+f.Elsewhere)
			continue
		}
		seen := f.scene.Seen()
		fmt.Fprintf(&out, "%-34s %4d %4d %8s %6dMi %5d  %s\n", f.name(), f.run.code, len(seen.Creates),
			f.run.took.Round(10*time.Millisecond), f.run.peak>>20, len(seen.Looks), f.verdict())
	}
	return out.String()
}

func (f *faultTrial) verdict() string {
	switch {
	case len(f.problems) > 0 && f.Known != "":
		return "XFAIL: " + f.Known
	case len(f.problems) > 0:
		return "FAIL"
	case f.Heals:
		return "ok, and healed"
	}
	return "ok"
}
