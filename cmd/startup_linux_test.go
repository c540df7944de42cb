package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Help and version touch nothing: no file but what the system loads a program
// with, no ledger, no network.
func TestStartTouchesNothing(t *testing.T) {
	t.Parallel()
	tracer, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("needs strace to see what a process opens")
	}
	program, err := exec.LookPath("klingctl") // the copy that TestMain installed
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"version"}, {"version", "--json"}, {"--help"}, {"help", "submit"}, {"submit", "--help"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			for _, call := range p.touches(t, tracer, program, args...) {
				t.Errorf("it touched %s", call)
			}
			for _, folder := range []string{p.home, p.work} {
				entries, err := os.ReadDir(folder)
				if err != nil {
					t.Fatal(err)
				}
				for _, entry := range entries {
					if entry.Name() != "a.png" {
						t.Errorf("it left %s in %s", entry.Name(), folder)
					}
				}
			}
		})
	}
	t.Run("the look itself sees a ledger", func(t *testing.T) {
		t.Parallel()
		p := newPlace(t)
		calls := p.touches(t, tracer, program, "status")
		if !slices.ContainsFunc(calls, func(call string) bool { return strings.Contains(call, "ledger.db") }) {
			t.Errorf("status opens the ledger, but these calls were seen: %q", calls)
		}
	})
}

// touches runs klingctl and lists what it touched.
func (p place) touches(t *testing.T, tracer, program string, args ...string) []string {
	t.Helper()
	trace := filepath.Join(t.TempDir(), "trace")
	command := exec.CommandContext(t.Context(), tracer, append([]string{"-f", "-qq", "-o", trace, "-e", "trace=%file,%network", program}, args...)...)
	command.Dir, command.Env = p.work, p.environ
	if out, err := command.CombinedOutput(); err != nil {
		t.Skipf("strace cannot run here: %v\n%s", err, out)
	}
	calls, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for line := range strings.Lines(string(calls)) {
		if what := touched(line, program); what != "" {
			seen = append(seen, what+": "+strings.TrimSpace(line))
		}
	}
	return seen
}

// touched names what a traced call touched beyond what the loader and the
// runtime of Go need; "" for nothing.
func touched(line, program string) string {
	if regexp.MustCompile(`\b(socket|connect|bind|sendto)\(`).MatchString(line) {
		return "the network"
	}
	found := regexp.MustCompile(`"([^"]*)"`).FindStringSubmatch(line)
	if found == nil || found[1] == program || found[1] == "" || found[1] == "." {
		return ""
	}
	path := found[1]
	for _, loader := range []string{"/etc/ld.so", "/lib", "/usr/lib", "/proc/self", "/sys/", "/dev/null"} {
		if strings.HasPrefix(path, loader) {
			return ""
		}
	}
	if slices.Contains([]string{"open", "openat", "creat", "mkdir", "mkdirat", "unlink", "unlinkat", "rename", "renameat"}, callOf(line)) {
		return path
	}
	return "" // looking at the working folder is no file opened
}

func callOf(line string) string {
	before, _, _ := strings.Cut(line, "(")
	fields := strings.Fields(before)
	if len(fields) == 0 {
		return ""
	}
	return fields[len(fields)-1]
}
