//go:build unix

package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// batchFault is something that goes wrong with a row.
type batchFault struct {
	marker string
	// unmade tells that no job comes of it, unfit that its job fails.
	unmade, unfit bool
	// patient ones take half a minute and more to settle.
	patient bool
}

func batchFaults() []batchFault {
	return []batchFault{
		{marker: "lost-reply"},
		{marker: "eof"},
		{marker: "half-reply"},
		{marker: "500-created"},
		{marker: "no-id"},
		{marker: "empty"},
		{marker: "hang", patient: true},
		{marker: "slow-reply", patient: true},
		{marker: "500", unmade: true, patient: true},
		{marker: "504", unmade: true, patient: true},
		{marker: "422", unmade: true},
		{marker: "429:2", patient: true},
		{marker: "1303:2", patient: true},
		{marker: "429:1"},
		{marker: "moderated", unfit: true},
		{marker: "failed", unfit: true},
		{marker: "slow:5s", patient: true},
		{marker: "unknown-state"},
		{marker: "not-found:2"},
		{marker: "busy-status:1"},
		{marker: "error-status:2"},
		{marker: "html-status:1"},
		{marker: "lost-status:2"},
		{marker: "expired:1"},
		{marker: "truncated"},
		{marker: "no-range"},
	}
}

// killedBatch is a manifest of which every fifth row goes wrong, half of the
// rows at a provider that looks tasks up by our id.
type killedBatch struct {
	*batchStage

	rows    map[string]batchFault
	prompts map[string]string
}

func newKilledBatch(t *testing.T, stage *batchStage, rows int, full bool) *killedBatch {
	t.Helper()
	b := &killedBatch{batchStage: stage, rows: map[string]batchFault{}, prompts: map[string]string{}}
	faults := slices.DeleteFunc(batchFaults(), func(f batchFault) bool { return f.patient && !full })
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	for i := range rows {
		offer := killOffers()[i%2]
		id, prompt, fault := fmt.Sprintf("%s-%04d", offer.provider, i), fmt.Sprintf("boat %d", i), batchFault{}
		if i/2%5 == 0 {
			fault = faults[(i/10*5+i%2)%len(faults)]
			prompt += " [[" + fault.marker + "]]"
		}
		b.rows[id], b.prompts[id] = fault, prompt
		err := encoder.Encode(map[string]string{"id": id, "provider": offer.provider, "model": offer.model, "image": offer.image, "prompt": prompt})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(b.work, "rows.jsonl"), text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return b
}

// A batch that is killed again and again ends like one that was not: no row is
// bought twice, and none is forgotten. The plain run is a sample of "make
// batchkill", which KLINGCTL_BATCH_KILLS asks for.
func TestKilledBatch(t *testing.T) {
	t.Parallel()
	full := os.Getenv("KLINGCTL_BATCH_KILLS") != ""
	rows, kills, generation := 40, numberFrom(t, "KLINGCTL_BATCH_KILLS", 3), "300ms"
	if full {
		rows, generation = numberFrom(t, "KLINGCTL_BATCH_ROWS", 1000), "2s"
	}
	b := newKilledBatch(t, newBatchStage(t, generation), rows, full)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // moments, no secrets
	began := time.Now()
	killed := b.killed(t, random, kills)
	t.Logf("seed %d: %d kills in %v", seed, killed, time.Since(began).Round(time.Second))
	if full && killed < kills {
		t.Errorf("only %d of %d runs were killed", killed, kills)
	}
	if !full {
		// Creates whose process is dead are left alone until their deadline, and
		// lost answers until they must be known: neither is waited for here.
		b.endsWith(t, []int{exitRunning, exitPartial}, "--deadline", "1500ms")
		if err := b.age(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.endsWith(t, []int{exitPartial})
	t.Logf("everything ended after %v", time.Since(began).Round(time.Second))
	made := b.judge(t)
	b.endsWith(t, []int{exitPartial})
	if again := b.judge(t); again != made {
		t.Errorf("%d creates by a run after the last, want none", again-made)
	}
}

// killed runs the batch and kills it, each time at a random moment.
func (b *killedBatch) killed(t *testing.T, random *rand.Rand, kills int) (killed int) {
	t.Helper()
	const least = 40 * time.Millisecond
	spread := max(300*time.Millisecond, time.Duration(len(b.rows))*3*time.Millisecond/2) // about what the buying takes
	for tries := 0; killed < kills && tries < 3*kills; tries++ {
		ctx, cancel := context.WithTimeout(t.Context(), least+time.Duration(random.Int64N(int64(spread))))
		err := b.batchRun(ctx, "rows.jsonl", "--concurrency", "300").Run()
		cancel()
		if killedBy(err) {
			killed++
		}
	}
	return killed
}

// endsWith runs the batch to an end of its own.
func (b *killedBatch) endsWith(t *testing.T, codes []int, flags ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	command := b.batchRun(ctx, "rows.jsonl", append(flags, "--concurrency", "300")...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	if !slices.Contains(codes, command.ProcessState.ExitCode()) {
		t.Fatalf("exit code %d (%v), want one of %v\n%s\n%s", command.ProcessState.ExitCode(), errors.Join(err, ctx.Err()), codes, &out, tail(errs.Bytes()))
	}
	if len(flags) == 0 {
		var shown struct {
			Results map[string]int
			Bought  int
		}
		if err := json.Unmarshal(out.Bytes(), &shown); err != nil {
			t.Fatal(err)
		}
		t.Logf("bought %d, results %v", shown.Bought, shown.Results)
	}
}

// judge holds every row against the emulator's journal, and gives the number of
// creates in it.
func (b *killedBatch) judge(t *testing.T) (creates int) {
	t.Helper()
	truth, err := b.stage.journal()
	if err != nil {
		t.Fatal(err)
	}
	done, wrong, videos := b.lines(t, "results.jsonl"), b.lines(t, "errors.jsonl"), b.videos(t)
	type sum struct{ rows, charged, unmade, unfit, files, unknown int }
	sums := map[string]*sum{"kling": {}, "apikley": {}}
	for id, fault := range b.rows {
		paid, line := truth[b.prompts[id]], wrong[id]
		creates += paid.creates
		finds := id[:len("kling")] == "kling"
		s := sums["apikley"]
		if finds {
			s = sums["kling"]
		}
		s.rows++
		s.charged += len(paid.tasks)
		if fault.unmade {
			s.unmade++
		}
		if fault.unfit {
			s.unfit++
		}
		if videos[id] {
			s.files++
		}
		if line.Result == "unknown" {
			s.unknown++
		}
		if problem := b.wrong(fault, finds, len(paid.tasks), videos[id], done[id], line); problem != "" {
			t.Errorf("%s, %q: %s; %d creates, charged %v\nresults.jsonl: %+v\nerrors.jsonl: %+v", id, b.prompts[id], problem, paid.creates, paid.tasks, done[id], line)
		}
	}
	for name, s := range sums {
		t.Logf("%-8s %d rows, charged %d, no job by script %d, failing jobs %d, files %d, unknown %d", name, s.rows, s.charged, s.unmade, s.unfit, s.files, s.unknown)
	}
	if s := sums["kling"]; s.charged != s.rows-s.unmade || s.files != s.charged-s.unfit || s.unknown > 0 {
		t.Errorf("kling: %+v, want all charged that can be, a file of each that can be, and nothing unknown", *s)
	}
	return creates
}

// wrong is what a row is in breach of, "" for nothing.
func (b *killedBatch) wrong(fault batchFault, finds bool, charged int, video bool, done, line batchLine) string {
	switch {
	case charged > 1:
		return "bought twice"
	case video && charged != 1:
		return "a video that nobody paid for"
	case video != (len(done.Files) > 0):
		return "the video and results.jsonl do not agree"
	case video == (line.Row != ""):
		return "a row is in errors.jsonl if and only if it has no video"
	case !video && line.Result != "unknown" && line.Result != "failed":
		return "it is " + line.Result
	case line.Result == "failed" && charged == 1 && !fault.unfit:
		return "a job that could succeed is told to have failed"
	case finds && line.Result == "unknown":
		return "unknown where tasks can be looked up"
	}
	return ""
}
