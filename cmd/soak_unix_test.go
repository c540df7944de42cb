//go:build unix

package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/ledger"
	"github.com/klingctl/klingctl/internal/sandbox"
)

// TestSoak waits for a thousand jobs in one process, half of them at a
// provider that lists and half at one that does not, and prints what that
// costs: "make soak". The jobs are made straight at the emulator, because the
// presets' rate of creates would take longer than the jobs.
//
// KLINGCTL_SOAK is how many jobs, an even number, KLINGCTL_SOAK_TIME how long
// each takes, and KLINGCTL_SOAK_BINARY a klingctl as it is released.
func TestSoak(t *testing.T) {
	jobs, err := strconv.Atoi(os.Getenv("KLINGCTL_SOAK"))
	if err != nil {
		t.Skip("not run: KLINGCTL_SOAK says how many jobs to wait for; see make soak")
	}
	s := newSoak(t)
	ids := s.order(t, jobs)
	created := s.counts(t)
	waiting := s.command(t.Context(), "wait", "-", "--json")
	waiting.Stdin = strings.NewReader(strings.Join(ids, "\n"))
	var stdout, stderr bytes.Buffer
	waiting.Stdout, waiting.Stderr = &stdout, &stderr
	since := time.Now()
	if got := exitOf(t, waiting.Run()); got != exitDone {
		t.Fatalf("exit code %d\n%s", got, tail(stderr.Bytes()))
	}
	ended := time.Now()
	var records []struct{ State string }
	if err := json.Unmarshal(stdout.Bytes(), &records); err != nil || len(records) != jobs {
		t.Fatalf("it printed %d records (%v), want %d", len(records), err, jobs)
	}
	usage, _ := waiting.ProcessState.SysUsage().(*syscall.Rusage)
	t.Logf("%d jobs: waited %v, %v of CPU, peak memory %d MiB", jobs, ended.Sub(since).Round(time.Second),
		(waiting.ProcessState.UserTime() + waiting.ProcessState.SystemTime()).Round(10*time.Millisecond), usage.Maxrss>>10)
	s.requests(t, created)
	last := s.lags(t)
	t.Logf("the process ended %v after the last job", ended.Sub(last).Round(time.Millisecond))
	served := s.stop(t)
	t.Logf("the emulator took %v of CPU", (served.UserTime() + served.SystemTime()).Round(10*time.Millisecond))
}

// soak is a served emulator and a home with a ledger.
type soak struct {
	place

	binary, base, served string
	serving              *watchedProcess
	made                 map[string][]kling.Job // by provider
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	s := &soak{place: newPlace(t), binary: os.Getenv("KLINGCTL_SOAK_BINARY"), made: map[string][]kling.Job{}}
	if s.binary == "" {
		s.binary = killBinary(t)
	}
	takes := os.Getenv("KLINGCTL_SOAK_TIME")
	if takes == "" {
		takes = "60s..300s"
	}
	s.served = filepath.Join(s.work, "served")
	s.serving = s.started(t, s.command(t.Context(), "sandbox", "serve", "--addr", "127.0.0.1:0", "--dir", s.served, "--generation-time", takes))
	line := s.serving.until(t, "sandbox at http://127.0.0.1:")
	s.base, _, _ = strings.Cut(strings.TrimPrefix(line, "sandbox at "), ",")
	s.environ = slices.DeleteFunc(s.environ, func(line string) bool { return strings.HasPrefix(line, "KLINGCTL_POLL_INTERVAL=") })
	s.environ = append(s.environ,
		"KLINGCTL_PROVIDERS_KLING_BASE_URL="+s.base+"/_as/kling", "KLING_API_KEY="+canary,
		"KLINGCTL_PROVIDERS_APIKLEY_BASE_URL="+s.base+"/_as/apikley", "APIKLEY_API_KEY="+canary)
	return s
}

func (s *soak) command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, s.binary, args...) //nolint:gosec // the program under test
	command.Dir, command.Env = s.work, s.environ
	return command
}

// order makes jobs, half at each provider, and gives their ids. One of each is
// submitted by the program; the rest are rows like it.
func (s *soak) order(t *testing.T, jobs int) []string {
	t.Helper()
	var ids []string
	for _, at := range []struct{ provider, model, path, before, body string }{
		{
			"kling", "kling-v2-1-master", "/v1/videos/image2video", `"task_id":"`,
			`{"model_name":"kling-v2-1-master","image":"https://files.example.net/a.png","prompt":"x %d","duration":"5","external_task_id":"soak-%[1]d"}`,
		},
		{
			"apikley", "kling/v2-1-master-image-to-video", "/api/v1/jobs/createTask", `"taskId":"`,
			`{"model":"kling/v2-1-master-image-to-video","input":{"prompt":"x %d","image_url":"https://files.example.net/a.png","duration":"5"}}`,
		},
	} {
		command := s.command(t.Context(), "submit", "--provider", at.provider, "-m", at.model, "-i", "https://files.example.net/a.png", "-p", "x")
		out, err := command.Output()
		if err != nil {
			t.Fatalf("submit to %s: %v\n%s", at.provider, err, out)
		}
		store := s.ledger(t)
		first, err := store.Get(t.Context(), strings.TrimSpace(string(out)))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, first.ID)
		s.made[at.provider] = []kling.Job{first}
		for i := 1; i < jobs/2; i++ {
			_, rest, _ := strings.Cut(s.post(t, "/_as/"+at.provider+at.path, fmt.Sprintf(at.body, i)), at.before)
			next := first
			next.ID = fmt.Sprintf("%s%0*d", first.ID[:6], kling.IDLength-6, i)
			next.Ref.Task, _, _ = strings.Cut(rest, `"`)
			next.ExternalID, next.Key = "", first.Key+strconv.Itoa(i)
			next.CreatedAt, next.SubmittedAt, next.UpdatedAt = time.Now(), time.Now(), time.Now()
			if err := store.Add(t.Context(), next); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, next.ID)
			s.made[at.provider] = append(s.made[at.provider], next)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

func (s *soak) ledger(t *testing.T) *ledger.Store {
	t.Helper()
	store, err := ledger.Open(t.Context(), ledger.Options{Path: filepath.Join(s.home, ".local", "state", "klingctl", "ledger.db")})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func (s *soak) post(t *testing.T, path, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+canary)
	request.Header.Set("Content-Type", "application/json")
	return s.answer(t, request)
}

func (s *soak) answer(t *testing.T, request *http.Request) string {
	t.Helper()
	reply, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(reply.Body)
	if err := errors.Join(err, reply.Body.Close()); err != nil || reply.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d (%v) %s", request.URL.Path, reply.StatusCode, err, text)
	}
	return string(text)
}

// counts is how often each provider was asked for what.
func (s *soak) counts(t *testing.T) map[string]map[string]int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+"/_sandbox/counts", nil)
	if err != nil {
		t.Fatal(err)
	}
	var counts sandbox.Counts
	if err := json.Unmarshal([]byte(s.answer(t, request)), &counts); err != nil {
		t.Fatal(err)
	}
	return counts.Requests
}

// requests prints the requests a job, and holds that nothing was bought.
func (s *soak) requests(t *testing.T, before map[string]map[string]int) {
	t.Helper()
	after := s.counts(t)
	for provider, made := range s.made {
		sent := map[string]int{}
		total := 0
		for op, n := range after[provider] {
			if n -= before[provider][op]; n > 0 {
				sent[op] = n
				total += n
			}
		}
		if sent["create"] > 0 {
			t.Errorf("%s: %d creates while waiting", provider, sent["create"])
		}
		t.Logf("%-8s %.2f requests a job %v", provider, float64(total)/float64(len(made)), sent)
	}
}

// lags prints how long after the end of a job the ledger was told of it, and
// gives the last end. The emulator's files say when a job ends.
func (s *soak) lags(t *testing.T) (last time.Time) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.served, "tasks", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	ends := map[string]time.Time{}
	for _, path := range files {
		var task struct {
			ID        string `json:"id"`
			CreatedMS int64  `json:"created_ms"`
			TakesMS   int64  `json:"takes_ms"`
		}
		text, err := os.ReadFile(path) //nolint:gosec // of the emulator's folder
		if err := errors.Join(err, json.Unmarshal(text, &task)); err != nil {
			t.Fatal(err)
		}
		ends[task.ID] = time.UnixMilli(task.CreatedMS + task.TakesMS)
	}
	store := s.ledger(t)
	defer store.Close()
	for provider, made := range s.made {
		var lags []time.Duration
		var sum time.Duration
		for _, job := range made {
			events, err := store.Events(t.Context(), job.ID)
			if err != nil || len(events) == 0 || events[len(events)-1].State != kling.Succeeded {
				t.Fatalf("the ledger says %v of %s (%v), want succeeded", events, job.ID, err)
			}
			end := ends[job.Ref.Task]
			if end.After(last) {
				last = end
			}
			lag := events[len(events)-1].At.Sub(end)
			lags, sum = append(lags, lag), sum+lag
		}
		slices.Sort(lags)
		t.Logf("%-8s noticed after %v on average, p95 %v, at most %v", provider,
			(sum / time.Duration(len(lags))).Round(10*time.Millisecond),
			lags[len(lags)*95/100].Round(10*time.Millisecond), lags[len(lags)-1].Round(10*time.Millisecond))
	}
	return last
}

// stop ends the emulator.
func (s *soak) stop(t *testing.T) *os.ProcessState {
	t.Helper()
	if err := s.serving.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	s.serving.end(t, exitDone)
	return s.serving.command.ProcessState
}

// tail is the end of a long text.
func tail(text []byte) []byte { return text[max(0, len(text)-2000):] }
