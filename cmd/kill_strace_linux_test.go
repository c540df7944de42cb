package cmd

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// killCalls are the system calls that change something outside of the process,
// or learn something from there: files, locks, sockets.
func killCalls() string {
	return strings.Join([]string{
		"openat", "open", "?creat", "read", "pread64", "write", "pwrite64", "writev", "sendfile", "splice",
		"fsync", "fdatasync", "ftruncate", "fallocate", "rename", "renameat", "renameat2", "link", "linkat",
		"unlink", "unlinkat", "mkdir", "mkdirat", "fchmod", "flock", "fcntl", "close",
		"socket", "connect", "sendto", "sendmsg", "recvfrom", "recvmsg", "exit_group",
	}, ",")
}

// killCall is a moment of a run: the nth time that a thread makes a call.
type killCall struct {
	name string
	n    int
}

// SIGKILL at each system call of a whole run: submit, wait, download.
func TestKillAtSystemCalls(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("not run: strace is not installed, so no system call can be made to kill")
	}
	_, full := killRounds(t)
	for _, offer := range killOffers() {
		t.Run(offer.provider, func(t *testing.T) {
			t.Parallel()
			tracer := &tracer{stage: newKillStage(t), strace: strace, offer: offer, book: &killBook{}, moments: map[killCall]bool{}}
			calls, total := tracer.record(t)
			seen, most, tries := len(calls), 6, 2
			if full {
				most, tries = 2000, 4
			}
			calls = sampled(calls, most)
			atOnce(len(calls), 4, func(i int) {
				hit := false
				// The same n is another moment in another run, so in the long
				// run it is met several times.
				for try, kills := 0, 0; try < tries && kills < max(1, tries/2); try++ {
					killed, err := tracer.kill(t, calls[i], try)
					if err != nil {
						t.Errorf("%s %d: %v", calls[i].name, calls[i].n, err)
						return
					}
					if killed {
						hit = true
						kills++
					}
				}
				if !hit {
					tracer.missed.Add(1)
				}
			})
			tracer.stage.judge(t, tracer.book)
			t.Logf("%s: %d of %d (system call, n) were tried, up to %d times each; %d never came to their n; of all threads' calls, killed at: %s",
				offer.provider, len(calls), seen, tries, tracer.missed.Load(), tracer.reached(total))
			if len(tracer.moments) == 0 {
				t.Error("no run was killed: this proves nothing")
			}
		})
	}
}

// tracer runs the program under strace.
type tracer struct {
	stage   *killStage
	strace  string
	offer   killOffer
	book    *killBook
	missed  atomic.Int64
	mu      sync.Mutex
	moments map[killCall]bool // the kills, counted over all threads
}

// reached tells how many of the calls of a run were a last one.
func (tr *tracer) reached(total map[string]int) string {
	hit := map[string]int{}
	for moment := range tr.moments {
		if moment.n <= total[moment.name] {
			hit[moment.name]++
		}
	}
	hits, all, text := 0, 0, ""
	for _, name := range slices.Sorted(maps.Keys(total)) {
		hits, all = hits+hit[name], all+total[name]
		text += fmt.Sprintf(", %s %d/%d", name, hit[name], total[name])
	}
	return fmt.Sprintf("%d of %d%s", hits, all, text)
}

// command is a whole run under strace, which writes what it sees into a file.
func (tr *tracer) command(t *testing.T, h *killHome, name, path string, processors int, args ...string) *exec.Cmd {
	t.Helper()
	// With more processors the calls are spread over more threads. No
	// --seccomp-bpf: with it strace 6.1 loses count of what it injects at.
	h.environ = append(h.environ, fmt.Sprintf("GOMAXPROCS=%d", processors))
	argv := append([]string{tr.strace, "-f", "-qq", "-e", "signal=none", "-o", path}, args...)
	return h.command(t.Context(), append(argv, h.submit(tr.offer, name, "clip.mp4")...))
}

// record runs once without harm and lists every (call, n) seen, and how many
// calls there were. strace counts a call for each thread apart, and which
// thread does what differs from run to run: a later run need not come to each.
// Of rare calls each n is listed that one thread alone would come to.
func (tr *tracer) record(t *testing.T) (calls []killCall, total map[string]int) {
	t.Helper()
	h, err := tr.stage.home("trace", tr.stage.base)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(tr.stage.root, "trace.txt")
	if text, err := tr.command(t, h, "trace", path, 1, "-e", "trace="+killCalls()).CombinedOutput(); err != nil {
		t.Skipf("not run: strace cannot trace here: %v\n%s", err, text)
	}
	begun, err := callsIn(path)
	if err != nil {
		t.Fatal(err)
	}
	const rare = 40
	counts, most := map[string]int{}, map[string]int{}
	total = map[string]int{}
	for _, call := range begun {
		total[call.name]++
		counts[call.thread+" "+call.name]++
		most[call.name] = max(most[call.name], counts[call.thread+" "+call.name])
	}
	for name, n := range most {
		for i := range max(n, min(total[name], rare)) {
			calls = append(calls, killCall{name, i + 1})
		}
	}
	slices.SortFunc(calls, func(a, b killCall) int { return cmp.Or(cmp.Compare(a.name, b.name), a.n-b.n) })
	return calls, total
}

// seenCall is a line of a trace.
type seenCall struct{ thread, name string }

// callsIn reads the calls of a trace, each once, where it began.
func callsIn(path string) ([]seenCall, error) {
	text, err := os.ReadFile(path) //nolint:gosec // a file of this test
	if err != nil {
		return nil, err
	}
	var calls []seenCall
	for line := range strings.Lines(string(text)) {
		thread, rest, _ := strings.Cut(line, " ")
		name, _, called := strings.Cut(strings.TrimSpace(rest), "(")
		if called && !strings.HasPrefix(name, "<") && !strings.HasPrefix(name, "+") {
			calls = append(calls, seenCall{thread, name})
		}
	}
	return calls, nil
}

// sampled takes that many calls evenly.
func sampled(calls []killCall, most int) []killCall {
	if len(calls) <= most {
		return calls
	}
	var some []killCall
	for i := range most {
		some = append(some, calls[(2*i+1)*len(calls)/(2*most)])
	}
	return some
}

// kill runs until one system call, which never happens, and reports whether
// the run came so far.
func (tr *tracer) kill(t *testing.T, at killCall, try int) (killed bool, err error) {
	t.Helper()
	name := fmt.Sprintf("%s-%s-%d-%d", tr.offer.provider, at.name, at.n, try)
	h, err := tr.stage.home(name, tr.stage.base)
	if err != nil {
		return false, err
	}
	path := filepath.Join(h.home, "trace.txt")
	command := tr.command(t, h, name, path, 1+try%2, "-e", "trace="+at.name, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", at.name, at.n))
	o := outcome{group: tr.offer.provider + ", " + at.name, name: name, offers: map[string]killOffer{name: tr.offer}}
	switch err := command.Run(); {
	case killedBy(err):
		o.killed = 1
	case err != nil:
		return false, err
	}
	if o.killed == 1 {
		begun, err := callsIn(path)
		if err != nil {
			return false, err
		}
		tr.mu.Lock()
		tr.moments[killCall{at.name, len(begun)}] = true
		tr.mu.Unlock()
	}
	if o.jobs, err = h.settle(t.Context()); err != nil {
		return false, err
	}
	tr.book.add(o)
	return o.killed == 1, os.RemoveAll(filepath.Join(tr.stage.root, name))
}
