package fetch_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/fetch"
)

func TestFetchRefusesLinks(t *testing.T) {
	t.Parallel()
	for bad, words := range map[string]string{
		"":                                   "there is no link",
		"   ":                                "there is no link",
		"file:///etc/passwd":                 "only http and https",
		"javascript:alert(1)":                "only http and https",
		"data:video/mp4;base64,AAAA":         "only http and https",
		"ftp://h/clip.mp4":                   "only http and https",
		"clip.mp4":                           "only http and https",
		"/out/clip.mp4":                      "only http and https",
		"//cdn.example/clip.mp4":             "only http and https",
		"https:///clip.mp4":                  "names no host",
		"https://user:CANARY@h/clip.mp4":     "user name or password",
		"https://h/a\r\nX-Injected: 1":       "control characters",
		"https://h/a\x00b":                   "control characters",
		"https://[::1/clip.mp4?a=CANARY":     "cannot be read",
		"https://h/%zz?a=CANARY":             "cannot be read",
		"http://cdn.example/clip.mp4?CANARY": "plain http",
		"http://127.0.0.1/clip.mp4":          "loopback",
		"https://10.0.0.7/clip.mp4":          "private",
		"https://169.254.169.254/latest":     "link-local",
		"https://[fe80::1]/clip.mp4":         "link-local",
		"https://0.0.0.0/clip.mp4":           "unspecified",
	} {
		s := serve(honest(clip(10, 0), ""))
		folder := t.TempDir()
		_, err := fetcher(s).Fetch(t.Context(), fetch.Source{URL: bad}, filepath.Join(folder, "clip.mp4"), fetch.Hooks{})
		wantFault(t, err, fault.Download, words)
		if s.count() != 0 {
			t.Errorf("%q: %d requests were made, want none", bad, s.count())
		}
		wantNames(t, folder)
	}
}

func TestFetchAllowsWhatIsAllowed(t *testing.T) {
	t.Parallel()
	private := func(o *fetch.Options) { o.AllowPrivate = true }
	plain := func(o *fetch.Options) { o.AllowHTTP = true }
	for good, change := range map[string]func(*fetch.Options){
		"http://cdn.example/clip.mp4":       plain,
		"http://localhost:8787/clip.mp4":    private,
		"http://127.0.0.1:8787/clip.mp4":    private,
		"https://192.168.1.2/clip.mp4":      private,
		" https://cdn.example/a b.mp4?x=1 ": func(*fetch.Options) {},
		"HTTPS://CDN.example/clip.mp4":      func(*fetch.Options) {},
	} {
		target := filepath.Join(t.TempDir(), "clip.mp4")
		if _, err := fetcher(serve(honest(clip(10, 0), "")), change).Fetch(t.Context(), fetch.Source{URL: good}, target, fetch.Hooks{}); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestFetchRefusesRedirects(t *testing.T) {
	t.Parallel()
	for to, words := range map[string]string{
		"file:///etc/passwd":                       "only http and https",
		"http://cdn.example/clip.mp4?CANARY":       "https to http",
		"https://169.254.169.254/latest?CANARY":    "link-local",
		"https://user:CANARY@cdn.example/clip.mp4": "user name or password",
		link:         "more than ten times",
		"\x7fCANARY": "",
	} {
		s := serve(status(302, "", "Location", to))
		folder := t.TempDir()
		// AllowHTTP admits http links, and still no step down to them.
		_, err := bring(t.Context(), fetcher(s, once, func(o *fetch.Options) { o.AllowHTTP = true }), folder, fetch.Hooks{})
		wantFault(t, err, fault.Download, words)
		for _, req := range s.requests {
			if req.URL.Host != "cdn.example" {
				t.Errorf("redirect to %q: %s was asked", to, req.URL.Host)
			}
		}
		if s.count() > 11 {
			t.Errorf("redirect to %q: %d requests, want at most 11", to, s.count())
		}
		wantNames(t, folder)
	}
}

// The rest runs over real sockets.

func overSockets(o fetch.Options) func(t *testing.T) *fetch.Fetcher {
	return func(t *testing.T) *fetch.Fetcher {
		t.Helper()
		f := fetch.New(o)
		t.Cleanup(f.Close)
		return f
	}
}

func TestFetchGuardsItsOwnConnections(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		http.ServeContent(w, r, "", modified(), strings.NewReader(string(clip(1000, 0))))
	}))
	t.Cleanup(server.Close)
	named := strings.Replace(server.URL, "127.0.0.1", "localhost", 1) + "/clip.mp4?" + secretQuery

	folder := t.TempDir()
	_, err := overSockets(fetch.Options{})(t).Fetch(t.Context(), fetch.Source{URL: named}, filepath.Join(folder, "clip.mp4"), fetch.Hooks{})
	wantFault(t, err, fault.Download, "is loopback")
	if reached.Load() != 0 {
		t.Error("the server was reached behind the guard")
	}
	wantNames(t, folder)

	_, err = overSockets(fetch.Options{AllowPrivate: true, Agent: "klingctl/test"})(t).Fetch(t.Context(), fetch.Source{URL: named}, filepath.Join(folder, "clip.mp4"), fetch.Hooks{})
	if err != nil {
		t.Errorf("with AllowPrivate: %v", err)
	}
	wantFile(t, filepath.Join(folder, "clip.mp4"), clip(1000, 0))
}

func TestFetchFollowsARedirectAndTellsNothing(t *testing.T) {
	t.Parallel()
	var seen atomic.Pointer[http.Request]
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.Clone(r.Context()))
		http.ServeContent(w, r, "", modified(), strings.NewReader(string(clip(1000, 0))))
	}))
	t.Cleanup(store.Close)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A store refuses a presigned link that comes with a key.
		if sent := r.Header.Get("Authorization"); sent != "" {
			t.Errorf("the link was asked with Authorization: %s", sent)
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "CANARY"})
		w.Header().Set("Content-Disposition", `attachment; filename="../../.bashrc"`)
		http.Redirect(w, r, store.URL+"/..%2f..%2fpwn", http.StatusFound)
	}))
	t.Cleanup(front.Close)

	folder := t.TempDir()
	target := filepath.Join(folder, "clip.mp4")
	f := overSockets(fetch.Options{AllowPrivate: true, Agent: "klingctl/test"})(t)
	if _, err := f.Fetch(t.Context(), fetch.Source{URL: front.URL + "/x?" + secretQuery}, target, fetch.Hooks{}); err != nil {
		t.Fatalf("Fetch: %v", err)
	}
	wantNames(t, folder, "clip.mp4")
	got := seen.Load().Header
	for _, name := range []string{"Referer", "Authorization", "Cookie"} {
		if value := got.Get(name); value != "" {
			t.Errorf("the store was sent %s: %s", name, value)
		}
	}
	if agent, coding := got.Get("User-Agent"), got.Get("Accept-Encoding"); agent != "klingctl/test" || coding != "identity" {
		t.Errorf("User-Agent %q, Accept-Encoding %q, want klingctl/test, identity", agent, coding)
	}
}

// A server that drops the connection in the middle, with and without a length.
func TestFetchSurvivesARealCut(t *testing.T) {
	t.Parallel()
	content := clip(1_000_000, 0)
	for _, withLength := range []bool{true, false} {
		t.Run("length "+strconv.FormatBool(withLength), func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			var resumedAt atomic.Value
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", `"v1"`)
				if requests.Add(1) > 1 {
					resumedAt.Store(r.Header.Get("Range"))
					http.ServeContent(w, r, "", modified(), strings.NewReader(string(content)))
					return
				}
				if withLength {
					w.Header().Set("Content-Length", strconv.Itoa(len(content)))
				}
				_, _ = w.Write(content[:500_000])
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			}))
			t.Cleanup(server.Close)
			target := filepath.Join(t.TempDir(), "clip.mp4")
			f := overSockets(fetch.Options{AllowPrivate: true})(t)
			if _, err := f.Fetch(t.Context(), fetch.Source{URL: server.URL + "/clip.mp4"}, target, fetch.Hooks{}); err != nil {
				t.Fatalf("Fetch: %v", err)
			}
			if got := resumedAt.Load(); got != "bytes=500000-" {
				t.Errorf("the second request asked for %q, want the rest", got)
			}
			wantFile(t, target, content)
		})
	}
}
