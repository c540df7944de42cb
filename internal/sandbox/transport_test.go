package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/sandbox"
)

func TestHangEndsWithTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := sandbox.New(sandbox.Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		k := &kit{t: t, server: s, base: hostOf, client: &http.Client{Transport: s.Transport(), Timeout: time.Minute}}
		d := dialectOf(t, "kling")
		start := time.Now()
		_, err = k.try(k.request(http.MethodPost, k.base("kling")+d.create, "key", d.with("[[hang]]")))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("got %v after %v, want a deadline after 1m", err, time.Since(start))
		}
		k.wantCounts(1, 1)
	})
}

// A bubble with its own clock can live through a whole job, and through an
// answer that trickles in.
func TestLifeInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := sandbox.New(sandbox.Options{Dir: t.TempDir(), GenerationTime: 4 * time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		k := &kit{t: t, server: s, base: hostOf, client: &http.Client{Transport: s.Transport()}}
		d := dialectOf(t, "aimlapi")
		start := time.Now()
		id := k.make(d, "[[slow-reply]]")
		if took := time.Since(start); took < 4*time.Second || took > 30*time.Second {
			t.Errorf("slow-reply: took %v, want one byte each 200 ms", took)
		}
		<-time.After(5 * time.Minute)
		if got := k.look(d, id).textAt("status"); got != "completed" {
			t.Errorf("got %q, want completed", got)
		}
	})
}

func TestTransportTellsTheTrace(t *testing.T) {
	t.Parallel()
	k, d := setup(t), dialectOf(t, "kling")
	var got []string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GotConn:              func(i httptrace.GotConnInfo) { got = append(got, fmt.Sprintf("conn %t", i.Conn != nil)) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { got = append(got, "wrote") },
		GotFirstResponseByte: func() { got = append(got, "first byte") },
	})
	req := k.request(http.MethodPost, k.base("kling")+d.create, "key", d.with("waves")).WithContext(ctx)
	if _, err := k.try(req); err != nil {
		t.Fatal(err)
	}
	if want := "conn true,wrote,first byte"; strings.Join(got, ",") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// generated is a body of any length that is never whole in memory.
func generated(head string, n int64, tail string) (io.ReadCloser, int64) {
	r := io.MultiReader(strings.NewReader(head), io.LimitReader(letters{}, n), strings.NewReader(tail))
	return io.NopCloser(r), int64(len(head)) + n + int64(len(tail))
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'A'
	}
	return len(p), nil
}

func TestLargePicturesStream(t *testing.T) { //nolint:paralleltest // it measures memory
	k := setup(t)
	head := `{"model":"kling-video/v2.1/pro/image-to-video","image_url":"data:image/jpeg;base64,`
	post := func(n int64) (answer, error) {
		req := k.request(http.MethodPost, k.base("aimlapi")+"/v2/video/generations", "key", "{}")
		req.Body, req.ContentLength = generated(head, n, `","duration":5}`)
		return k.try(req)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if a, err := post(13_981_012); err != nil || a.status != http.StatusOK { // 10 MiB of picture
		t.Errorf("10 MiB: got %d %v", a.status, err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 32<<20 {
		t.Errorf("10 MiB: allocated %d bytes in all, want less than 32 MiB", grown)
	}
	if a, err := post(13_981_016); err != nil || a.status != http.StatusBadRequest || !strings.Contains(a.text, "10 MB") {
		t.Errorf("10 MiB and some bytes: got %d %s %v", a.status, a.text, err)
	}
	if a, err := post(65 << 20); err != nil || a.status != http.StatusBadRequest || !strings.Contains(a.text, "64 MiB") {
		t.Errorf("65 MiB: got %d %s %v", a.status, a.text, err)
	}
	k.wantCounts(3, 1)
	if e := k.journal().Entries[0]; !bytes.Contains(e.Body, []byte("elided: 13981035 bytes, sha256 ")) {
		t.Errorf("journal body: got %s", e.Body)
	}
}

func TestBodyMustBeAsLongAsAnnounced(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]int64{"longer": -1, "shorter": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k, d := setup(t), dialectOf(t, "kling")
			req := k.request(http.MethodPost, k.base("kling")+d.create, "key", d.with("waves"))
			req.ContentLength += off
			if _, err := k.try(req); err == nil || !strings.Contains(err.Error(), "ContentLength") {
				t.Errorf("got error %v, want one about ContentLength", err)
			}
			k.wantCounts(1, 0)
		})
	}
}

func TestBrokenRequestBody(t *testing.T) {
	t.Parallel()
	k := setup(t)
	broken := errors.New("disk gone")
	req := k.request(http.MethodPost, k.base("kling")+"/v1/videos/image2video", "key", "{}")
	req.Body, req.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(`{"image":"`), errorReader{broken})), -1
	if _, err := k.try(req); !errors.Is(err, broken) {
		t.Errorf("got %v, want the reader's error", err)
	}
	k.wantCounts(1, 0)
}

type errorReader struct{ err error }

func (e errorReader) Read([]byte) (int, error) { return 0, e.err }

func TestCancelBeforeTheBodyEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := sandbox.New(sandbox.Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		r, w := io.Pipe()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.kie.ai/api/v1/jobs/createTask", r)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer key")
		req.Header.Set("Content-Type", "application/json")
		if resp, err := s.Transport().RoundTrip(req); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want a deadline", err)
			_ = resp.Body.Close()
		}
		if _, err := w.Write([]byte("{")); err == nil {
			t.Error("the request body was left open")
		}
	})
}
