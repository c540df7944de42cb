package klingapi_test

import (
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/secret"
)

// vector is the token of demo-access-key and demo-secret-key at 1800000000,
// computed by other means than ours.
const vector = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." +
	"eyJpc3MiOiJkZW1vLWFjY2Vzcy1rZXkiLCJleHAiOjE4MDAwMDE4MDAsIm5iZiI6MTc5OTk5OTk5NX0." +
	"WyXoE3WhwSjBwUn-ZLUY3VHQ2AxDQ6gSefdLuORnRVg"

func TestAuthorizeSignsAPairByteForByte(t *testing.T) {
	t.Parallel()
	for name, now := range map[string]time.Time{
		"whole second": time.Unix(1_800_000_000, 0),
		"within it":    time.Unix(1_800_000_000, 999_999_999),
		"elsewhere":    time.Unix(1_800_000_000, 0).In(time.FixedZone("far", 14*3600)),
	} {
		call := dialect.Get("/v1/videos/image2video/881", nil)
		if err := plain().Authorize(&call, credentials()[1], now); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, want := call.Header["Authorization"], "Bearer "+vector; got != want {
			t.Errorf("%s: Authorization = %q, want %q", name, got, want)
		}
	}
}

func TestAuthorizeTokenIsGoodFromFiveSecondsAgoForHalfAnHour(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	call := dialect.Get("/x", nil)
	if err := plain().Authorize(&call, credentials()[1], now); err != nil {
		t.Fatal(err)
	}
	token := strings.TrimPrefix(call.Header["Authorization"], "Bearer ")
	for _, at := range []struct {
		offset time.Duration
		want   bool
	}{
		{-6 * time.Second, false}, {-5 * time.Second, true}, {0, true}, {1799 * time.Second, true}, {1801 * time.Second, false},
	} {
		offset, want := at.offset, at.want
		parser := jwt.NewParser(jwt.WithTimeFunc(func() time.Time { return now.Add(offset) }), jwt.WithValidMethods([]string{"HS256"}))
		_, err := parser.Parse(token, func(*jwt.Token) (any, error) { return []byte("demo-secret-key"), nil })
		if got := err == nil; got != want {
			t.Errorf("%v after signing: good = %v (%v), want %v", offset, got, err, want)
		}
	}
}

func TestAuthorizeTakesAKeyAsItIs(t *testing.T) {
	t.Parallel()
	both := dialect.Credential{Key: secret.New("a.b.c"), AccessKey: secret.New("access"), SecretKey: secret.New("hidden")}
	call := dialect.Get("/x", nil)
	if err := plain().Authorize(&call, both, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if got, want := call.Header["Authorization"], "Bearer a.b.c"; got != want {
		t.Errorf("Authorization = %q, want %q", got, want)
	}
}

func TestAuthorizeRefusesHalfAPair(t *testing.T) {
	t.Parallel()
	for name, half := range map[string]dialect.Credential{
		"no secret key": {AccessKey: secret.New("access")},
		"no access key": {SecretKey: secret.New("hidden")},
	} {
		call := dialect.Get("/x", nil)
		err := plain().Authorize(&call, half, time.Unix(1, 0))
		if !fault.Is(err, fault.Auth) || len(call.Header) > 0 {
			t.Errorf("%s: error %v and headers %v, want a fault of kind auth and none", name, err, call.Header)
		}
	}
}
