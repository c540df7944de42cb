package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// everyWay runs a test in-process and over a socket.
func everyWay(t *testing.T, test func(k *kit)) {
	t.Helper()
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		test(setup(t))
	})
	t.Run("over http", func(t *testing.T) {
		t.Parallel()
		test(setup(t).overHTTP())
	})
}

func TestLifeOfAJob(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		t.Run(d.provider, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(k *kit) {
				t := k.t
				id := k.make(d, "waves")
				for i, want := range d.words[:3] {
					if got := k.look(d, id).textAt(d.state); got != want {
						t.Errorf("state %d: got %q, want %q", i, got, want)
					}
					k.clock.pass([]time.Duration{3 * time.Second, 8 * time.Second, 0}[i])
				}
				a := k.look(d, id)
				link := d.link(a)
				file := k.do(http.MethodGet, link, "", "")
				if file.status != http.StatusOK || file.header.Get("Content-Type") != "video/mp4" || !strings.Contains(file.text[:16], "ftyp") {
					t.Errorf("result %q: got %d %q", link, file.status, file.header.Get("Content-Type"))
				}
				k.wantCounts(1, 1)
			})
		})
	}
}

func TestFailedJobs(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		t.Run(d.provider, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			for _, play := range []string{"moderated", "failed"} {
				id := k.make(d, "[["+play+"]] waves")
				k.clock.pass(11 * time.Second)
				a := k.look(d, id)
				if got := a.textAt(d.state); got != d.words[3] {
					t.Errorf("%s: got state %q, want %q", play, got, d.words[3])
				}
				if a.status != http.StatusOK {
					t.Errorf("%s: got HTTP %d, want 200: a failed job is no failed call", play, a.status)
				}
			}
		})
	}
}
