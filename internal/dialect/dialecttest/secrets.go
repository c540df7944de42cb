package dialecttest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/secret"
)

// testSecrets checks that Authorize changes headers and nothing else.
func testSecrets(tb testing.TB, s Suite) {
	tb.Helper()
	d := s.New()
	now := time.Unix(1_800_000_000, 0)
	for _, request := range s.Requests {
		for _, credential := range s.Credentials {
			call, err := d.Create(request.Request)
			if err != nil {
				tb.Errorf("Create(%s): %v", request.Name, err)
				continue
			}
			before := call
			call.Header = map[string]string{"X-Of-Caller": "1"}
			shared := call.Header
			if err := d.Authorize(&call, credential, now); err != nil {
				tb.Errorf("Authorize: %v", err)
				continue
			}
			if len(shared) != 1 {
				tb.Errorf("Authorize wrote into a header map that is not its own: %v", slices.Sorted(maps.Keys(shared)))
			}
			if !strings.HasPrefix(call.Header["Authorization"], "Bearer ") || call.Header["X-Of-Caller"] != "1" {
				tb.Errorf("Authorize gives headers %v, want Authorization beside the caller's", slices.Sorted(maps.Keys(call.Header)))
			}
			wantSecretOnlyInHeader(tb, call, credential)
			again := before
			if err := d.Authorize(&again, credential, now); err != nil || again.Header["Authorization"] != call.Header["Authorization"] {
				tb.Errorf("Authorize twice at one time gives two results (error %v)", err)
			}
		}
	}
	for name, bad := range badCredentials() {
		call := dialect.Get("/x", nil)
		err := d.Authorize(&call, bad, now)
		if !fault.Is(err, fault.Auth) {
			tb.Errorf("Authorize with %s gives error %v, want a fault of kind auth", name, err)
			continue
		}
		if strings.Contains(err.Error(), "s3cret") || len(call.Header) > 0 {
			tb.Errorf("Authorize with %s tells the secret (%v) or still sets headers", name, err)
		}
	}
}

// wantSecretOnlyInHeader looks for the credential everywhere else.
func wantSecretOnlyInHeader(tb testing.TB, call dialect.Call, credential dialect.Credential) {
	tb.Helper()
	bearer := strings.TrimPrefix(call.Header["Authorization"], "Bearer ")
	body, err := readBody(call.Body)
	if err != nil {
		tb.Fatal(err)
	}
	others := maps.Clone(call.Header)
	delete(others, "Authorization")
	bare := call
	bare.Header = others
	places := map[string]string{
		"the target":        call.Target(),
		"the body":          string(body),
		"a printed call":    fmt.Sprintf("%v %+v %#v", bare, bare, bare.Query),
		"the elided body":   string(call.Body.Elided()),
		"the credential %v": fmt.Sprintf("%v %+v", credential, credential),
	}
	for _, hidden := range []string{bearer, credential.Key.Reveal(), credential.SecretKey.Reveal()} {
		if hidden == "" {
			continue
		}
		for place, text := range places {
			if strings.Contains(text, hidden) {
				tb.Errorf("the secret stands in %s", place)
			}
		}
	}
	if pair := credential.SecretKey.Reveal(); pair != "" && strings.Contains(bearer, pair) {
		tb.Error("the secret key of a pair stands in the header, want a signature made with it")
	}
}

func badCredentials() map[string]dialect.Credential {
	return map[string]dialect.Credential{
		"nothing":               {},
		"a key with a line end": {Key: secret.New("s3cret\r\nX-Injected: 1")},
		"a key with a blank":    {Key: secret.New("s3cret s3cret")},
		"a key with a NUL":      {Key: secret.New("s3cret\x00")},
	}
}
