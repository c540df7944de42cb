package cmd

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
)

// TestTwentyShellsAtOnce holds that what guards a purse holds across real
// processes that start together: a daily cap, and the one equal request.
func TestTwentyShellsAtOnce(t *testing.T) {
	t.Parallel()
	const shells = 20
	for name, test := range map[string]struct {
		environ []string
		prompt  func(shell int) string
		bought  int
	}{
		"one daily cap, at 25 credits a job": {
			[]string{"KLINGCTL_LIMITS_PER_DAY=110 credits"}, func(shell int) string { return fmt.Sprint("prompt ", shell) }, 4,
		},
		"one request": {nil, func(int) string { return "the same [[never]]" }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, append([]string{"KLINGCTL_SANDBOX=1"}, test.environ...)...)
			var group sync.WaitGroup
			codes, said := make([]int, shells), make([]bytes.Buffer, shells)
			for i := range shells {
				command := p.program(t.Context(), t, "submit", "--provider", "kie", "-m", "kling/v2-1-standard",
					"-i", "https://example.com/a.png", "-p", test.prompt(i))
				command.Stderr = &said[i]
				group.Go(func() {
					codes[i] = exitUnexpected
					if command.Run(); command.ProcessState != nil { //nolint:errcheck // the code says it
						codes[i] = command.ProcessState.ExitCode()
					}
				})
			}
			group.Wait()
			got := map[int]int{}
			for i, code := range codes {
				if got[code]++; code != exitDone && code != exitHeld {
					t.Errorf("a shell ended with %d: %s", code, &said[i])
				}
			}
			if got[exitDone] != test.bought || got[exitHeld] != shells-test.bought {
				t.Errorf("exit codes %v, want %d times 0 and %d times 3", got, test.bought, shells-test.bought)
			}
			if creates, charged, err := countJournal(p.emulator()); err != nil || creates != test.bought || charged != test.bought {
				t.Errorf("journal: %d creates, %d charged, %v, want %d of each", creates, charged, err, test.bought)
			}
		})
	}
}
