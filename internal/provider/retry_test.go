package provider_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/secret"
	"github.com/klingctl/klingctl/internal/transport"
)

func TestABusyCreateIsTriedThreeTimesAndNeverEarly(t *testing.T) {
	t.Parallel()
	const real429 = `{"code":429,"msg":"slow down","message":"slow down"}`
	for _, d := range dialects() {
		tests := map[string]struct {
			busy  turn
			least time.Duration
		}{
			"429":                           {says(429, "", real429), time.Second},
			"429 without a body":            {says(429, "", ""), time.Second},
			"429 with Retry-After":          {says(429, "Retry-After: 2\r\n", real429), 2 * time.Second},
			"429 with a broken Retry-After": {says(429, "Retry-After: soon\r\n", real429), time.Second},
			"429 of a proxy":                {says(429, "Retry-After: 9\r\n", html), 9 * time.Second},
		}
		if d.busy != "" {
			tests["busy inside a 200"] = struct {
				busy  turn
				least time.Duration
			}{says(200, "Retry-After: 3\r\n", d.busy), 3 * time.Second}
		}
		if d.name == "createtask" {
			tests["455"] = struct {
				busy  turn
				least time.Duration
			}{says(200, "", `{"code":455,"msg":"maintenance"}`), time.Second}
		}
		if d.name == "klingapi" {
			tests["1303"] = struct {
				busy  turn
				least time.Duration
			}{says(429, "", `{"code":1303,"message":"too many parallel tasks"}`), time.Second}
		}
		for name, test := range tests {
			t.Run(d.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := &host{turn: first(test.busy, test.busy, says(200, "", d.made))}
					var told []string
					c := client(t, d.name, h, func(_ *provider.Settings, w *provider.Wiring) {
						w.Notice = func(text string) { told = append(told, text) }
					})
					if seen, err := c.Create(t.Context(), request()); err != nil || seen.Task != "t-1" {
						t.Fatalf("Create = %+v, %v, want the task of the third try", seen, err)
					}
					if len(told) != 2 || !strings.Contains(told[0], "nothing was made") {
						t.Errorf("notices %q, want one for each pause", told)
					}

					h = &host{turn: test.busy}
					_, err := client(t, d.name, h).Create(t.Context(), request())
					wantFault(t, err, fault.Busy, fault.NotCharged)
					gaps := h.gaps()
					if h.requests(http.MethodPost) != 3 || len(gaps) != 2 {
						t.Fatalf("%d POSTs, want 3", h.requests(http.MethodPost))
					}
					for _, gap := range gaps {
						if gap < test.least || gap > test.least*4 {
							t.Errorf("a pause of %s, want %s and a little more", gap, test.least)
						}
					}
				})
			})
		}
	}
}

func TestRetryAfterAsADate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		date := time.Now().Add(5 * time.Second).UTC().Format(http.TimeFormat)
		h := &host{turn: first(says(429, "Retry-After: "+date+"\r\n", ""), says(200, "", dialects()[0].made))}
		if _, err := client(t, "createtask", h).Create(t.Context(), request()); err != nil {
			t.Fatal(err)
		}
		if gap := h.gaps()[0]; gap < 5*time.Second || gap > 6500*time.Millisecond {
			t.Errorf("a pause of %s, want 5s", gap)
		}
	})
}

func TestARemedyBeyondTheDeadlineStopsAtOnce(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			h := &host{turn: says(429, "Retry-After: 86400\r\n", "")}
			c := client(t, d.name, h)
			began := time.Now()
			_, err := c.Create(ctx, request())
			e := faultOf(t, err, fault.Busy, fault.NotCharged)
			day := began.Add(24 * time.Hour).UTC().Format("2006-01-02T15:04")
			if e.RetryAfter != 24*time.Hour || !strings.Contains(e.Hint, day) {
				t.Errorf("retry after %s, hint %q, want a day and %s", e.RetryAfter, e.Hint, day)
			}
			_, err = c.Look(ctx, ref(), provider.Patient)
			if e := faultOf(t, err, fault.Busy, fault.NotCharged); !strings.Contains(e.Hint, day) {
				t.Errorf("a look: hint %q, want %s", e.Hint, day)
			}
			if took := time.Since(began); took != 0 || h.requests(http.MethodPost) != 1 || h.requests(http.MethodGet) != 1 {
				t.Errorf("%d POSTs and %d GETs in %s, want one each at once", h.requests(http.MethodPost), h.requests(http.MethodGet), took)
			}
		})
	}
}

func TestWhatWasNeverSentIsTriedThreeTimes(t *testing.T) {
	t.Parallel()
	refuse := func(err error) func(context.Context, string, string) (net.Conn, error) {
		return func(context.Context, string, string) (net.Conn, error) { return nil, err }
	}
	garbage := &host{turn: closes}
	proxy := &host{turn: says(503, "", html)}
	tests := map[string]func(*provider.Settings, *provider.Wiring){
		"no such name":    dialing(refuse(&net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true})),
		"refused":         dialing(refuse(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED})),
		"connect timeout": dialing(refuse(&net.OpError{Op: "dial", Net: "tcp", Err: context.DeadlineExceeded})),
		"no TLS": func(s *provider.Settings, w *provider.Wiring) {
			s.BaseURL, w.Origin = "https://api.example", "https://api.example"
			dialing(func(ctx context.Context, network, address string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				go func() {
					_, _ = theirs.Read(make([]byte, 5))
					_, _ = theirs.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
					_ = theirs.Close()
				}()
				return ours, nil
			})(s, w)
		},
		"a TLS handshake without end": func(s *provider.Settings, w *provider.Wiring) {
			s.BaseURL, w.Origin = "https://api.example", "https://api.example"
			dialing(func(context.Context, string, string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				go hang(0, theirs)
				return ours, nil
			})(s, w)
		},
		"a proxy that opens no tunnel": func(s *provider.Settings, w *provider.Wiring) {
			s.BaseURL, w.Origin = "https://api.example", "https://api.example"
			address, _ := url.Parse("http://me:CANARY-password@proxy.example:3128")
			creates := transport.NewCreate(transport.BaseOptions{Proxy: http.ProxyURL(address)})
			creates.DialContext = proxy.dial
			w.Creates = creates
		},
	}
	t.Cleanup(func() {
		if posts, tunnels := proxy.requests(http.MethodPost), proxy.requests(http.MethodConnect); posts != 0 || tunnels != 3 {
			t.Errorf("%d POSTs and %d CONNECTs reached the proxy, want none and 3", posts, tunnels)
		}
	})
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				c := client(t, "klingapi", garbage, change, func(_ *provider.Settings, w *provider.Wiring) {
					w.Notice = func(string) { tries++ }
				})
				_, err := c.Create(t.Context(), request())
				wantFault(t, err, fault.Unavailable, fault.NotCharged)
				if tries != 2 {
					t.Errorf("%d more tries, want 2", tries)
				}
			})
		})
	}
}

// A failure to connect that is over by the second try costs nothing.
func TestAnOutageThatPassesIsRiddenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{turn: says(200, "", dialects()[1].made)}
		down := true
		c := client(t, "aimlapi", h, dialing(func(ctx context.Context, network, address string) (net.Conn, error) {
			if down {
				down = false
				return nil, syscall.ECONNREFUSED
			}
			return h.dial(ctx, network, address)
		}))
		if seen, err := c.Create(t.Context(), request()); err != nil || seen.Task != "t-1" || h.requests(http.MethodPost) != 1 {
			t.Errorf("Create = %+v, %v with %d POSTs, want the task and one", seen, err, h.requests(http.MethodPost))
		}
	})
}

func TestCancellingBeforeTheConnectionBuysNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("Ctrl-C")) })
		c := client(t, "aimlapi", &host{}, dialing(func(context.Context, string, string) (net.Conn, error) {
			<-time.After(10 * time.Second) // net/http leaves a dial to itself
			return nil, syscall.ETIMEDOUT
		}))
		began := time.Now()
		_, err := c.Create(ctx, request())
		wantFault(t, err, fault.Unavailable, fault.NotCharged)
		if time.Since(began) != time.Second {
			t.Errorf("took %s, want to end with the context", time.Since(began))
		}
		<-time.After(time.Minute)
	})
}

func TestCancellingAPauseSendsNothingMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		h := &host{turn: says(429, "Retry-After: 60\r\n", "")}
		began := time.Now()
		_, err := client(t, "aimlapi", h).Create(ctx, request())
		wantFault(t, err, fault.Busy, fault.NotCharged)
		if time.Since(began) != time.Second || h.requests(http.MethodPost) != 1 {
			t.Errorf("%d POSTs in %s, want one and an end at once", h.requests(http.MethodPost), time.Since(began))
		}
	})
}

func TestAStaleTokenIsSignedAgainOnce(t *testing.T) {
	t.Parallel()
	stale := says(401, "", `{"code":1004,"message":"token expired"}`)
	pair := func(_ *provider.Settings, w *provider.Wiring) {
		w.Credential = dialect.Credential{AccessKey: secret.New("AK-CANARY-123456"), SecretKey: secret.New("SK-CANARY-123456")}
		calls := 0
		w.Now = func() time.Time { calls++; return time.Now().Add(time.Duration(calls) * time.Second) }
	}
	busy := says(429, "", "")
	tests := map[string]struct {
		turn  turn
		posts int
		kind  fault.Kind
	}{
		"once":           {first(stale, says(200, "", dialects()[3].made)), 2, ""},
		"for ever":       {stale, 2, fault.Stale},
		"after two busy": {first(busy, busy, stale), 3, fault.Stale},
	}
	for name, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			h := &host{turn: test.turn}
			c := client(t, "klingapi", h, pair)
			_, err := c.Create(t.Context(), request())
			if fault.KindOf(err) != test.kind {
				t.Errorf("%s: Create gives %v, want kind %q", name, err, test.kind)
			}
			if h.requests(http.MethodPost) != test.posts {
				t.Errorf("%s: %d POSTs, want %d", name, h.requests(http.MethodPost), test.posts)
			}
			if a, b := h.heads[0].Header.Get("Authorization"), h.heads[1].Header.Get("Authorization"); a == b {
				t.Errorf("%s: the same token twice, want a fresh one", name)
			}
			h = &host{turn: stale}
			_, err = client(t, "klingapi", h, pair).Look(t.Context(), ref(), 1)
			if wantFault(t, err, fault.Stale, fault.NotCharged); h.requests(http.MethodGet) != 2 {
				t.Errorf("a look sent %d requests, want 2", h.requests(http.MethodGet))
			}
		})
	}
}

func TestReadsRideOverWhatPasses(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		for name, bad := range map[string]turn{"500": says(500, "", "{}"), "502 page": says(502, "", html), "closed": closes, "429": says(429, "", "")} {
			synctest.Test(t, func(t *testing.T) {
				h := &host{turn: first(bad, bad, bad, says(200, "", d.running))}
				seen, err := client(t, d.name, h).Look(t.Context(), ref(), provider.Patient)
				if err != nil || seen.Task != "t-1" || h.requests(http.MethodGet) != 4 || len(h.heads) != 4 {
					t.Errorf("%s/%s: %+v, %v after %d GETs, want the task by the fourth", d.name, name, seen, err, h.requests(http.MethodGet))
				}
				h = &host{turn: bad}
				if _, err = client(t, d.name, h).Look(t.Context(), ref(), 1); err == nil || h.requests(http.MethodGet) != 1 {
					t.Errorf("%s/%s: one try gives %v after %d GETs", d.name, name, err, h.requests(http.MethodGet))
				}
			})
		}
	}
}

func TestReadsStopAtWhatDoesNotPass(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		for status, kind := range map[int]fault.Kind{401: fault.Auth, 403: fault.Refused, 404: fault.NotFound, 302: fault.Answer, 307: fault.Answer} {
			synctest.Test(t, func(t *testing.T) {
				h := &host{turn: says(status, "Location: http://elsewhere.example/\r\n", "{}")}
				_, err := client(t, d.name, h).Look(t.Context(), ref(), provider.Patient)
				wantFault(t, err, kind, fault.NotCharged)
				if len(h.heads) != 1 || len(h.dialed) != 1 {
					t.Errorf("%s %d: %d requests to %v, want one", d.name, status, len(h.heads), h.dialed)
				}
			})
		}
	}
}

// Under total failure retries add at most a tenth of the first tries and ten,
// over all clients of the process.
func TestTheRetryBudgetBoundsATotalFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const firsts = 400
		h := &host{turn: says(500, "", "{}")}
		budget := provider.NewBudget()
		var all sync.WaitGroup
		for range 4 {
			c := client(t, "aimlapi", h, func(_ *provider.Settings, w *provider.Wiring) { w.Budget = budget })
			all.Go(func() {
				for range firsts / 4 {
					_, _ = c.Look(t.Context(), ref(), provider.Patient)
				}
			})
		}
		all.Wait()
		if got := h.requests(http.MethodGet); got <= firsts || got > firsts+firsts/10+10 {
			t.Errorf("%d requests for %d questions, want more and at most %d", got, firsts, firsts+firsts/10+10)
		}
	})
}

func TestFindNeedsADialectThatCan(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		synctest.Test(t, func(t *testing.T) {
			h := &host{turn: says(200, "", d.running)}
			seen, err := client(t, d.name, h).Find(t.Context(), "image2video", "klingctl-1")
			switch {
			case d.name != "klingapi":
				wantFault(t, err, fault.Usage, fault.NotCharged)
			case err != nil || seen.Task != "t-1" || !strings.HasSuffix(h.heads[0].URL.Path, "/image2video/klingctl-1"):
				t.Errorf("Find = %+v, %v", seen, err)
			}
		})
	}
}

func TestBackoffStaysInItsBounds(t *testing.T) {
	t.Parallel()
	for try := range 100 {
		for _, share := range []float64{0, 0.5, 0.999999} {
			if pause := provider.Backoff(try, share); pause < 0 || pause > 20*time.Second {
				t.Errorf("Backoff(%d, %v) = %s, want between 0 and 20s", try, share, pause)
			}
		}
	}
}
