package fetch_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
)

const s3Expired = `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>`

func TestFetchRefusesWhatIsNoVideo(t *testing.T) {
	t.Parallel()
	content := clip(3000, 0)
	page := "<!doctype html><html><body>" + strings.Repeat("x", 5000) + "</body></html>"
	endless := func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(io.MultiReader(strings.NewReader(string(content)), zeros{}))}, nil
	}
	tests := map[string]struct {
		answer answer
		words  string
	}{
		"a web page":               {status(200, page), "web page"},
		"a web page called video":  {status(200, page, "Content-Type", "video/mp4"), "web page"},
		"JSON":                     {status(200, `{"code":500}`), "application/json"},
		"an empty file":            {status(200, ""), "empty file"},
		"no content":               {status(204, ""), "HTTP 204"},
		"compressed bytes":         {with(honest(content, ""), func(r *http.Response) { r.Header.Set("Content-Encoding", "gzip") }), "compressed (gzip)"},
		"10 TB":                    {with(honest(content, ""), func(r *http.Response) { r.ContentLength = 10 << 40 }), "at most 100000"},
		"bytes without end":        {endless, "goes on after 100000 bytes"},
		"a file cut at its source": {honest(content[:2000], `"v1"`), "the video is cut"},
		"a video with a tail":      {honest(append(clip(9, 0), "tail"...), ""), "the video is cut"},
		"more than was announced":  {with(honest(content, ""), func(r *http.Response) { r.ContentLength = 2000 }), "more than it said"},
		"a partial answer to all":  {with(honest(content, ""), func(r *http.Response) { r.StatusCode = 206 }), "HTTP 206"},
		"a redirect to nowhere":    {status(307, ""), "HTTP 307"},
		"an unknown refusal":       {status(451, ""), "HTTP 451"},
		"a server that is down":    {status(502, "<html>"), "HTTP 502"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				folder := t.TempDir()
				s := serve(test.answer)
				_, err := bring(t.Context(), fetcher(s, func(o *fetch.Options) { o.MaxBytes = 100_000 }), folder, fetch.Hooks{})
				wantFault(t, err, fault.Download, test.words)
				wantNames(t, folder)
				if s.count() > 5 {
					t.Errorf("%d requests were made, want at most 5", s.count())
				}
			})
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestFetchAsksForAFreshLinkOnce(t *testing.T) {
	t.Parallel()
	content := clip(3000, 0)
	const fresh = "https://cdn.example/out/clip.mp4?X-Amz-Signature=CANARY2"
	for name, dead := range map[string]answer{
		"403": status(403, ""), "403 of S3": status(403, s3Expired), "401": status(401, ""), "404": status(404, ""),
		"410": status(410, ""), "400 with an expired token": status(400, "<Code>ExpiredToken</Code>"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, asked := t.TempDir(), 0
			s := serve(cutAfter(2000, honest(content, `"v1"`)), dead, honest(content, `"v1"`))
			source := fetch.Source{URL: link, Refresh: func(context.Context) (string, error) { asked++; return fresh, nil }}
			synctest.Test(t, func(t *testing.T) {
				_, err := fetcher(s).Fetch(t.Context(), source, filepath.Join(folder, "clip.mp4"), fetch.Hooks{})
				if err != nil {
					t.Fatalf("Fetch: %v", err)
				}
			})
			if asked != 1 {
				t.Errorf("asked for %d fresh links, want 1", asked)
			}
			last := s.requests[len(s.requests)-1]
			if last.URL.String() != fresh || last.Header.Get("Range") != "bytes=2000-" {
				t.Errorf("the last request went to %s for %q, want the fresh link and the rest", last.URL, last.Header.Get("Range"))
			}
			wantFile(t, filepath.Join(folder, "clip.mp4"), content)
		})
	}
}

func TestFetchGivesUpOnADeadLink(t *testing.T) {
	t.Parallel()
	gone := errors.New("the provider does not know the task")
	tests := map[string]struct {
		answer  answer
		refresh func(context.Context) (string, error)
		words   string
		asks    int
	}{
		"S3 says so":                  {status(403, s3Expired), nil, "the link has expired (HTTP 403)", 1},
		"nobody can refresh":          {status(404, ""), nil, "no file behind the link (HTTP 404)", 1},
		"the fresh one is dead too":   {status(410, ""), func(context.Context) (string, error) { return link, nil }, "the link has expired (HTTP 410)", 2},
		"there is no fresh one":       {status(403, ""), func(context.Context) (string, error) { return "", gone }, "does not know the task", 1},
		"the fresh one is no link":    {status(403, ""), func(context.Context) (string, error) { return "file:///etc/passwd", nil }, "only http and https", 1},
		"the fresh one is not there":  {status(403, ""), func(context.Context) (string, error) { return "", nil }, "there is no link", 1},
		"a bad request is not a link": {status(400, "no"), func(context.Context) (string, error) { return link, nil }, "refused the request (HTTP 400)", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			s := serve(test.answer)
			_, err := fetcher(s).Fetch(t.Context(), fetch.Source{URL: link, Refresh: test.refresh}, filepath.Join(folder, "clip.mp4"), fetch.Hooks{})
			wantFault(t, err, fault.Download, test.words)
			if s.count() != test.asks {
				t.Errorf("%d requests were made, want %d", s.count(), test.asks)
			}
			wantNames(t, folder)
		})
	}
}

func TestFetchGivesUpWithoutProgress(t *testing.T) {
	t.Parallel()
	content := clip(50_000, 0)
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		s := serve(cutAfter(10_000, honest(content, `"v1"`)), cutAfter(100, honest(content, `"v1"`)))
		start := time.Now()
		_, err := bring(t.Context(), fetcher(s), folder, fetch.Hooks{})
		wantFault(t, err, fault.Download, "10400 bytes are kept in")
		// The first try made progress; of five in a row the fifth is the end.
		if s.count() != 5 || time.Since(start) > 15*time.Second {
			t.Errorf("%d tries in %v, want 5 within 1+2+4+8 s", s.count(), time.Since(start))
		}
		wantNames(t, folder, "clip.mp4.part", "clip.mp4.part.json")
	})
}

// A file that is short at its source is short tomorrow, too.
func TestFetchBelievesASecondEndAtTheSameByte(t *testing.T) {
	t.Parallel()
	content := clip(50_000, 0)
	tests := map[string]struct {
		answer answer
		words  string
		tries  int
		left   []string
	}{
		"no length, no ranges": {chunked(status(200, string(content[:30_000]))), "the server ends the file at the same byte each time", 2, nil},
		"no length, ranges": {
			chunked(honest(content[:30_000], `"v1"`)), "the server ends the file at the same byte each time", 3,
			[]string{"clip.mp4.part", "clip.mp4.part.json"},
		},
		"nothing at all": {status(200, ""), "an empty file, twice", 2, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				folder, start := t.TempDir(), time.Now()
				s := serve(test.answer)
				_, err := bring(t.Context(), fetcher(s), folder, fetch.Hooks{})
				wantFault(t, err, fault.Download, test.words)
				if took := time.Since(start); s.count() != test.tries || took > 3*time.Second {
					t.Errorf("%d requests in %v, want %d within 1+2 s", s.count(), took, test.tries)
				}
				wantNames(t, folder, test.left...)
			})
		})
	}
}

func TestFetchGoesOnWhileThereIsProgress(t *testing.T) {
	t.Parallel()
	content := clip(50_000, 0)
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		s := serve(cutAfter(1024, honest(content, `"v1"`)))
		if _, err := bring(t.Context(), fetcher(s), folder, fetch.Hooks{}); err != nil {
			t.Fatalf("Fetch: %v", err)
		}
		if got, want := s.count(), len(content)/1024+1; got != want {
			t.Errorf("%d requests, want %d", got, want)
		}
		wantFile(t, filepath.Join(folder, "clip.mp4"), content)
	})
}

// stalling brings a byte in each pause until its request is given up.
type stalling struct {
	done  <-chan struct{}
	pause time.Duration
	from  io.Reader
}

func (s *stalling) Read(p []byte) (int, error) {
	select {
	case <-s.done:
		return 0, context.Canceled
	case <-time.After(s.pause):
		return s.from.Read(p[:1])
	}
}

func (s *stalling) Close() error { return nil }

func TestFetchBoundsSilence(t *testing.T) {
	t.Parallel()
	content := clip(50_000, 0)
	body := func(pause time.Duration) answer {
		return func(req *http.Request) (*http.Response, error) {
			res, err := honest(content, `"v1"`)(req)
			if err == nil {
				res.Body = &stalling{req.Context().Done(), pause, res.Body}
			}
			return res, err
		}
	}
	mute := func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	for name, slow := range map[string]answer{"a byte a second": body(time.Second), "a stall": body(time.Hour), "no answer at all": mute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				folder := t.TempDir()
				start := time.Now()
				s := serve(slow)
				_, err := bring(t.Context(), fetcher(s), folder, fetch.Hooks{})
				wantFault(t, err, fault.Download, "silent")
				if took := time.Since(start); s.count() != 5 || took > 166*time.Second {
					t.Errorf("%d tries in %v, want 5 of 30 s and the pauses between", s.count(), took)
				}
			})
		})
	}
	t.Run("slow but alive", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			small := clip(100, 0)
			s := serve(func(req *http.Request) (*http.Response, error) {
				res, err := honest(small, `"v1"`)(req)
				if err == nil {
					res.Body = &stalling{req.Context().Done(), 25 * time.Millisecond, res.Body}
				}
				return res, err
			})
			if _, err := bring(t.Context(), fetcher(s), t.TempDir(), fetch.Hooks{}); err != nil || s.count() != 1 {
				t.Errorf("Fetch = %v after %d requests, want the file at once", err, s.count())
			}
		})
	})
}

func TestFetchObeysRetryAfter(t *testing.T) {
	t.Parallel()
	content := clip(100, 0)
	for _, code := range []int{429, 503} {
		synctest.Test(t, func(t *testing.T) {
			s := serve(status(code, "", "Retry-After", "7"), status(code, "", "Retry-After", time.Now().Add(20*time.Second).UTC().Format(http.TimeFormat)), honest(content, ""))
			if _, err := bring(t.Context(), fetcher(s), t.TempDir(), fetch.Hooks{}); err != nil {
				t.Fatalf("Fetch: %v", err)
			}
			if first, second := s.at[1].Sub(s.at[0]), s.at[2].Sub(s.at[0]); first < 7*time.Second || second < 20*time.Second {
				t.Errorf("HTTP %d: asked again after %v and %v, want 7 s and 20 s at least", code, first, second)
			}
		})
	}
}

func TestFetchDoesNotWaitForNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		busy := status(503, "", "Retry-After", "86400")
		_, err := bring(t.Context(), fetcher(serve(busy)), t.TempDir(), fetch.Hooks{})
		wantFault(t, err, fault.Download, "the server is busy (HTTP 503)")
		if failure := fault.Of(err); failure != nil && failure.RetryAfter != 24*time.Hour {
			t.Errorf("RetryAfter = %v, want 24h", failure.RetryAfter)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = bring(ctx, fetcher(serve(status(429, "", "Retry-After", "61"))), t.TempDir(), fetch.Hooks{})
		wantFault(t, err, fault.Download, "HTTP 429")
		if took := time.Since(start); took != 0 {
			t.Errorf("waited %v, want not at all", took)
		}
	})
}

func TestFetchStopsWithItsContext(t *testing.T) {
	t.Parallel()
	content := clip(50_000, 0)
	half := func(req *http.Request) (*http.Response, error) {
		res, err := honest(content, `"v1"`)(req)
		if err == nil {
			res.Body = struct {
				io.Reader
				io.Closer
			}{io.MultiReader(io.LimitReader(res.Body, 20_000), &stalling{req.Context().Done(), time.Hour, zeros{}}), res.Body}
		}
		return res, err
	}
	tests := map[string]struct {
		end  func(context.Context) (context.Context, context.CancelFunc)
		kind fault.Kind
	}{
		"a signal": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(10*time.Second, cancel)
			return ctx, cancel
		}, fault.Interrupted},
		"a deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 10*time.Second)
		}, fault.Download},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				folder, start := t.TempDir(), time.Now()
				ctx, cancel := test.end(t.Context())
				defer cancel()
				_, err := bring(ctx, fetcher(serve(half)), folder, fetch.Hooks{})
				wantFault(t, err, test.kind, "download")
				if took := time.Since(start); took != 10*time.Second {
					t.Errorf("took %v, want 10s", took)
				}
				wantNames(t, folder, "clip.mp4.part", "clip.mp4.part.json")
				got, err := bring(t.Context(), fetcher(serve(honest(content, `"v1"`))), folder, fetch.Hooks{})
				if err != nil || got.Resumed != 20_000 {
					t.Errorf("the next Fetch took up %d bytes, %v; want 20000", got.Resumed, err)
				}
			})
		})
	}
}

func TestDigestRefusesWhatIsNoFile(t *testing.T) {
	t.Parallel()
	_, _, err := fetch.Digest(t.Context(), t.TempDir())
	wantFault(t, err, fault.Local, "is not a file")
	_, _, err = fetch.Digest(t.Context(), filepath.Join(t.TempDir(), "none"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Digest of nothing = %v, want ErrNotExist", err)
	}
}

func FuzzParseContentRange(f *testing.F) {
	for _, seed := range []string{"bytes 0-9/10", "bytes 5-9/*", "bytes */10", "bytes 9-5/10", "bytes 0-99999999999999999999/1", "bytes -1-2/3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		first, last, total, ok := fetch.ParseContentRange(value)
		if ok && (first < 0 || last < first || total != -1 && total <= last) {
			t.Errorf("ParseContentRange(%q) = %d-%d/%d, which does not add up", value, first, last, total)
		}
	})
}

func FuzzScrub(f *testing.F) {
	for _, seed := range []string{
		`failed to parse Location header "https://h/p?sig=CANARY": x`, "proxy http://user:CANARY@h:1/ refused",
		"GET https://h/p?u=https://x&sig=CANARY failed", "https://user:CANARY?CANARY@h/p", "/p?CANARY",
	} {
		f.Add(seed)
		if got := fetch.Scrub(seed); strings.Contains(got, "CANARY") {
			f.Errorf("Scrub(%q) = %q", seed, got)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := fetch.Scrub("https://h/p?" + strings.NewReplacer(" ", "", `"`, "", "'", "").Replace(text)); got != "https://h/p?…" {
			t.Errorf("Scrub shows %q", got)
		}
	})
}

func TestFetchAsksForALinkInThePlaceOfWhatIsNone(t *testing.T) {
	t.Parallel()
	content := clip(3000, 0)
	s := serve(honest(content, `"v1"`))
	folder, asked := t.TempDir(), 0
	source := fetch.Source{URL: "your video is ready", Refresh: func(context.Context) (string, error) {
		asked++
		return link, nil
	}}
	if _, err := fetcher(s).Fetch(t.Context(), source, filepath.Join(folder, "clip.mp4"), fetch.Hooks{}); err != nil || asked != 1 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	source.Refresh = func(context.Context) (string, error) { asked++; return "file:///etc/passwd", nil }
	_, err := fetcher(s).Fetch(t.Context(), source, filepath.Join(folder, "other.mp4"), fetch.Hooks{})
	if !fault.Is(err, fault.Download) || asked != 2 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}

func TestFetchDoesNotWaitForASlowDiskOnceItWasTold(t *testing.T) {
	t.Parallel()
	content := clip(3000, 0)
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		until := make(chan struct{})
		defer synctest.Wait()
		defer close(until)
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(time.Second, cancel)
		defer timer.Stop()
		slow := fetcher(serve(honest(content, `"v1"`)))
		slow.HangSync(until)
		began := time.Now()
		_, err := bring(ctx, slow, folder, fetch.Hooks{})
		wantFault(t, err, fault.Interrupted, "")
		if took := time.Since(began); took != time.Second {
			t.Errorf("it ended after %s", took)
		}
	})
	if _, err := bring(t.Context(), fetcher(serve(honest(content, `"v1"`))), folder, fetch.Hooks{}); err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(folder, "clip.mp4"), content)
}
