package cmd

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/sandbox"
)

// door is the emulator over HTTP, behind a door: while it is shut, requests of
// one kind come in and get no answer.
type door struct {
	place

	shut    atomic.Bool
	arrived chan struct{}
	release func() // of the ledger, where a stage has locked it
}

// newDoor opens a place whose providers kie and kling are behind a door that
// is shut for requests whose method and path hold a text.
func newDoor(t *testing.T, shutFor string) *door {
	t.Helper()
	d := &door{place: newPlace(t), arrived: make(chan struct{}, 100), release: func() {}}
	d.shut.Store(true)
	server, err := sandbox.New(sandbox.Options{Dir: d.emulator(), GenerationTime: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.shut.Load() && strings.Contains(r.Method+" "+r.URL.Path, shutFor) {
			_, _ = io.Copy(io.Discard, r.Body) // else nobody sees the client go
			d.arrived <- struct{}{}
			<-r.Context().Done()
			return
		}
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(served.Close)
	d.environ = append(
		d.environ,
		"KLINGCTL_PROVIDERS_KIE_BASE_URL="+served.URL+"/_as/kie", "KIE_API_KEY="+canary,
		"KLINGCTL_PROVIDERS_KLING_BASE_URL="+served.URL+"/_as/kling", "KLING_API_KEY="+canary,
	)
	return d
}

// knock waits until a request stands before the door.
func (d *door) knock(t *testing.T) {
	t.Helper()
	select {
	case <-d.arrived:
	case <-time.After(20 * time.Second):
		t.Fatal("no request came")
	}
}

// open lets requests through again, and frees the ledger.
func (d *door) open() {
	d.shut.Store(false)
	d.release()
}

// order is a submission to a provider behind the door.
func order(provider string, more ...string) []string {
	model := "kling-v2-1-master"
	if provider == "kie" {
		model = "kling/v2-1-master-image-to-video"
	}
	return append([]string{"submit", "--provider", provider, "-m", model, "-i", "a.png", "-p", "x"}, more...)
}
