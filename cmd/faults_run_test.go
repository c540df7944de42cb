//go:build unix

package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/faulttest"
)

// faultBinary is the path of the program under test.
func faultBinary(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("KLINGCTL_FAULTS_BINARY"); path != "" {
		return path
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatalf("find the test binary: %v", err)
	}
	link := filepath.Join(t.TempDir(), "klingctl")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	return link
}

// olderFile is what stands in the place of the film beforehand.
const olderFile = "an older file"

// faultCase is the case of a name.
func faultCase(t *testing.T, name string) faulttest.Case {
	t.Helper()
	cases := faulttest.Cases()
	i := slices.IndexFunc(cases, func(c faulttest.Case) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("there is no case %s", name)
	}
	return cases[i]
}

func newFaultTrial(t *testing.T, stage *faultStage, c faulttest.Case, provider string) *faultTrial {
	t.Helper()
	f := &faultTrial{Case: c, stage: stage, provider: provider, scene: stage.server.Stage(c, provider)}
	root := filepath.Join(stage.home, c.Name, provider)
	f.home, f.work = filepath.Join(root, "home"), filepath.Join(root, "work")
	for _, folder := range []string{f.home, f.work, f.temporary()} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	writePicture(t, filepath.Join(f.work, "a.png"))
	if c.Existing {
		f.write(t, filepath.Join(f.work, f.output()), []byte(olderFile))
	}
	f.environ = f.environment(t)
	return f
}

func (f *faultTrial) write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f *faultTrial) temporary() string { return filepath.Join(filepath.Dir(f.home), "tmp") }
func (f *faultTrial) output() string    { return firstOf(f.Output, "clip.mp4") }

// environment has the provider's address and key, and the settings of the
// case.
func (f *faultTrial) environment(t *testing.T) []string {
	t.Helper()
	upper := strings.ToUpper(f.provider)
	env := append(quickEnviron(f.home), "TMPDIR="+f.temporary(), upper+"_API_KEY="+canary,
		"KLINGCTL_PROVIDERS_"+upper+"_BASE_URL="+f.scene.Base())
	for key, value := range f.Settings {
		env = append(env, "KLINGCTL_PROVIDERS_"+upper+"_"+strings.ToUpper(strings.ReplaceAll(key, ".", "_"))+"="+value)
	}
	if f.Scheduled {
		env = append(env, "KLINGCTL_POLL_INTERVAL=0s")
	}
	if f.Way != faulttest.Direct {
		env = append(env, "HTTP_PROXY="+f.stage.server.Proxy())
	}
	if f.Way == faulttest.Secure {
		trusted := filepath.Join(f.home, "trusted.pem")
		f.write(t, trusted, f.stage.server.Certificate())
		env = append(env, "SSL_CERT_FILE="+trusted)
	}
	return env
}

// arguments are those of a submit that saves its film, or the case's own.
func (f *faultTrial) arguments() []string {
	if f.Command != nil {
		args := f.format()
		for _, arg := range f.Command {
			args = append(args, strings.ReplaceAll(arg, "{ref}", f.scene.Ref()))
		}
		return args
	}
	args := append([]string{"submit", "--provider", f.provider, "-p", "x", "-o", f.output()}, f.order()...)
	args = append(args, f.format()...)
	if f.Timeout > 0 {
		args = append(args, "--timeout", (slowness * f.Timeout).String())
	}
	return append(args, f.Args...)
}

// format asks for JSON where somebody reads that.
func (f *faultTrial) format() []string {
	if f.json {
		return []string{"--json"}
	}
	return nil
}

// order is what a provider is asked for.
func (f *faultTrial) order() []string {
	switch f.provider {
	case faulttest.Apikley:
		return []string{"-m", "kling/v2-1-master-image-to-video", "-i", "https://files.example.net/a.png"}
	case faulttest.APIXO:
		return []string{"-m", "kling-2-1", "--mode", "standard-image-to-video", "-i", "https://files.example.net/a.png"}
	}
	return []string{"-m", "kling-v2-1-master", "-i", "a.png"}
}

// faultRun is one run of the program.
type faultRun struct {
	args           []string
	code           int
	stdout, stderr string
	took           time.Duration
	// peak is the most memory it was seen to have, in bytes; 0 when nobody
	// could look.
	peak int64
}

// command is a run that is not started yet; before it may stand a tracer.
func (f *faultTrial) command(ctx context.Context, args []string, before ...string) *exec.Cmd {
	argv := slices.Concat(before, []string{f.stage.binary}, args)
	command := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // the program under test
	command.Dir, command.Env = f.work, f.environ
	return command
}

// start runs the program to its end. One that is ten seconds late is killed.
func (f *faultTrial) start(t *testing.T, args []string) faultRun {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), f.limit()+10*time.Second)
	defer cancel()
	command := f.command(ctx, args)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	since := time.Now()
	if err := command.Start(); err != nil {
		t.Fatalf("start the program: %v", err)
	}
	watched, enough := context.WithCancel(ctx)
	most := make(chan int64, 1)
	go func() { most <- watchMemory(watched, command.Process.Pid) }()
	err := command.Wait()
	took := time.Since(since)
	enough()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Fatalf("run the program: %v", err)
	}
	return faultRun{
		args: args, code: command.ProcessState.ExitCode(), took: took, peak: <-most,
		stdout: stdout.String(), stderr: stderr.String(),
	}
}

// watchMemory looks at the high-water mark of a process until it is told to
// stop. What the kernel reports at the end would count the parent's memory too.
func watchMemory(ctx context.Context, pid int) int64 {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	var most int64
	for {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if _, rest, found := strings.Cut(string(status), "VmHWM:"); found {
			if kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64); err == nil {
				most = max(most, kib<<10)
			}
		}
		select {
		case <-ctx.Done():
			return most
		case <-again.C:
		}
	}
}
