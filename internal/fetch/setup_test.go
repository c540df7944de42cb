package fetch_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		if err := play(role, os.Args[1:], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, role+":", err)
			os.Exit(1)
		}
		return
	}
	// Links of the proxy that a reset broke wait for ever.
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"))
}

func mp4Box(kind string, content ...[]byte) []byte {
	body := bytes.Join(content, nil)
	out := binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))
	return append(append(out, kind...), body...)
}

// clip is a whole MP4 of 5 s and 1280x720 with so many bytes of pictures, which
// differ with the seed.
func clip(pictures int, seed byte) []byte {
	header := mp4Box("mvhd", make([]byte, 12), []byte{0, 0, 3, 232, 0, 0, 19, 136}, make([]byte, 80))
	track := mp4Box("trak", mp4Box("tkhd", make([]byte, 76), []byte{5, 0, 0, 0, 2, 208, 0, 0}))
	data := make([]byte, pictures)
	for i := range data {
		data[i] = byte(i*31+i>>8) ^ seed
	}
	return bytes.Join([][]byte{mp4Box("ftyp", []byte("isom\x00\x00\x02\x00isom")), mp4Box("moov", header, track), mp4Box("mdat", data)}, nil)
}

// tiny is a whole MP4 of some forty bytes, for what is tried at every one.
func tiny(pictures string) []byte {
	return bytes.Join([][]byte{mp4Box("ftyp", []byte("isom\x00\x00\x02\x00")), mp4Box("moov"), mp4Box("mdat", []byte(pictures))}, nil)
}

// secretQuery must never show in an error.
const secretQuery = "X-Amz-Signature=CANARY"

const link = "https://cdn.example/out/clip.mp4?" + secretQuery

// answer is one turn of the store.
type answer func(req *http.Request) (*http.Response, error)

// store is an origin in the process: each request takes the next answer, the
// last one stays.
type store struct {
	mu       sync.Mutex
	answers  []answer
	requests []*http.Request
	at       []time.Time
}

func serve(answers ...answer) *store { return &store{answers: answers} }

// RoundTrip implements http.RoundTripper.
func (s *store) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	next := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	s.requests, s.at = append(s.requests, req), append(s.at, time.Now())
	s.mu.Unlock()
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	res, err := next(req)
	if res != nil {
		res.Request = req
	}
	return res, err
}

// ranges lists the Range headers in order of the requests.
func (s *store) ranges() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, req := range s.requests {
		out = append(out, req.Header.Get("Range"))
	}
	return out
}

func (s *store) count() int { return len(s.ranges()) }

// modified is a day well before every clock here.
func modified() time.Time { return time.Date(1999, 11, 1, 0, 0, 0, 0, time.UTC) }

// honest serves content as net/http does, ranges and conditions included.
func honest(content []byte, tag string) answer {
	return func(req *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Type", "video/mp4")
		if tag != "" {
			w.Header().Set("ETag", tag)
		}
		http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(content))
		return w.Result(), nil
	}
}

// dated is honest with a Last-Modified in the place of a tag.
func dated(content []byte, when time.Time) answer {
	return func(req *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		http.ServeContent(w, req, "", when, bytes.NewReader(content))
		return w.Result(), nil
	}
}

// cutAfter ends the connection of an answer after n bytes.
func cutAfter(n int64, of answer) answer {
	return endingAfter(n, io.ErrUnexpectedEOF, of)
}

func endingAfter(n int64, end error, of answer) answer {
	return func(req *http.Request) (*http.Response, error) {
		res, err := of(req)
		if err == nil {
			res.Body = &ending{Reader: io.LimitReader(res.Body, n), end: end}
		}
		return res, err
	}
}

type ending struct {
	io.Reader
	end error
}

func (e *ending) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = e.end
	}
	return n, err
}

func (e *ending) Close() error { return nil }

// with changes the header and length of an answer.
func with(of answer, change func(*http.Response)) answer {
	return func(req *http.Request) (*http.Response, error) {
		res, err := of(req)
		if err == nil {
			change(res)
		}
		return res, err
	}
}

// chunked hides the length of an answer.
func chunked(of answer) answer {
	return with(of, func(res *http.Response) {
		res.ContentLength = -1
		res.Header.Del("Content-Length")
	})
}

func status(code int, body string, header ...string) answer {
	return func(*http.Request) (*http.Response, error) {
		res := &http.Response{StatusCode: code, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
		for i := 0; i < len(header); i += 2 {
			res.Header.Set(header[i], header[i+1])
		}
		return res, nil
	}
}

// fetcher is one over a store.
func fetcher(s *store, change ...func(*fetch.Options)) *fetch.Fetcher {
	o := fetch.Options{Transport: s}
	for _, c := range change {
		c(&o)
	}
	f := fetch.New(o)
	// The tests do not cut the power, and there are thousands of files.
	f.BreakDisk("sync", nil)
	f.BreakDisk("syncDir", nil)
	return f
}

// bring fetches the usual link to clip.mp4 in a folder.
func bring(ctx context.Context, f *fetch.Fetcher, folder string, hooks fetch.Hooks) (fetch.Result, error) {
	return f.Fetch(ctx, fetch.Source{URL: link}, filepath.Join(folder, "clip.mp4"), hooks)
}

func wantFile(tb testing.TB, path string, want []byte) {
	tb.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		tb.Fatalf("the file: %v", err)
	}
	if !bytes.Equal(got, want) {
		tb.Errorf("%s has %d bytes that are not the %d wanted", filepath.Base(path), len(got), len(want))
	}
}

// wantNames checks what a folder holds.
func wantNames(tb testing.TB, folder string, want ...string) {
	tb.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		tb.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		tb.Errorf("the folder holds %q, want %q", got, want)
	}
}

// wantFault checks kind and words of an error, and that it tells no secret.
func wantFault(tb testing.TB, err error, kind fault.Kind, words string) {
	tb.Helper()
	if !fault.Is(err, kind) || !strings.Contains(err.Error(), words) {
		tb.Errorf("error is %v (%q), want a %s fault with %q", err, fault.KindOf(err), kind, words)
	}
	if err != nil && strings.Contains(err.Error(), "CANARY") {
		tb.Errorf("the error tells a secret: %v", err)
	}
}
