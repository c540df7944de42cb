//go:build unix

package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/sandbox"
)

// TestBatchBench measures batches against the program that remembers nothing
// and against a shell loop, and prints the tables of docs/performance.md:
// "make batchbench". Nothing else may run beside it.
//
// KLINGCTL_BATCH_BENCH is how many rows, KLINGCTL_BATCH_ROUNDS how often, and
// KLINGCTL_BATCH_MANY the rows of the run for totals.
func TestBatchBench(t *testing.T) {
	if os.Getenv("KLINGCTL_BATCH_BENCH") == "" {
		t.Skip("not run: KLINGCTL_BATCH_BENCH says how many rows; see make batchbench")
	}
	rows := numberFrom(t, "KLINGCTL_BATCH_BENCH", 0)
	for round := range numberFrom(t, "KLINGCTL_BATCH_ROUNDS", 2) {
		t.Logf("round %d", round+1)
		alone := benchIdeal(t, rows, 1000)
		ours := benchBatch(t, benchFolder(), "30s", rows, 1000)
		t.Logf("batch / no store: wall %.3f", ours.wall.Seconds()/alone.Seconds())
		few := benchBatch(t, benchFolder(), "30s", max(1, rows/10), 1000)
		benchBatch(t, benchFolder(), "30s", max(1, rows/10), 300)
		t.Logf("peak memory of %d rows / %d rows: %.2f", rows, max(1, rows/10), float64(ours.memory)/float64(few.memory))
		if alone.Seconds()*1.05 < ours.wall.Seconds() {
			t.Errorf("%v with a store, %v without: more than 1.05 of it", ours.wall, alone)
		}
		if ours.memory > 150<<10 || float64(ours.memory) > 1.2*float64(few.memory) {
			t.Errorf("peak memory %d KiB, of a tenth of the rows %d KiB", ours.memory, few.memory)
		}
	}
	if many := numberFrom(t, "KLINGCTL_BATCH_MANY", 10_000); many > 1 {
		benchBatch(t, benchFolder(), "5s", many, 1000)
	}
	benchLoop(t, max(32, rows/10))
	benchBatch(t, benchLinks(), "3s", max(32, rows/10), 32)
}

// benchOrder is what is ordered: of local images, or of a list of links.
type benchOrder struct {
	source string
	flags  []string
}

// benchFolder is a folder of images, which go inside the body of each create.
func benchFolder() benchOrder {
	return benchOrder{"shots", []string{"--provider", "kling", "-m", "kling-v2-1-master"}}
}

// benchLinks go to a provider whose documented rate is no bound here, for a
// loop of submits keeps to that.
func benchLinks() benchOrder {
	return benchOrder{"links.txt", []string{"--provider", "apixo", "-m", "kling-2-1", "--mode", "standard-image-to-video"}}
}

// measured is what a run took.
type measured struct {
	wall, cpu time.Duration
	memory    int64 // peak, in KiB
}

func benchIdeal(t *testing.T, rows, slots int) time.Duration {
	t.Helper()
	s := newBatchStage(t, "30s")
	s.pictures(t, "shots", rows)
	images, err := filepath.Glob(filepath.Join(s.work, "shots", "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(images)
	var before, after syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	wall, err := newIdeal(t, s.place, slots).run(t.Context(), images)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(s.work, "ideal", "*.mp4"))
	if err != nil || len(found) != rows {
		t.Fatalf("%d videos (%v), want %d", len(found), err, rows)
	}
	cpu := usageTime(&after) - usageTime(&before)
	t.Logf("no store   %5d rows, %4d in flight, 30s: wall %6.1f s, CPU %5.1f s", rows, slots, wall.Seconds(), cpu.Seconds())
	s.stop(t)
	return wall
}

// benchBatch runs a folder of images through the program.
func benchBatch(t *testing.T, order benchOrder, generation string, rows, flying int) measured {
	t.Helper()
	s := newBatchStage(t, generation)
	s.pictures(t, "shots", rows)
	s.links(t, rows)
	command := s.batchRun(t.Context(), order.source, append(order.flags, "-p", "slow pan over {stem}",
		"--concurrency", strconv.Itoa(flying), "--poll-interval", idealPace.String())...)
	command.Args[slices.Index(command.Args, "out/{row}.mp4")] = "out/"
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	began := time.Now()
	if got := exitOf(t, command.Run()); got != exitDone {
		t.Fatalf("exit code %d\n%s\n%s", got, &out, tail(errs.Bytes()))
	}
	m := measured{wall: time.Since(began)}
	usage, _ := command.ProcessState.SysUsage().(*syscall.Rusage)
	m.cpu, m.memory = usageTime(usage), usage.Maxrss
	var shown struct {
		Results map[string]int
		Bought  int
	}
	if err := json.Unmarshal(out.Bytes(), &shown); err != nil {
		t.Fatal(err)
	}
	creates, charged := s.charged(t)
	files := len(s.videos(t))
	if shown.Results["done"] != rows || shown.Bought != rows || creates != rows || charged != rows || files != rows {
		t.Errorf("%d rows: done %d, bought %d, creates %d, charged %d, files %d", rows, shown.Results["done"], shown.Bought, creates, charged, files)
	}
	t.Logf("batch run  %5d rows, %4d in flight, %s: wall %6.1f s, %5.1f rows/s, CPU %5.1f s (%.1f ms a row), peak memory %d MiB; charged %d, files %d",
		rows, flying, generation, m.wall.Seconds(), float64(rows)/m.wall.Seconds(), m.cpu.Seconds(), ms(m.cpu, rows), m.memory>>10, charged, files)
	s.stop(t)
	return m
}

// benchLoop is the same by a shell loop, 32 processes at a time.
func benchLoop(t *testing.T, rows int) {
	t.Helper()
	s := newBatchStage(t, "3s")
	s.links(t, rows)
	if err := os.Symlink(s.stage.binary, filepath.Join(s.work, "klingctl")); err != nil {
		t.Fatal(err)
	}
	submit := "./klingctl submit -i {} -p 'slow pan over {}' -o loop/ --poll-interval " + idealPace.String() + " " + strings.Join(benchLinks().flags, " ")
	command := s.command(t.Context(), []string{"sh", "-c", "xargs -P 32 -I {} " + submit + " < links.txt"})
	var errs bytes.Buffer
	command.Stderr = &errs
	began := time.Now()
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s", err, tail(errs.Bytes()))
	}
	wall := time.Since(began)
	usage, _ := command.ProcessState.SysUsage().(*syscall.Rusage) // with all children that it waited for
	found, err := filepath.Glob(filepath.Join(s.work, "loop", "*.mp4"))
	if err != nil || len(found) != rows {
		t.Errorf("%d videos (%v), want %d", len(found), err, rows)
	}
	t.Logf("xargs      %5d rows,   32 in flight, 3s: wall %6.1f s, %5.1f rows/s, CPU %5.1f s (%.1f ms a row)",
		rows, wall.Seconds(), float64(rows)/wall.Seconds(), usageTime(usage).Seconds(), ms(usageTime(usage), rows))
	s.stop(t)
}

// stop ends the emulator.
func (s *batchStage) stop(t *testing.T) {
	t.Helper()
	if err := s.serving.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	s.serving.end(t, exitDone)
	served := s.serving.command.ProcessState
	t.Logf("           the emulator took %.1f s of CPU", (served.UserTime() + served.SystemTime()).Seconds())
}

// charged asks the emulator for its numbers, not for the whole journal.
func (s *batchStage) charged(t *testing.T) (creates, charged int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.stage.base+"/_sandbox/counts", nil)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	var counts sandbox.Counts
	if err := json.NewDecoder(reply.Body).Decode(&counts); err != nil {
		t.Fatal(err)
	}
	return counts.Creates, counts.Charged
}

func usageTime(usage *syscall.Rusage) time.Duration {
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func ms(d time.Duration, rows int) float64 { return float64(d.Microseconds()) / 1000 / float64(rows) }

// links writes a list of images that are there already.
func (s *batchStage) links(t *testing.T, count int) {
	t.Helper()
	var list bytes.Buffer
	for i := range count {
		fmt.Fprintf(&list, "https://files.example.net/%05d.png\n", i)
	}
	if err := os.WriteFile(filepath.Join(s.work, "links.txt"), list.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
