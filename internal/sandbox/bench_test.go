package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/sandbox"
)

// A create in-process should cost a few milliseconds at most.
func BenchmarkCreate(b *testing.B) {
	s, err := sandbox.New(sandbox.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	transport := s.Transport()
	body := `{"model_name":"kling-v2-1-master","image":"https://files.example.net/a.jpg","prompt":"waves","duration":"5"}`
	for b.Loop() {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "https://api-singapore.klingai.com/v1/videos/image2video", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer key")
		req.Header.Set("Content-Type", "application/json")
		resp, err := transport.RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			b.Fatal(resp, err)
		}
		_ = resp.Body.Close()
	}
}

func BenchmarkCreateWithTenMegabytes(b *testing.B) {
	s, err := sandbox.New(sandbox.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	transport := s.Transport()
	b.ReportAllocs()
	for b.Loop() {
		body, n := generated(`{"model":"kling-video/v2.1/pro/image-to-video","image_url":"data:image/jpeg;base64,`, 13_981_012, `","duration":5}`)
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "https://api.aimlapi.com/v2/video/generations", body)
		if err != nil {
			b.Fatal(err)
		}
		req.ContentLength = n
		req.Header.Set("Authorization", "Bearer key")
		req.Header.Set("Content-Type", "application/json")
		resp, err := transport.RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			b.Fatal(resp, err)
		}
		_ = resp.Body.Close()
	}
}
