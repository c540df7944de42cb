package provider_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

const html = "<!doctype html>\n<html><head><title>Bad Gateway</title></head><body><h1>nginx</h1></body></html>"

// ends are the ways in which a single create may end for good.
type end struct {
	turn    turn
	kind    fault.Kind
	charged fault.Charge
	words   string
}

func ends() map[string]end {
	bad := func(status int) turn {
		return says(status, "", fmt.Sprintf(`{"code":%d,"msg":"no","message":"no"}`, status))
	}
	unclear := func(turn turn) end { return end{turn: turn, kind: fault.Ambiguous, charged: fault.MayBeCharged} }
	refused := func(status int, kind fault.Kind) end {
		return end{turn: bad(status), kind: kind, charged: fault.NotCharged}
	}
	elsewhere := func(status int) end {
		return end{
			turn: says(status, "Location: https://elsewhere.example/login?x="+canary+"\r\n", html),
			kind: fault.Answer, charged: fault.NotCharged, words: "elsewhere.example",
		}
	}
	return map[string]end{
		"closed without an answer": {closes, fault.Ambiguous, fault.MayBeCharged, "no answer came"},
		"never an answer":          {hang, fault.Ambiguous, fault.MayBeCharged, "no answer came"},
		"half a status line":       unclear(func(_ int, conn net.Conn) { _, _ = io.WriteString(conn, "HTTP/1.1 20") }),
		"half an answer": unclear(func(_ int, conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"code\":200,")
		}),
		"half an answer, then silence": unclear(func(n int, conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"code\":200,")
			hang(n, conn)
		}),
		"200 without a body":   unclear(says(200, "", "")),
		"200 without a task":   unclear(says(200, "", `{"data":{}}`)),
		"200 with half JSON":   unclear(says(200, "", `{"data":{"taskId":"t`)),
		"204":                  unclear(func(_ int, conn net.Conn) { _, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n") }),
		"303":                  unclear(says(303, "Location: https://elsewhere.example/\r\n", html)),
		"500":                  unclear(bad(500)),
		"500 with Retry-After": unclear(says(500, "Retry-After: 1\r\n", `{"code":500,"message":"no"}`)),
		"502 of a proxy":       unclear(says(502, "", html)),
		"503":                  unclear(bad(503)),
		"503 of a proxy":       unclear(says(503, "Retry-After: 1\r\n", html)),
		"504":                  unclear(says(504, "", html)),
		"599":                  unclear(says(599, "", "")),
		"408":                  unclear(says(408, "", "")),
		"301":                  elsewhere(301), "302": elsewhere(302), "307": elsewhere(307), "308": elsewhere(308),
		"a web page": {says(200, "Content-Type: text/html\r\n", html), fault.Answer, fault.NotCharged, "web page"},
		"400":        refused(400, fault.Refused), "401": refused(401, fault.Auth), "402": refused(402, fault.Credit),
		"403": refused(403, fault.Refused), "404": refused(404, fault.Refused),
		"413": refused(413, fault.Refused), "422": refused(422, fault.Refused),
	}
}

func TestACreateIsOnTheWireOnce(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		for name, want := range ends() {
			t.Run(d.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := &host{turn: want.turn}
					began := time.Now()
					_, err := client(t, d.name, h).Create(t.Context(), request())
					e := faultOf(t, err, want.kind, want.charged)
					if !strings.Contains(err.Error(), want.words) {
						t.Errorf("error %q, want %q in it", err, want.words)
					}
					if h.requests(http.MethodPost) != 1 || len(h.heads) != 1 || len(h.dialed) != 1 {
						t.Errorf("%d POSTs among %d requests over %d connections, want one", h.requests(http.MethodPost), len(h.heads), len(h.dialed))
					}
					if e.Subject != "shop" || e.RetryAfter != 0 {
						t.Errorf("subject %q, retry after %s, want shop and none", e.Subject, e.RetryAfter)
					}
					if took := time.Since(began); took > 61*time.Second {
						t.Errorf("it took %s, want the idle limit of a minute at most", took)
					}
				})
			})
		}
	}
}

// Money codes inside an answer stop as well, and a broken body never hides that
// the status said no.
func TestCodesInsideAnAnswerDecide(t *testing.T) {
	t.Parallel()
	tests := []struct {
		dialect, body string
		kind          fault.Kind
		charged       fault.Charge
	}{
		{"createtask", `{"code":402,"msg":"top up"}`, fault.Credit, fault.NotCharged},
		{"createtask", `{"code":501,"msg":"no"}`, fault.Refused, fault.NotCharged},
		{"createtask", `{"code":505,"msg":"no"}`, fault.Refused, fault.NotCharged},
		{"createtask", `{"code":500,"msg":"duration is not within the range of allowed options"}`, fault.Refused, fault.NotCharged},
		{"createtask", `{"code":500,"msg":"oops"}`, fault.Ambiguous, fault.MayBeCharged},
		{"apixo", `{"code":402,"message":"INSUFFICIENT_CREDITS"}`, fault.Credit, fault.NotCharged},
		{"klingapi", `{"code":1000,"message":"no"}`, fault.Auth, fault.NotCharged},
		{"klingapi", `{"code":1102,"message":"no"}`, fault.Credit, fault.NotCharged},
		{"klingapi", `{"code":1301,"message":"no"}`, fault.Refused, fault.NotCharged},
		{"klingapi", `{"code":5000,"message":"no"}`, fault.Ambiguous, fault.MayBeCharged},
		{"klingapi", `{"code":"model_not_found","message":"no"}`, fault.Refused, fault.NotCharged},
		{"klingapi", `{"code":"do_request_failed","message":"no"}`, fault.Ambiguous, fault.MayBeCharged},
	}
	for _, test := range tests {
		t.Run(test.dialect+" "+test.body, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := &host{turn: says(200, "", test.body)}
				_, err := client(t, test.dialect, h).Create(t.Context(), request())
				wantFault(t, err, test.kind, test.charged)
				if h.requests(http.MethodPost) != 1 {
					t.Errorf("%d POSTs, want 1", h.requests(http.MethodPost))
				}
			})
		})
	}
}

func TestACreateThatWorksIsOneRequest(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := &host{turn: says(200, "", d.made)}
				seen, err := client(t, d.name, h).Create(t.Context(), request())
				if err != nil || seen.Task != "t-1" || seen.State != kling.Queued {
					t.Fatalf("Create = %+v, %v, want a queued task t-1", seen, err)
				}
				head := h.heads[0]
				if got := head.Header.Get("Authorization"); got != "Bearer "+canary {
					t.Errorf("authorized as %q, want the key", got)
				}
				if !strings.HasPrefix(head.URL.Path, "/prefix/") || head.Host != "api.example" {
					t.Errorf("sent to %s%s, want below api.example/prefix/", head.Host, head.URL.Path)
				}
				if head.ContentLength != int64(len(h.bodies[0])) || head.TransferEncoding != nil || head.Header.Get("Idempotency-Key") != "" {
					t.Errorf("length %d for %d bytes, encoding %v, idempotency key %q", head.ContentLength, len(h.bodies[0]), head.TransferEncoding, head.Header.Get("Idempotency-Key"))
				}
			})
		})
	}
}

// A connection that dies with a reset reads as one, whatever was written.
type resetting struct{ net.Conn }

func (r resetting) Read([]byte) (int, error) {
	return 0, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

func TestAResetAfterTheRequestIsAmbiguous(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{turn: closes}
		c := client(t, "klingapi", h, dialing(func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := h.dial(ctx, network, address)
			return resetting{conn}, err
		}))
		_, err := c.Create(t.Context(), request())
		wantFault(t, err, fault.Ambiguous, fault.MayBeCharged)
		if len(h.dialed) != 1 {
			t.Errorf("%d connections, want 1", len(h.dialed))
		}
	})
}

// broken is an image that cannot be read to its end.
type broken struct{ good int }

func (broken) Len() int64    { return 9000 }
func (broken) Label() string { return "<broken>" }
func (b broken) Open() (io.ReadCloser, error) {
	return io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("A", b.good)), failing{})), nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) {
	return 0, &fault.Error{Kind: fault.Usage, Subject: "a.png", Detail: "changed since it was checked"}
}

func TestAFileThatChangesWhileItIsSentBuysNothing(t *testing.T) {
	t.Parallel()
	for _, good := range []int{0, 1, 8999} {
		synctest.Test(t, func(t *testing.T) {
			h := &host{turn: says(200, "", dialects()[3].made)}
			order := request()
			order.Input["image"] = broken{good: good}
			_, err := client(t, "klingapi", h).Create(t.Context(), order)
			wantFault(t, err, fault.Local, fault.NotCharged)
			if !strings.Contains(err.Error(), "changed since") {
				t.Errorf("error %q, want the reason", err)
			}
			synctest.Wait()
			if len(h.heads) > 1 || len(h.heads) == 1 && h.short[0] == nil {
				t.Errorf("%d requests arrived, the first complete: want one incomplete at most", len(h.heads))
			}
		})
	}
}

func TestAKeyGoesNowhereElse(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{"https://api.example", "http://api.example:8080", "http://other.example", "http://api.example.evil.example", ":"} {
		h := &host{turn: says(200, "", dialects()[0].made)}
		c := client(t, "createtask", h, func(_ *provider.Settings, w *provider.Wiring) { w.Origin = origin })
		_, err := c.Create(t.Context(), request())
		if e := faultOf(t, err, fault.Auth, fault.NotCharged); e.Hint == "" {
			t.Error("no hint")
		}
		_, err = c.Look(t.Context(), ref(), provider.Patient)
		wantFault(t, err, fault.Auth, fault.NotCharged)
		if len(h.dialed) != 0 {
			t.Errorf("key for %q: %v was dialed, want nobody", origin, h.dialed)
		}
	}
	h := &host{turn: says(200, "", dialects()[0].made)}
	c := client(t, "createtask", h, func(_ *provider.Settings, w *provider.Wiring) { w.Origin = "http://API.example:80/v2" })
	if _, err := c.Create(t.Context(), request()); err != nil {
		t.Errorf("the same origin in another spelling: %v", err)
	}
}

func TestSettingsThatCannotBeUsedAreRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*provider.Settings){
		"no dialect":       func(s *provider.Settings) { s.Dialect = "esperanto" },
		"no address":       func(s *provider.Settings) { s.BaseURL = "" },
		"a file":           func(s *provider.Settings) { s.BaseURL = "file:///etc/passwd" },
		"a password":       func(s *provider.Settings) { s.BaseURL = "https://me:pw@api.example" },
		"a query":          func(s *provider.Settings) { s.BaseURL = "https://api.example?x=1" },
		"a fragment":       func(s *provider.Settings) { s.BaseURL = "https://api.example#x" },
		"no host":          func(s *provider.Settings) { s.BaseURL = "https:///x" },
		"plain http":       func(s *provider.Settings) { s.BaseURL, s.AllowHTTP = "http://api.example", false },
		"like a loopback":  func(s *provider.Settings) { s.BaseURL, s.AllowHTTP = "http://127.0.0.1.evil.example", false },
		"a control in it":  func(s *provider.Settings) { s.BaseURL = "https://api.example/\x00" },
		"a relative path":  func(s *provider.Settings) { s.BaseURL = "/v1" },
		"a scheme missing": func(s *provider.Settings) { s.BaseURL = "api.example/v1" },
	} {
		settings := provider.Settings{Name: "shop", Dialect: "aimlapi", BaseURL: "https://api.example"}
		change(&settings)
		_, err := provider.New(settings, provider.Wiring{Speak: speak})
		if !fault.Is(err, fault.Usage) || fault.Of(err).Hint == "" {
			t.Errorf("%s: error %v, want a usage fault with a hint", name, err)
		}
	}
	for _, base := range []string{"http://localhost:8787", "http://127.0.0.1:1/x/", "http://[::1]", "https://api.example/v1/"} {
		if _, err := provider.New(provider.Settings{Name: "shop", Dialect: "aimlapi", BaseURL: base}, provider.Wiring{Speak: speak}); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
}

func TestADryRunNeedsNoKeyAndShowsNone(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		c := client(t, d.name, &host{}, func(_ *provider.Settings, w *provider.Wiring) { w.Credential = dialect.Credential{} })
		order := request()
		order.Input["image"] = broken{}
		dry, err := c.Dry(order)
		if err != nil || dry.Method != http.MethodPost || !strings.HasPrefix(dry.URL, "http://api.example/prefix/") {
			t.Errorf("%s: %+v, %v", d.name, dry, err)
		}
		if !strings.Contains(string(dry.Body), `"<broken>"`) || dry.Headers.Get("Authorization") != "Bearer [hidden]" {
			t.Errorf("%s: body %s and headers %v, want a label and a hidden key", d.name, dry.Body, dry.Headers)
		}
	}
}
