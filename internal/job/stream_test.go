package job_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/all"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/secret"
)

// tenMiB is the size of the largest image that providers take.
const tenMiB = 10 << 20

// accepted is the answer of native Kling to a create.
const accepted = `{"code":0,"message":"SUCCEED","request_id":"r","data":{"task_id":"1","task_status":"submitted"}}`

// bigImage is an inspected file of ten MiB; no one looks at its pixels again.
func bigImage(tb testing.TB) media.Image {
	tb.Helper()
	content := bytes.Repeat([]byte("lighthouse "), tenMiB/11+1)[:tenMiB]
	path := filepath.Join(tb.TempDir(), "big.png")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		tb.Fatal(err)
	}
	sum := sha256.Sum256(content)
	return media.Image{Source: path, Type: media.TypePNG, Bytes: tenMiB, SHA256: hex.EncodeToString(sum[:]), ModTime: info.ModTime()}
}

func requestWith(image any) dialect.Request {
	return dialect.Request{
		Model: "kling-v2-1-master", Kind: kling.ImageToVideo, Endpoint: "image2video",
		Input: map[string]any{"image": image, "prompt": "a boat", "duration": "5"},
	}
}

// clientOf speaks to a server at base through a transport.
func clientOf(tb testing.TB, base string, through http.RoundTripper) *provider.Client {
	tb.Helper()
	client, err := provider.New(
		provider.Settings{Name: "kling", Dialect: "klingapi", BaseURL: base, PathPrefix: "/v1", AllowHTTP: true},
		provider.Wiring{Speak: all.New, Credential: dialect.Credential{Key: secret.New("sandbox-key")}, Creates: through, Reads: through},
	)
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// answer ends an exchange in memory.
func answer() *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(accepted)),
	}
}

func heap() runtime.MemStats {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats
}

// Not parallel: what is counted is the whole process. All the bytes that were
// ever allocated bound what can be in use at one time, whatever the collector
// does, so that this does not depend on its mood.
func TestThirtyTwoLargeImagesAtOnceNeedLittleMemory(t *testing.T) { //nolint:paralleltest // said above
	const jobs, limit = 32, 64 << 20
	image := bigImage(t)
	var begun, done sync.WaitGroup
	var order atomic.Int32
	begun.Add(jobs)
	client := clientOf(t, "https://api.example", roundTrip(func(r *http.Request) (*http.Response, error) {
		sent, err := io.CopyN(io.Discard, r.Body, 1<<20)
		begun.Done()
		if err != nil {
			return nil, err
		}
		begun.Wait() // all of them are under way now
		if order.Add(1) > 4 {
			return answer(), r.Body.Close() // a few to their end are evidence enough, and quick
		}
		rest, err := io.Copy(io.Discard, r.Body)
		if sent+rest != r.ContentLength || r.ContentLength < tenMiB*4/3 {
			t.Errorf("sent %d bytes, announced %d", sent+rest, r.ContentLength)
		}
		return answer(), err
	}))
	before := heap()
	for range jobs {
		done.Go(func() {
			if seen, err := client.Create(t.Context(), requestWith(media.NewBase64(image, false))); err != nil || seen.Task != "1" {
				t.Errorf("Create = %+v, %v", seen, err)
			}
		})
	}
	done.Wait()
	if used := heap().TotalAlloc - before.TotalAlloc; used > limit {
		t.Errorf("%d submits of 10 MiB at once allocated %d MiB, want at most %d", jobs, used>>20, limit>>20)
	} else {
		t.Logf("%d submits of 10 MiB at once allocated %.1f MiB", jobs, float64(used)/(1<<20))
	}
}

// peaks notes the largest heap at the ends of exchanges, when all that was
// sent is still held by whoever holds it.
type peaks struct {
	http.RoundTripper
	idle, most uint64
}

func (p *peaks) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := p.RoundTripper.RoundTrip(r)
	p.most = max(p.most, heap().HeapAlloc)
	return response, err
}

// postWhole reads, encodes and marshals in memory: what streaming is held
// against.
func postWhole(b *testing.B, base string, through http.RoundTripper, image media.Image) error {
	b.Helper()
	content, err := os.ReadFile(image.File())
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{
		"model_name": "kling-v2-1-master", "image": base64.StdEncoding.EncodeToString(content), "prompt": "a boat", "duration": "5",
	})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, base+"/v1/videos/image2video", bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := through.RoundTrip(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return errors.Join(err, response.Body.Close())
}

// BenchmarkUpload10MiB is a create with a large image, streamed and not, to a
// transport that throws it away and to a server on the loopback. peak-MiB is
// the heap above that of the idle process.
func BenchmarkUpload10MiB(b *testing.B) {
	image := bigImage(b)
	discard := roundTrip(func(r *http.Request) (*http.Response, error) {
		_, err := io.Copy(io.Discard, r.Body)
		return answer(), err
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, accepted)
	}))
	b.Cleanup(server.Close)
	for _, side := range []struct {
		name, base string
		through    http.RoundTripper
	}{
		{"discard", "https://api.example", discard},
		{"loopback", server.URL, server.Client().Transport},
	} {
		for _, whole := range []bool{false, true} {
			name := side.name + "/stream"
			if whole {
				name = side.name + "/whole"
			}
			b.Run(name, func(b *testing.B) {
				runtime.GC()
				watched := &peaks{RoundTripper: side.through, idle: heap().HeapAlloc}
				client := clientOf(b, side.base, watched)
				b.SetBytes(tenMiB)
				b.ReportAllocs()
				for b.Loop() {
					var err error
					if whole {
						err = postWhole(b, side.base, watched, image)
					} else {
						_, err = client.Create(b.Context(), requestWith(media.NewBase64(image, false)))
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(watched.most-watched.idle)/(1<<20), "peak-MiB")
			})
		}
	}
}
