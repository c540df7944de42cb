package fetch_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"github.com/klingctl/klingctl/internal/fetch"
)

// slowLink is a line as in a train. Rates are in KB/s, times in ms.
type slowLink struct {
	size, breakAt          int
	rate, latency, slicing int
}

// chooseLink gives figures for a test of seconds. KLINGCTL_SLOW_LINK=1 gives
// those of a line that people do have, and takes a minute.
func chooseLink() slowLink {
	if os.Getenv("KLINGCTL_SLOW_LINK") != "" {
		return slowLink{size: 3_000_000, breakAt: 500_000, rate: 100, latency: 700, slicing: 2000}
	}
	return slowLink{size: 200_000, breakAt: 70_000, rate: 500, latency: 40, slicing: 2000}
}

// A connection that is slow and breaks again and again brings the file, and
// hardly a byte of it twice.
func TestFetchOverASlowLinkThatBreaks(t *testing.T) {
	t.Parallel()
	for how, attributes := range map[string]string{"limit_data": `"bytes": 0`, "reset_peer": `"timeout": 0`} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			l := chooseLink()
			content := clip(l.size, 0)
			var requests, crossed atomic.Int64
			var mend func(context.Context)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if requests.Add(1) > 1 {
					mend(r.Context())
				}
				w.Header().Set("ETag", `"v1"`)
				http.ServeContent(w, r, "", modified(), bytes.NewReader(content))
			}))
			t.Cleanup(server.Close)
			proxy := l.open(t, server.Listener.Addr().String())
			mend = func(ctx context.Context) {
				if err := proxy.Toxics.RemoveToxic(ctx, how+"_downstream"); err != nil {
					t.Errorf("after request %d: %v", requests.Load(), err)
				}
			}
			line := http.Transport{DialContext: counting(&crossed)}
			t.Cleanup(line.CloseIdleConnections)
			next := int64(l.breakAt)
			f := fetch.New(fetch.Options{Transport: &line, AllowPrivate: true, Progress: func(done, _ int64) {
				if done >= next {
					next += int64(l.breakAt)
					addToxic(t, proxy, how, "downstream", attributes)
				}
			}})
			target := filepath.Join(t.TempDir(), "clip.mp4")
			if _, err := f.Fetch(t.Context(), fetch.Source{URL: "http://" + proxy.Listen + "/clip.mp4"}, target, fetch.Hooks{}); err != nil {
				t.Fatalf("Fetch: %v", err)
			}
			wantFile(t, target, content)
			if got, want := requests.Load(), int64(l.size/l.breakAt); got < want {
				t.Errorf("%d requests, want %d at least: the line did not break", got, want)
			}
			more := 100 * (float64(crossed.Load())/float64(len(content)) - 1)
			t.Logf("%d requests brought %.2f %% more bytes than the file has", requests.Load(), more)
			if more > 5 {
				t.Error("want 5 % at most")
			}
		})
	}
}

// open starts a proxy that behaves like the line.
func (l slowLink) open(t *testing.T, upstream string) *toxiproxy.Proxy {
	t.Helper()
	// The proxy traces to standard error whatever it is told.
	zerolog.SetGlobalLevel(zerolog.Disabled)
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(api, "line", "127.0.0.1:0", upstream)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	for _, stream := range []string{"upstream", "downstream"} {
		// Half of the way there, half of the way back.
		addToxic(t, proxy, "latency", stream, fmt.Sprintf(`"latency": %d`, l.latency/2))
	}
	addToxic(t, proxy, "slicer", "downstream", fmt.Sprintf(`"average_size": %d, "size_variation": %d`, l.slicing, l.slicing/4))
	addToxic(t, proxy, "bandwidth", "downstream", fmt.Sprintf(`"rate": %d`, l.rate))
	return proxy
}

func addToxic(t *testing.T, proxy *toxiproxy.Proxy, kind, stream, attributes string) {
	t.Helper()
	toxic := fmt.Sprintf(`{"name": %q, "type": %q, "stream": %q, "attributes": {%s}}`, kind+"_"+stream, kind, stream, attributes)
	if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(toxic)); err != nil {
		t.Errorf("%s: %v", kind, err)
	}
}

// counting dials connections that add up what they bring, headers included.
func counting(total *atomic.Int64) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return &countedConn{conn, total}, err
	}
}

type countedConn struct {
	net.Conn
	total *atomic.Int64
}

func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.total.Add(int64(n))
	return n, err
}
