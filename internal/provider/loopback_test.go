package provider_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/transport"
)

// over sends a client's traffic through transports as they are used.
func over(base string, creates, reads *http.Transport) func(*provider.Settings, *provider.Wiring) {
	return func(s *provider.Settings, w *provider.Wiring) {
		s.BaseURL, w.Origin, w.Creates, w.Reads = base, base, creates, reads
	}
}

func TestARealResetAfterTheJobWasTaken(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's listener
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		var posts, connections atomic.Int32
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				connections.Add(1)
				if head, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.Copy(io.Discard, head.Body)
					posts.Add(1)
				}
				if tcp, ok := conn.(*net.TCPConn); ok {
					_ = tcp.SetLinger(0) // closing then sends a reset
				}
				_ = conn.Close()
			}
		}()
		direct := transport.BaseOptions{Direct: true}
		c := client(t, d.name, &host{}, over("http://"+listener.Addr().String(), transport.NewCreate(direct), transport.NewBase(direct)))
		_, err = c.Create(t.Context(), request())
		wantFault(t, err, fault.Ambiguous, fault.MayBeCharged)
		if posts.Load() != 1 || connections.Load() != 1 {
			t.Errorf("%s: %d POSTs over %d connections, want one", d.name, posts.Load(), connections.Load())
		}
	}
}

// A server that keeps connections, speaks HTTP/2 and then drops them is what
// makes net/http send a request again.
func TestServersThatKeepConnectionsGetACreateOnce(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		var posts atomic.Int32
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				_, _ = io.WriteString(w, dialects()[1].running)
				return
			}
			posts.Add(1)
			_, _ = io.Copy(io.Discard, r.Body)
			panic(http.ErrAbortHandler)
		}))
		server.EnableHTTP2 = http2
		server.Config.ErrorLog = nil
		server.StartTLS()
		t.Cleanup(server.Close)
		trusting, ok := server.Client().Transport.(*http.Transport)
		if !ok {
			t.Fatal("the test's server has no transport")
		}
		creates, reads := transport.NewCreate(transport.BaseOptions{Direct: true}), transport.NewBase(transport.BaseOptions{Direct: true})
		for _, wire := range []*http.Transport{creates, reads} {
			wire.TLSClientConfig = trusting.TLSClientConfig.Clone()
			wire.TLSClientConfig.NextProtos = nil
			t.Cleanup(wire.CloseIdleConnections)
		}
		c := client(t, "aimlapi", &host{}, over(server.URL, creates, reads))
		for n := range int32(3) {
			if _, err := c.Look(t.Context(), ref(), 1); err != nil {
				t.Fatal(err)
			}
			_, err := c.Create(t.Context(), request())
			wantFault(t, err, fault.Ambiguous, fault.MayBeCharged)
			if posts.Load() != n+1 {
				t.Fatalf("HTTP/2 %v: %d POSTs after %d creates", http2, posts.Load(), n+1)
			}
		}
	}
}

func TestAProxyThatTakesTheJobAndDiesIsAmbiguous(t *testing.T) {
	t.Parallel()
	var posts atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		posts.Add(1)
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(proxy.Close)
	address, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	through := transport.BaseOptions{Proxy: http.ProxyURL(address)}
	c := client(t, "apixo", &host{}, over("http://api.example", transport.NewCreate(through), transport.NewBase(through)))
	_, err = c.Create(t.Context(), request())
	wantFault(t, err, fault.Ambiguous, fault.MayBeCharged)
	if posts.Load() != 1 {
		t.Errorf("%d POSTs, want 1", posts.Load())
	}
}

func TestARefusedConnectionCostsNothing(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's listener
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	_ = listener.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	direct := transport.BaseOptions{Direct: true}
	_, err = client(t, "klingapi", &host{}, over(base, transport.NewCreate(direct), transport.NewBase(direct))).Create(ctx, request())
	wantFault(t, err, fault.Unavailable, fault.NotCharged)
}
