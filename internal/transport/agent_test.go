package transport_test

import (
	"net/http"
	"testing"

	"github.com/klingctl/klingctl/internal/transport"
)

type record struct{ header http.Header }

func (r *record) RoundTrip(req *http.Request) (*http.Response, error) {
	r.header = req.Header
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

func TestUserAgentNamesTheProgramOnce(t *testing.T) {
	t.Parallel()
	for own, want := range map[string]string{"": "klingctl/1", "mine/2": "mine/2"} {
		seen := new(record)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://h/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if own != "" {
			req.Header.Set("User-Agent", own)
		}
		res, err := transport.UserAgent(seen, "klingctl/1").RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if got := seen.header.Get("User-Agent"); got != want {
			t.Errorf("sent %q, want %q", got, want)
		}
		if got := req.Header.Get("User-Agent"); got != own {
			t.Errorf("the caller's request now says %q, want %q", got, own)
		}
	}
}
