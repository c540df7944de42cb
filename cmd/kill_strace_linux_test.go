package cmd

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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
			stage, book := newKillStage(t), &killBook{}
			calls := stage.trace(t, strace, offer)
			seen, most := len(calls), 8
			if full {
				most = 900
			}
			calls = sampled(calls, most)
			var survived atomic.Int64
			atOnce(len(calls), 4, func(i int) {
				lived, err := stage.killCall(t, book, strace, offer, calls[i])
				if err != nil {
					t.Errorf("%s %d: %v", calls[i].name, calls[i].n, err)
				}
				if lived {
					survived.Add(1)
				}
			})
			stage.judge(t, book)
			t.Logf("%s: %d of %d (system call, n) seen were tried; %d runs ended before their call came",
				offer.provider, len(calls), seen, survived.Load())
		})
	}
}

// trace runs once without harm and lists every (call, n) seen. strace counts a
// call for each thread apart, and which thread does what differs from run to
// run: the longest count of any thread, and as many again, is tried.
func (s *killStage) trace(t *testing.T, strace string, offer killOffer) []killCall {
	t.Helper()
	h, err := s.home("trace", s.base)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.root, "trace.txt")
	argv := append([]string{strace, "-f", "--seccomp-bpf", "-qq", "-e", "trace=" + killCalls(), "-e", "signal=none", "-o", path},
		h.submit(offer, "trace", "clip.mp4")...)
	if text, err := h.command(t.Context(), argv).CombinedOutput(); err != nil {
		t.Skipf("not run: strace cannot trace here: %v\n%s", err, text)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	counts, most := map[string]int{}, map[string]int{}
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		thread, rest, _ := strings.Cut(scanner.Text(), " ")
		name, _, called := strings.Cut(strings.TrimSpace(rest), "(")
		if !called || strings.HasPrefix(name, "<") {
			continue // the end of a call that was reported when it began
		}
		counts[thread+" "+name]++
		most[name] = max(most[name], counts[thread+" "+name])
	}
	var calls []killCall
	for name, n := range most {
		for i := range n {
			calls = append(calls, killCall{name, i + 1})
		}
	}
	slices.SortFunc(calls, func(a, b killCall) int { return cmp.Or(cmp.Compare(a.name, b.name), a.n-b.n) })
	return calls
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

// killCall runs until one system call, which never happens.
func (s *killStage) killCall(t *testing.T, book *killBook, strace string, offer killOffer, at killCall) (lived bool, err error) {
	t.Helper()
	name := fmt.Sprintf("%s-%s-%d", offer.provider, at.name, at.n)
	h, err := s.home(name, s.base)
	if err != nil {
		return false, err
	}
	inject := fmt.Sprintf("inject=%s:signal=KILL:when=%d", at.name, at.n)
	argv := append([]string{strace, "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=" + at.name, "-e", inject},
		h.submit(offer, name, "clip.mp4")...)
	o := outcome{group: offer.provider + ", " + at.name, name: name, offers: map[string]killOffer{name: offer}}
	switch err := h.command(t.Context(), argv).Run(); {
	case killedBy(err):
		o.killed = 1
	case err != nil:
		return false, err
	}
	if o.jobs, err = h.settle(t.Context()); err != nil {
		return false, err
	}
	book.add(o)
	return o.killed == 0, os.RemoveAll(filepath.Join(s.root, name))
}
