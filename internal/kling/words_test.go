package kling_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/kling"
)

func TestNewIDIsAnIDAndSoIsEveryLongPrefix(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var random [kling.IDLength]byte
		copy(random[:], rapid.SliceOfN(rapid.Byte(), kling.IDLength, kling.IDLength).Draw(t, "random"))
		id := kling.NewID(random)
		if len(id) != kling.IDLength || kling.IsRef(id) {
			t.Fatalf("NewID gave %q", id)
		}
		for n := range len(id) + 1 {
			if got, want := kling.ValidIDPrefix(id[:n]), n >= 4; got != want {
				t.Errorf("ValidIDPrefix(%q) = %v, want %v", id[:n], got, want)
			}
		}
	})
}

// TestNewIDIsFair counts what each byte value becomes.
func TestNewIDIsFair(t *testing.T) {
	t.Parallel()
	counts := map[byte]int{}
	for b := range 256 {
		counts[kling.NewID([kling.IDLength]byte{byte(b)})[0]]++
	}
	if len(counts) != 32 {
		t.Errorf("ids are made of %d characters, want 32", len(counts))
	}
	for character, n := range counts {
		if n != 8 {
			t.Errorf("%q stands for %d of 256 values, want 8", character, n)
		}
	}
}

func TestValidIDPrefixRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "abc", "abcI", "abci", "abcl", "abco", "abcu", "ABCD", "0123456789abc", "ab-d", "ab:d", "ab\xffd", "abc\u00e9"} {
		if kling.ValidIDPrefix(text) {
			t.Errorf("ValidIDPrefix(%q) = true", text)
		}
	}
}

func TestStatesFallIntoClasses(t *testing.T) {
	t.Parallel()
	classes := map[kling.State]string{
		kling.Draft: "draft", kling.Submitting: "open", kling.Queued: "in flight", kling.Running: "in flight",
		kling.Unknown: "open", kling.Succeeded: "ended", kling.Failed: "ended", kling.Refused: "ended", kling.Lost: "ended",
	}
	if len(kling.States()) != len(classes) {
		t.Errorf("there are %d states, this test knows %d", len(kling.States()), len(classes))
	}
	for _, state := range kling.States() {
		got := "draft"
		switch {
		case state.Terminal() && !state.Open() && !state.InFlight():
			got = "ended"
		case state.InFlight() && state.Open() && !state.Terminal():
			got = "in flight"
		case state.Open() && !state.Terminal():
			got = "open"
		}
		if got != classes[state] || !state.Valid() {
			t.Errorf("%s is %s, want %s", state, got, classes[state])
		}
	}
	if kling.State("done").Valid() || kling.State("").Valid() || kling.State("done").Terminal() {
		t.Error("a word that is no state passes for one")
	}
}

func TestKindsAreValid(t *testing.T) {
	t.Parallel()
	for _, kind := range kling.Kinds() {
		if !kind.Valid() {
			t.Errorf("%q is not valid", kind)
		}
	}
	if kling.Kind("").Valid() || kling.Kind("text2video").Valid() {
		t.Error("a word that is no kind passes for one")
	}
}

func TestFilesCountsCheckedFilesOnly(t *testing.T) {
	t.Parallel()
	job := kling.Job{Artifacts: []kling.Artifact{{Path: "/chosen"}, {Path: "/saved", SHA256: "aa"}, {}}}
	if got := job.Files(); got != 1 {
		t.Errorf("Files() = %d, want 1", got)
	}
}
