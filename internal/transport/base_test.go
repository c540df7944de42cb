package transport_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/transport"
)

func get(t *testing.T, base http.RoundTripper, url string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := base.RoundTrip(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

func TestNewCreateUsesAConnectionOnce(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	client, ok := server.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("the test server's client has no http.Transport")
	}
	trust := client.TLSClientConfig

	tests := map[string]struct {
		base   *http.Transport
		proto  string
		reused bool
	}{
		"a create":              {transport.NewCreate(transport.BaseOptions{Direct: true}), "HTTP/1.1", false},
		"what may be sent more": {transport.NewBase(transport.BaseOptions{Direct: true}), "HTTP/2.0", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.base.TLSClientConfig = trust.Clone()
			test.base.TLSClientConfig.NextProtos = nil
			t.Cleanup(test.base.CloseIdleConnections)
			reused := false
			trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }}
			for range 2 {
				req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodPost, server.URL, strings.NewReader("{}"))
				if err != nil {
					t.Fatal(err)
				}
				res, err := test.base.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = res.Body.Close()
				if res.Proto != test.proto {
					t.Errorf("spoke %s, want %s", res.Proto, test.proto)
				}
			}
			if reused != test.reused {
				t.Errorf("second request on a used connection: %v, want %v", reused, test.reused)
			}
		})
	}
}

func TestNewBaseRefusesAHugeHeader(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Much", strings.Repeat("x", 200<<10))
	}))
	t.Cleanup(server.Close)
	base := transport.NewBase(transport.BaseOptions{Direct: true})
	t.Cleanup(base.CloseIdleConnections)
	if err := get(t, base, server.URL); err == nil {
		t.Error("a header of 200 KiB was taken, want an error")
	}
}

func TestNewBaseBoundsTheWaitForAHeader(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(server.Close)
	base := transport.NewBase(transport.BaseOptions{Direct: true, Header: 20 * time.Millisecond})
	if err := get(t, base, server.URL); err == nil || !strings.Contains(err.Error(), "timeout") {
		t.Errorf("a silent server gave %v, want a timeout", err)
	}
}

func TestGuardStopsADialToLoopback(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{}, 2)
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached <- struct{}{} }))
	t.Cleanup(server.Close)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		url := strings.Replace(server.URL, "127.0.0.1", host, 1)
		guarded := transport.NewBase(transport.BaseOptions{Direct: true, Control: transport.Guard(transport.GuardOptions{})})
		if err := get(t, guarded, url); !errors.Is(err, transport.ErrAddress) {
			t.Errorf("GET %s = %v, want ErrAddress", url, err)
		}
	}
	if len(reached) != 0 {
		t.Error("the server was reached")
	}
	open := transport.NewBase(transport.BaseOptions{Direct: true, Control: transport.Guard(transport.GuardOptions{AllowPrivate: true})})
	t.Cleanup(open.CloseIdleConnections)
	if err := get(t, open, server.URL); err != nil {
		t.Errorf("with AllowPrivate: %v", err)
	}
}

func TestGuardTellsAddressesApart(t *testing.T) {
	t.Parallel()
	const never, ifPrivate, always = "never", "with AllowPrivate", "always"
	for address, want := range map[string]string{
		"8.8.8.8": always, "2606:4700::1111": always, "::ffff:8.8.8.8": always, "64:ff9b::808:808": always,
		"127.0.0.1": ifPrivate, "::1": ifPrivate, "10.1.2.3": ifPrivate, "172.16.0.1": ifPrivate, "192.168.1.1": ifPrivate,
		"fc00::1": ifPrivate, "100.64.0.1": ifPrivate, "198.18.0.1": ifPrivate, "240.0.0.1": ifPrivate, "fec0::1": ifPrivate,
		"::ffff:127.0.0.1": ifPrivate, "64:ff9b::7f00:1": ifPrivate, "2002:7f00:1::": ifPrivate, "::127.0.0.1": ifPrivate,
		"169.254.169.254": never, "fe80::1": never, "fe80::1%eth0": never, "0.0.0.0": never, "::": never, "0.1.2.3": never,
		"224.0.0.1": never, "ff02::1": never, "255.255.255.255": never, "100.100.100.200": never, "fd00:ec2::254": never,
		"::ffff:169.254.169.254": never, "64:ff9b::a9fe:a9fe": never, "2002:a9fe:a9fe::": never,
	} {
		addr := netip.MustParseAddr(address)
		strict := transport.GuardOptions{}.Check(addr)
		open := transport.GuardOptions{AllowPrivate: true}.Check(addr)
		got := never
		switch {
		case strict == nil && open == nil:
			got = always
		case open == nil:
			got = ifPrivate
		}
		if got != want {
			t.Errorf("%s is allowed %s, want %s (%v, %v)", address, got, want, strict, open)
		}
	}
}

func TestGuardRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	guard := transport.Guard(transport.GuardOptions{AllowPrivate: true})
	for _, c := range []struct{ network, address string }{{"unix", "/run/x"}, {"udp4", "8.8.8.8:53"}, {"tcp4", "example.com:80"}, {"tcp4", ""}} {
		if err := guard(t.Context(), c.network, c.address, syscall.RawConn(nil)); !errors.Is(err, transport.ErrAddress) {
			t.Errorf("%s %q: %v, want ErrAddress", c.network, c.address, err)
		}
	}
}
