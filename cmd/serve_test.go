package cmd

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The verb itself: it says where it listens, plays a real provider for another
// process, and ends with 0 when it is told to.
func TestSandboxServe(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("not run on Windows: a process cannot be sent an interrupt there")
	}
	p := newPlace(t)
	serving := p.start(t, "sandbox", "serve", "--addr", "127.0.0.1:0", "--dir", filepath.Join(p.work, "served"))
	line := serving.until(t, "sandbox at http://127.0.0.1:")
	base, _, _ := strings.Cut(strings.TrimPrefix(line, "sandbox at "), ",")

	p.environ = append(p.environ, "KLINGCTL_PROVIDERS_POWERTOKENS_BASE_URL="+base+"/_as/powertokens", "POWERTOKENS_API_KEY="+canary)
	stdout := p.run(t, "submit", "--provider", "powertokens", "-m", "kling-v2-1-master", "-i", "a.png", "-p", "x", "-o", "clip.mp4")
	if stdout != "clip.mp4" {
		t.Errorf("standard output = %q, want clip.mp4", stdout)
	}
	data, err := os.ReadFile(filepath.Join(p.work, "clip.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := movieSeconds(data); err != nil {
		t.Errorf("the file is no whole MP4: %v", err)
	}
	if creates, charged := servedJournal(t, base); creates != 1 || charged != 1 {
		t.Errorf("the journal counts %d creates and %d charges, want 1 and 1", creates, charged)
	}

	if err := serving.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	serving.end(t, exitDone)
}

func servedJournal(t *testing.T, base string) (creates, charged int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/_sandbox/journal", nil)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	var journal struct {
		Creates int `json:"creates"`
		Charged int `json:"charged"`
	}
	if err := json.NewDecoder(reply.Body).Decode(&journal); err != nil {
		t.Fatal(err)
	}
	return journal.Creates, journal.Charged
}
