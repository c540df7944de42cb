package sandbox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/sandbox"
)

// listed are the ids on a page of the list, as the answer orders them.
func (k *kit) listed(page, size int) []string {
	k.t.Helper()
	a := k.get("kling", fmt.Sprintf("/v1/videos/image2video?pageNum=%d&pageSize=%d", page, size))
	tasks, ok := a.at("data").([]any)
	if !ok {
		k.t.Fatalf("list: got %d %s", a.status, a.text)
	}
	ids := []string{}
	for _, one := range tasks {
		task, _ := one.(map[string]any)
		ids = append(ids, answer{json: task}.textAt("task_id"))
	}
	return ids
}

// A list shows what other processes made and forgot since the last one.
func TestListSeesOtherProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine, theirs := another(t, dir), another(t, dir)
	d := dialectOf(t, "kling")
	made := []string{mine.make(d, "one")}
	if diff := cmp.Diff(made, mine.listed(1, 30)); diff != "" {
		t.Errorf("the first job (-want +got):\n%s", diff)
	}
	made = append(made, theirs.make(d, "two"), mine.make(d, "three"))
	slices.Sort(made)
	for _, k := range []*kit{mine, theirs} {
		got := k.listed(1, 30)
		slices.Sort(got)
		if diff := cmp.Diff(made, got); diff != "" {
			t.Errorf("jobs of both (-want +got):\n%s", diff)
		}
	}
	if err := theirs.server.Reset(); err != nil {
		t.Fatal(err)
	}
	last := theirs.make(d, "after the reset")
	if diff := cmp.Diff([]string{last}, mine.listed(1, 30)); diff != "" {
		t.Errorf("after a reset elsewhere (-want +got):\n%s", diff)
	}
}

// Pages are newest first, whole and without overlap.
func TestPagesOfAList(t *testing.T) {
	t.Parallel()
	k := setup(t)
	d := dialectOf(t, "kling")
	var want []string
	for range 7 {
		want = append(want, k.make(d, "waves"))
		k.clock.pass(time.Second)
	}
	slices.Reverse(want)
	var got []string
	for page := 1; page <= 4; page++ {
		got = append(got, k.listed(page, 3)...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pages of 3 (-want +got):\n%s", diff)
	}
}

// counted is an answer of the journal or of the counts.
type counted struct {
	sandbox.Counts

	Next    int64           `json:"next"`
	Entries []sandbox.Entry `json:"entries"`
}

func (k *kit) counted(path string) counted {
	k.t.Helper()
	a := k.do(http.MethodGet, "https://sandbox.invalid/_sandbox/"+path, "", "")
	var c counted
	if err := json.Unmarshal([]byte(a.text), &c); err != nil || a.status != http.StatusOK {
		k.t.Fatalf("%s: %v in %d %s", path, err, a.status, a.text)
	}
	return c
}

// The journal can be followed: an answer says where the next one goes on.
func TestJournalIsFollowed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine, theirs := another(t, dir), another(t, dir)
	d := dialectOf(t, "kling")
	if got := mine.counted("journal"); got.Next != 0 || len(got.Entries) != 0 {
		t.Errorf("an empty journal: got %+v", got)
	}
	id := theirs.make(d, strings.Repeat("waves ", 30))
	first := mine.counted("journal")
	theirs.look(d, id)
	mine.look(d, id)
	second := mine.counted(fmt.Sprintf("journal?since=%d", first.Next))
	if len(first.Entries) != 1 || len(second.Entries) != 2 || second.Entries[1].Op != "status" {
		t.Errorf("got %d entries, then %d, want 1 and 2", len(first.Entries), len(second.Entries))
	}
	want := sandbox.Counts{Creates: 1, Charged: 1, Requests: map[string]map[string]int{"kling": {"create": 1, "status": 2}}}
	if diff := cmp.Diff(want, second.Counts); diff != "" {
		t.Errorf("counts beside the new entries (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, mine.counted("counts").Counts); diff != "" {
		t.Errorf("counts alone (-want +got):\n%s", diff)
	}
	if err := theirs.server.Reset(); err != nil {
		t.Fatal(err)
	}
	for range 4 { // longer than before, so that its length does not tell
		theirs.make(d, strings.Repeat("waves ", 30))
	}
	if got := mine.counted(fmt.Sprintf("journal?since=%d", second.Next+1)); got.Charged != 4 || len(got.Entries) != 4 {
		t.Errorf("after a reset elsewhere: got %d charges and %d entries, want 4 and 4", got.Charged, len(got.Entries))
	}
}

// Lines longer than any buffer go out whole.
func TestJournalWithLongLines(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := another(t, dir)
	id := k.make(dialectOf(t, "kling"), "waves")
	path := filepath.Join(dir, "journal.jsonl")
	long := fmt.Sprintf(`{"op":"status","problem":%q}`+"\n", strings.Repeat("x", 200_000))
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(long + long)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	got := k.counted("journal")
	if len(got.Entries) != 3 || got.Entries[0].Task != id || len(got.Entries[2].Problem) != 200_000 {
		t.Errorf("got %d entries", len(got.Entries))
	}
}

// Jobs may take from one time to another: each as its id decides, all the way
// between.
func TestGenerationTimeIsSpread(t *testing.T) {
	t.Parallel()
	const least, most, jobs = 60 * time.Second, 240 * time.Second, 60
	start := time.Unix(1_800_000_000, 0)
	k := &clock{at: start}
	s, err := sandbox.New(sandbox.Options{Dir: t.TempDir(), GenerationTime: least, GenerationMost: most, Now: k.now})
	if err != nil {
		t.Fatal(err)
	}
	kit := &kit{t: t, server: s, clock: k, base: hostOf, client: &http.Client{Transport: s.Transport(), CheckRedirect: stay}}
	d := dialectOf(t, "kling")
	for range jobs {
		kit.make(d, "waves")
	}
	ended := func(after time.Duration) (n int) {
		k.pass(start.Add(after).Sub(k.now()))
		data, _ := kit.get("kling", "/v1/videos/image2video?pageSize=500").at("data").([]any)
		for _, one := range data {
			task, _ := one.(map[string]any)
			if task["task_status"] == "succeed" {
				n++
			}
		}
		return n
	}
	if n := ended(least - time.Second); n != 0 {
		t.Errorf("%d jobs ended before the least time", n)
	}
	if n := ended((least + most) / 2); n < jobs/6 || n > jobs*5/6 {
		t.Errorf("%d of %d jobs ended half way, want about half", n, jobs)
	}
	if n := ended(most); n != jobs {
		t.Errorf("%d of %d jobs ended by the longest time", n, jobs)
	}
}

// Small clips are real ones, and do not stand in the way of large ones that
// another process makes in the same folder.
func TestSmallClips(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	size := func(side int) int {
		s, err := sandbox.New(sandbox.Options{Dir: dir, GenerationTime: time.Nanosecond, ClipSide: side})
		if err != nil {
			t.Fatal(err)
		}
		k := &kit{t: t, server: s, base: hostOf, client: &http.Client{Transport: s.Transport(), CheckRedirect: stay}}
		d := dialectOf(t, "aimlapi")
		a := k.do(http.MethodGet, d.link(k.look(d, k.make(d, "waves"))), "", "")
		if a.status != http.StatusOK || len(a.text) < 12 || a.text[4:8] != "ftyp" {
			t.Fatalf("side %d: got %d, %d bytes", side, a.status, len(a.text))
		}
		return len(a.text)
	}
	small, large := size(64), size(0)
	if 2*small > large {
		t.Errorf("a clip of 64 pixels has %d bytes, one of 1280 has %d", small, large)
	}
	for _, side := range []int{-1, 63, 1281} {
		if _, err := sandbox.New(sandbox.Options{Dir: dir, ClipSide: side}); err == nil {
			t.Errorf("clips of %d pixels were not refused", side)
		}
	}
}
