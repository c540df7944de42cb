package transport_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/transport"
)

func TestRedactHidesValuesAndKeepsKeys(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://cdn.example/a/b.mp4":                         "https://cdn.example/a/b.mp4",
		"https://s3.example/b.mp4?X-Amz-Signature=SECRET&e=1": "https://s3.example/b.mp4?X-Amz-Signature=…&e=…",
		"https://user:SECRET@h:8443/p?SECRET#SECRET":          "https://h:8443/p?…",
		"https://h?a=SECRET=SECRET&&b":                        "https://h?a=…&…",
		"javascript:SECRET":                                   "javascript:…",
		"/relative/path?SECRET":                               "/relative/path",
		"//h/p":                                               "//h/p",
		"https://h\u202e.example/p":                           `https://h\u202e.example/p`,
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := transport.Redact(u); got != want {
			t.Errorf("Redact(%q) = %q, want %q", raw, got, want)
		}
	}
	if got := transport.Redact(nil); got != "" {
		t.Errorf("Redact(nil) = %q, want nothing", got)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("https://u:x9@h/p?k=x9&x9#x9")
	f.Add("mailto:x9")
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := url.Parse(raw)
		if err != nil || strings.Contains(u.Host+u.Path+u.Scheme, "x9") || !strings.Contains(raw, "x9") {
			return
		}
		for pair := range strings.SplitSeq(u.RawQuery, "&") {
			if key, _, ok := strings.Cut(pair, "="); ok && strings.Contains(key, "x9") {
				return
			}
		}
		if got := transport.Redact(u); strings.Contains(got, "x9") {
			t.Errorf("Redact(%q) = %q shows what stands outside host, path and keys", raw, got)
		}
	})
}
