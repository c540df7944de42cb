package sandbox_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/sandbox"
)

// bench is a sandbox under load: its handler is called directly, so that the
// figures are those of the emulator and not of a client.
type bench struct {
	b       *testing.B
	server  *sandbox.Server
	dir     string
	handler http.Handler
}

func newBench(b *testing.B) *bench {
	b.Helper()
	dir := b.TempDir()
	server, err := sandbox.New(sandbox.Options{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	return &bench{b: b, server: server, dir: dir, handler: server}
}

// do sends a request and gives the answer's body.
func (k *bench) do(method, path, body string) string {
	k.b.Helper()
	r := httptest.NewRequestWithContext(k.b.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer key")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		k.b.Fatalf("%s %s: got %d %s", method, path, w.Code, w.Body)
	}
	return w.Body.String()
}

// fill makes jobs of one account and gives their ids.
func (k *bench) fill(jobs int) []string {
	k.b.Helper()
	ids := make([]string, jobs)
	for i := range ids {
		body := fmt.Sprintf(`{"model_name":"kling-v2-1-master","image":"https://files.example.net/%d.jpg","prompt":"waves","duration":"5","external_task_id":"row-%d"}`, i, i)
		_, rest, _ := strings.Cut(k.do(http.MethodPost, "/v1/videos/image2video", body), `"task_id":"`)
		ids[i], _, _ = strings.Cut(rest, `"`)
	}
	return ids
}

// A create with an external id, as a batch sends it.
func BenchmarkServeCreate(b *testing.B) {
	k := newBench(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		k.do(http.MethodPost, "/v1/videos/image2video",
			fmt.Sprintf(`{"model_name":"kling-v2-1-master","image":"https://files.example.net/a.jpg","prompt":"waves","duration":"5","external_task_id":"n-%d"}`, i))
	}
}

// A look at one of 10,000 jobs.
func BenchmarkServeStatus(b *testing.B) {
	k := newBench(b)
	ids := k.fill(10_000)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		k.do(http.MethodGet, "/v1/videos/image2video/"+ids[i*7919%len(ids)], "")
	}
}

// A page of 500 out of 10,000 jobs.
func BenchmarkServeList(b *testing.B) {
	k := newBench(b)
	k.fill(10_000)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		k.do(http.MethodGet, fmt.Sprintf("/v1/videos/image2video?pageNum=%d&pageSize=500", i%20+1), "")
	}
}

// The counts of a journal of 100,000 requests, one of them new.
func BenchmarkServeCounts(b *testing.B) {
	k := newBench(b)
	k.writeJournal(100_000)
	k.do(http.MethodGet, "/_sandbox/counts", "")
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		k.do(http.MethodGet, "/v1/videos/image2video?pageSize=1", "")
		k.do(http.MethodGet, "/_sandbox/counts", "")
	}
}

// The journal of 100,000 requests, read whole.
func BenchmarkServeJournal(b *testing.B) {
	k := newBench(b)
	k.writeJournal(100_000)
	b.ReportAllocs()
	for b.Loop() {
		k.do(http.MethodGet, "/_sandbox/journal", "")
	}
}

// writeJournal makes a journal as other processes would have left it.
func (k *bench) writeJournal(lines int) {
	k.b.Helper()
	id := k.fill(1)[0]
	k.do(http.MethodGet, "/v1/videos/image2video/"+id, "")
	path := filepath.Join(k.dir, "journal.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		k.b.Fatal(err)
	}
	_, look, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(path, []byte(string(text)+strings.Repeat(look, lines-2)), 0o600); err != nil {
		k.b.Fatal(err)
	}
}
