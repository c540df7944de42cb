//go:build unix

package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/faulttest"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
)

// mostMemory is what any answer may cost, in bytes. It is held against the
// released program only: a test binary is larger, and one under the race
// detector much larger.
const mostMemory = 100 << 20

// released reports whether the program under test is one as it is released.
func released() bool { return os.Getenv("KLINGCTL_FAULTS_BINARY") != "" }

// limit is when a run must have ended: a second after what its case allows. A
// test binary, perhaps under the race detector and beside many others, gets
// three times as long.
func (f *faultTrial) limit() time.Duration {
	if released() {
		return f.Limit() + time.Second
	}
	return 3 * (f.Limit() + time.Second)
}

func (f *faultTrial) bad(format string, args ...any) {
	f.problems = append(f.problems, fmt.Sprintf(format, args...))
}

// judge holds a run against its case, and what is left against what must be
// true of every case.
func (f *faultTrial) judge(t *testing.T) {
	t.Helper()
	seen := f.scene.Seen()
	if f.run.code != f.Exit {
		f.bad("exit code %d, want %d", f.run.code, f.Exit)
	}
	if most := f.limit(); f.run.took > most {
		f.bad("it took %v, want %v at most", f.run.took, most)
	}
	if f.run.took < f.AtLeast {
		f.bad("it took %v, want %v at least", f.run.took, f.AtLeast)
	}
	if released() && f.run.peak > mostMemory {
		f.bad("it had %d MiB, want %d at most", f.run.peak>>20, mostMemory>>20)
	}
	paid := 1
	if f.Unpaid {
		paid = 0
	}
	if len(seen.Creates) != paid {
		f.bad("%d jobs were paid for, want %d", len(seen.Creates), paid)
	}
	if len(seen.Strange) > 0 {
		f.bad("the provider was asked for %s, which it has not", seen.Strange[0].Target)
	}
	if f.Check != nil {
		if err := f.Check(seen); err != nil {
			f.bad("%v", err)
		}
	}
	f.judgeText(seen)
	f.judgeLedger(t, len(seen.Creates) > 0)
	f.judgeFiles(f.Wanted())
	f.judgeKeys(seen)
}

// judgeText holds what was printed: data on standard output, and nothing that
// a terminal would act on anywhere.
func (f *faultTrial) judgeText(seen faulttest.Seen) {
	for name, text := range map[string]string{"standard output": f.run.stdout, "standard error": f.run.stderr} {
		if at := strings.IndexFunc(text, unsafeRune); at >= 0 {
			f.bad("%s holds an unsafe character at %q", name, text[at:min(at+20, len(text))])
		}
		secrets := f.Secret
		if !f.json || name != "standard output" {
			secrets = slices.Concat(secrets, f.Hidden)
		}
		for _, word := range secrets {
			if strings.Contains(text, word) {
				f.bad("%s holds %q", name, word)
			}
		}
	}
	for _, want := range f.Says {
		if !strings.Contains(f.run.stderr, want) {
			f.bad("standard error does not say %q", want)
		}
	}
	if len(seen.Creates) > 0 && f.run.code != exitDone && f.run.code != exitFailed && !strings.Contains(f.run.stderr, "charged: yes") {
		f.bad("standard error does not tell that the job was charged")
	}
	switch {
	case f.json:
		if _, err := oneDocument(f.run.stdout); err != nil {
			f.bad("standard output under --json: %v", err)
		}
	case f.Command == nil:
		f.judgeLines()
	}
}

// judgeLines holds that standard output has a path for each film, and else the
// job at most.
func (f *faultTrial) judgeLines() {
	var lines []string
	if f.run.stdout != "" {
		lines = strings.Split(strings.TrimSuffix(f.run.stdout, "\n"), "\n")
	}
	if f.run.code == exitDone && len(lines) != f.Wanted() {
		f.bad("standard output has %d lines, want one for each of %d films", len(lines), f.Wanted())
	}
	job, _ := f.job()
	for _, line := range lines {
		_, err := os.Stat(filepath.Join(f.work, line))
		if err != nil && !slices.Contains([]string{job.ID, f.scene.Ref()}, line) {
			f.bad("standard output holds %q, which is neither a file nor the job", line)
		}
	}
}

// judgeLedger holds that what was paid for is known, by its task.
func (f *faultTrial) judgeLedger(t *testing.T, paid bool) {
	t.Helper()
	job, found := f.job()
	switch {
	case !paid && found && job.Ref.Task != "":
		f.bad("the ledger has a task %s that nobody made", job.Ref.Task)
	case paid && !found:
		f.bad("the ledger does not know the job that was paid for")
	case paid && job.Ref.String() != f.scene.Ref() && job.State != kling.Unknown:
		f.bad("the ledger has %s in state %s, want %s", job.Ref, job.State, f.scene.Ref())
	}
}

// job is the one row of the ledger.
func (f *faultTrial) job() (kling.Job, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	path := filepath.Join(f.home, ".local", "state", "klingctl", "ledger.db")
	store, err := ledger.Open(ctx, ledger.Options{Path: path, ReadOnly: true})
	if fault.Is(err, fault.NotFound) {
		return kling.Job{}, false
	}
	var jobs []kling.Job
	if err == nil {
		jobs, err = store.List(ctx, ledger.Filter{})
		err = errors.Join(err, store.Close())
	}
	if err != nil {
		f.bad("the ledger cannot be read: %v", err)
	}
	if len(jobs) > 1 {
		f.bad("the ledger has %d jobs, want one", len(jobs))
	}
	if len(jobs) == 0 {
		return kling.Job{}, false
	}
	return jobs[0], true
}

// judgeFiles holds that only whole films, and what was there before, stand
// under final names, so many of them, and that nothing is left beside them but
// parts that can be gone on with.
func (f *faultTrial) judgeFiles(films int) {
	whole := 0
	for path, data := range f.left(f.work) {
		name := filepath.Base(path)
		switch {
		case path == "a.png":
		case bytes.Equal(data, f.stage.server.Film()):
			whole++
		case f.Existing && path == f.output() && string(data) == olderFile && films == 0:
		case films == 0 && (strings.HasSuffix(name, ".part") || strings.HasSuffix(name, ".part.json")):
		default:
			f.bad("%s was left behind, %d bytes", path, len(data))
		}
	}
	if whole != films {
		f.bad("%d whole films, want %d", whole, films)
	}
	for path := range f.left(f.temporary()) {
		f.bad("%s was left in the folder for temporary files", path)
	}
}

// left reads the files below a folder, which are small here.
func (f *faultTrial) left(folder string) map[string][]byte {
	files := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		relative, relErr := filepath.Rel(folder, path)
		files[filepath.ToSlash(relative)] = data
		return errors.Join(err, relErr)
	})
	if err != nil {
		f.bad("read %s: %v", folder, err)
	}
	return files
}

// judgeKeys searches for the key wherever it must not be.
func (f *faultTrial) judgeKeys(seen faulttest.Seen) {
	places := map[string][]byte{"standard output": []byte(f.run.stdout), "standard error": []byte(f.run.stderr)}
	for _, folder := range []string{f.home, f.work} {
		maps.Copy(places, f.left(folder))
	}
	for _, request := range slices.Concat(seen.Files, seen.Others) {
		places["a request for the file"] = append(places["a request for the file"], fmt.Sprint(request.Target, request.Header)...)
	}
	for name, data := range places {
		if word := leaked(data); word != "" {
			f.bad("%s holds %s", name, word)
		}
	}
}

// goOn lets the user do what the program said: the same job must come to its
// film, and nothing may be bought for it.
func (f *faultTrial) goOn(t *testing.T) {
	t.Helper()
	job, found := f.job()
	if !found {
		f.bad("there is no job to go on with")
		return
	}
	f.healed = f.start(t, []string{"download", "--wait", job.ID, "-o", f.output(), "--timeout", "20s"})
	if f.healed.code != exitDone {
		f.bad("afterwards: exit code %d, want 0\n%s", f.healed.code, f.healed.stderr)
	}
	f.judgeFiles(max(f.Films, 1))
	if n := len(f.scene.Seen().Creates); n != 1 {
		f.bad("afterwards: %d jobs are paid for, want 1", n)
	}
}
