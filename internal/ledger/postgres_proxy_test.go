package ledger

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// A cable lies between a store and its database, and breaks at a COMMIT.
type cable struct {
	t      *testing.T
	server string
	// left is how often it will break yet, and how.
	mu   sync.Mutex
	left int
	how  breakage
}

type breakage int

const (
	// before the server hears of the COMMIT.
	before breakage = iota
	// after the server did it, before the client hears of that.
	after
	// late is a client that lost its connection while the COMMIT was still on
	// its way.
	late
)

// throughCable leads a URL through a cable that breaks so many times.
func throughCable(t *testing.T, place string, times int, how breakage) string {
	t.Helper()
	parsed, err := url.Parse(place)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed by the test
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{t: t, server: parsed.Host, left: times, how: how}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { c.carry(client) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		group.Wait()
	})
	parsed.Host = listener.Addr().String()
	return parsed.String()
}

func (c *cable) breaks() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left > 0 {
		c.left--
		return true
	}
	return false
}

// carry copies both ways until one end goes.
func (c *cable) carry(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", c.server) //nolint:noctx // closed below
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var group sync.WaitGroup
	defer group.Wait()
	silent := make(chan struct{})
	group.Go(func() {
		defer close(silent)
		_, _ = io.Copy(client, server)
		_ = client.Close()
	})
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			_ = server.Close()
			return
		}
		if bytes.Contains(buffer[:n], []byte("COMMIT\x00")) && c.breaks() {
			c.snap(client, server, buffer[:n], silent)
			return
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (c *cable) snap(client, server net.Conn, commit []byte, silent <-chan struct{}) {
	defer func() { _ = server.Close() }()
	_ = client.Close()
	if c.how == before {
		return
	}
	if c.how == late {
		<-time.After(3 * pause / 2)
	}
	if _, err := server.Write(commit); err != nil && !errors.Is(err, net.ErrClosed) {
		c.t.Error(err)
	}
	<-silent // the answer found nobody to hear it
}
