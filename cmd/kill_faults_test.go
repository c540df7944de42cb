package cmd

import (
	"bytes"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// createFault is a way for a create to go wrong.
type createFault struct {
	marker string // of the emulator; "" for a connection that is refused
	code   int    // the documented exit code
	// creates and charged are what the journal must count.
	creates, charged int
	args             []string
}

// createFaults lists first the answers after which a job may exist, then those
// that prove that none does.
func createFaults() []createFault {
	return []createFault{
		{marker: "lost-reply", code: exitUnknown, creates: 1, charged: 1},
		{marker: "eof", code: exitUnknown, creates: 1, charged: 1},
		{marker: "hang", code: exitUnknown, creates: 1, charged: 1, args: []string{"--timeout", "4s"}},
		{marker: "half-reply", code: exitUnknown, creates: 1, charged: 1},
		{marker: "500-created", code: exitUnknown, creates: 1, charged: 1},
		{marker: "no-id", code: exitUnknown, creates: 1, charged: 1},
		{marker: "empty", code: exitUnknown, creates: 1, charged: 1},
		{marker: "502-html", code: exitUnknown, creates: 1},
		{marker: "504", code: exitUnknown, creates: 1},
		{marker: "redirect-307", code: exitAnswer, creates: 1},
		{marker: "redirect-302", code: exitAnswer, creates: 1},
		{marker: "maintenance-html", code: exitAnswer, creates: 1},
		{marker: "402", code: exitCredit, creates: 1},
		{marker: "401", code: exitAuth, creates: 1},
		{marker: "422", code: exitRefused, creates: 1},
		{marker: "429:1", code: exitDone, creates: 2, charged: 1},
		{marker: "envelope-429:1", code: exitDone, creates: 2, charged: 1},
		{marker: "429:9", code: exitBusy, creates: 3},
		{code: exitBusy},
	}
}

// createOffers is one offer of each dialect.
func createOffers() []struct {
	provider string
	args     []string
} {
	return []struct {
		provider string
		args     []string
	}{
		{"apikley", []string{"-m", "kling/v2-1-master-image-to-video", "-i", "https://files.example.net/a.png"}},
		{"aimlapi", []string{"-m", "kling-video/v2.1/pro/image-to-video", "-i", "a.png"}},
		{"apixo", []string{"-m", "kling-2-1", "--mode", "standard-image-to-video", "-i", "https://files.example.net/a.png"}},
		{"kling", []string{"-m", "kling-v2-1-master", "-i", "a.png"}},
	}
}

// However a create goes wrong, it is charged once at most, and the exit code
// says what to do next.
func TestCreateFaults(t *testing.T) {
	t.Parallel()
	refused := closedAddress(t)
	var all sync.WaitGroup
	for _, offer := range createOffers() {
		for _, fault := range createFaults() {
			p := newPlace(t, strings.ToUpper(offer.provider)+"_API_KEY="+canary)
			if fault.marker == "" {
				p.environ = append(p.environ, "KLINGCTL_PROVIDERS_"+strings.ToUpper(offer.provider)+"_BASE_URL=http://"+refused)
			} else {
				p.environ = append(p.environ, "KLINGCTL_SANDBOX=1")
			}
			args := append([]string{"submit", "--provider", offer.provider, "-p", "x [[" + fault.marker + "]]"}, offer.args...)
			command := p.program(t.Context(), t, append(args, fault.args...)...)
			var stdout, stderr bytes.Buffer
			command.Stdout, command.Stderr = &stdout, &stderr
			all.Go(func() {
				name := offer.provider + ", " + firstOf(fault.marker, "refused connection")
				err := command.Run()
				if got := command.ProcessState.ExitCode(); got != fault.code {
					t.Errorf("%s: exit code %d (%v), want %d\n%s", name, got, err, fault.code, &stderr)
				}
				creates, charged, err := countJournal(p.emulator())
				if err != nil || creates != fault.creates || charged != fault.charged {
					t.Errorf("%s: %d creates and %d charges (%v), want %d and %d", name, creates, charged, err, fault.creates, fault.charged)
				}
				if fault.code == exitUnknown && (stdout.Len() == 0 || !strings.Contains(stderr.String(), "charged: unknown")) {
					t.Errorf("%s: the job is not named, or its charge not told\n%s%s", name, &stdout, &stderr)
				}
			})
		}
	}
	all.Wait()
}

// closedAddress is an address at which nobody listens.
func closedAddress(t *testing.T) string {
	t.Helper()
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// Twenty shells submit under one daily cap: what is reserved never passes it.
func TestManyShellsUnderOneCap(t *testing.T) {
	t.Parallel()
	const shells, limit = 20, 7
	p := newPlace(t, "KLINGCTL_SANDBOX=1", fmt.Sprintf("KLINGCTL_LIMITS_PER_DAY=%d jobs", limit))
	codes := make([]int, shells)
	var all sync.WaitGroup
	for i := range shells {
		command := p.program(t.Context(), t, "submit", "-i", filepath.Join(p.work, "a.png"), "-p", fmt.Sprintf("shell %d [[never]]", i))
		all.Go(func() {
			_ = command.Run()
			codes[i] = command.ProcessState.ExitCode()
		})
	}
	all.Wait()
	count := map[int]int{}
	for _, code := range codes {
		count[code]++
	}
	if count[exitDone] != limit || count[exitHeld] != shells-limit {
		t.Errorf("exit codes %v, want %d times 0 and %d times 3", count, limit, shells-limit)
	}
	if creates, charged, err := countJournal(p.emulator()); err != nil || creates != limit || charged != limit {
		t.Errorf("%d creates and %d charges (%v), want %d of each", creates, charged, err, limit)
	}
}
