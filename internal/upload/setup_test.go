package upload_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
)

// picture writes an image that no other seed gives, and looks at it.
func picture(t *testing.T, seed uint8) media.Image {
	t.Helper()
	drawn := image.NewRGBA(image.Rect(0, 0, 48, 60))
	for x := range 48 {
		for y := range 60 {
			drawn.Set(x, y, color.RGBA{R: uint8(x), G: uint8(y), B: seed, A: 255})
		}
	}
	var text bytes.Buffer
	if err := png.Encode(&text, drawn); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "start.png")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	img, err := media.Inspect(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func content(t *testing.T, img media.Image) []byte {
	t.Helper()
	data, err := os.ReadFile(img.File())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// carrier is a round tripper that counts, and keeps what it carried.
type carrier struct {
	carry func(*http.Request) (*http.Response, error)

	mu   sync.Mutex
	sent []*http.Request
}

func (c *carrier) RoundTrip(request *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.sent = append(c.sent, request)
	c.mu.Unlock()
	return c.carry(request)
}

// requests lists what was sent, as "METHOD host/path".
func (c *carrier) requests() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []string
	for _, request := range c.sent {
		list = append(list, request.Method+" "+request.URL.Host+request.URL.EscapedPath())
	}
	return list
}

func (c *carrier) count() int { return len(c.requests()) }

// handled carries requests into a handler; bodies are read to their end, as a
// careful server does.
func handled(handler http.HandlerFunc) *carrier {
	return &carrier{carry: func(request *http.Request) (*http.Response, error) {
		var body []byte
		if request.Body != nil {
			var err error
			if body, err = io.ReadAll(request.Body); err != nil {
				return nil, err
			}
			_ = request.Body.Close()
		}
		if int64(len(body)) != request.ContentLength {
			return nil, http.ErrContentLength
		}
		in := request.Clone(request.Context())
		in.Body, in.Host = io.NopCloser(bytes.NewReader(body)), request.URL.Host
		out := httptest.NewRecorder()
		handler(out, in)
		return out.Result(), nil
	}}
}

// answers gives one answer after the other, and the last one again and again.
func answers(list ...func(http.ResponseWriter)) http.HandlerFunc {
	var mu sync.Mutex
	next := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		at := list[min(next, len(list)-1)]
		next++
		mu.Unlock()
		at(w)
	}
}

func says(status int, body string, header ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// at is a clock that stands still.
func at(moment time.Time) func() time.Time { return func() time.Time { return moment } }

// wantFault checks the kind of an error, and that nothing was bought.
func wantFault(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	failure := fault.Of(err)
	if failure == nil || failure.Kind != kind || failure.Spent() != fault.NotCharged {
		t.Fatalf("got %v (%+v), want a %s fault that cost nothing", err, failure, kind)
	}
}
