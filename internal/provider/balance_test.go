package provider_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/configs"
	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/dialect/all"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/sandbox"
	"github.com/klingctl/klingctl/internal/secret"
)

// march is when the emulated providers live.
func march() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// counting counts requests by path.
type counting struct {
	http.RoundTripper

	paths []string
}

func (c *counting) RoundTrip(request *http.Request) (*http.Response, error) {
	c.paths = append(c.paths, request.URL.Path)
	return c.RoundTripper.RoundTrip(request)
}

// emulated is a client of a preset, wired to the sandbox as settled settings
// would wire it.
func emulated(t *testing.T, preset catalog.Preset, key string) (*provider.Client, *counting) {
	t.Helper()
	server, err := sandbox.New(sandbox.Options{Dir: t.TempDir(), Now: march, GenerationTime: time.Minute})
	if err != nil {
		t.Fatalf("open the sandbox: %v", err)
	}
	base := preset.BaseURL
	if base == "" {
		base = "https://" + preset.Name + ".sandbox.invalid"
	}
	wire := &counting{RoundTripper: server.Transport()}
	client, err := provider.New(provider.Settings{
		Name: preset.Name, Dialect: preset.Dialect, BaseURL: base,
		PathPrefix: preset.Variant.PathPrefix, RepeatInMetadata: preset.Variant.RepeatInMetadata, Billing: preset.Variant.Billing,
	}, provider.Wiring{
		Speak: all.New, Credential: dialect.Credential{Key: secret.New(key)}, Creates: wire, Reads: wire, Now: march,
	})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return client, wire
}

func presets(t *testing.T) []catalog.Preset {
	t.Helper()
	offers, err := catalog.Open(configs.FS())
	if err != nil {
		t.Fatalf("open the catalog: %v", err)
	}
	return offers.Presets()
}

func TestBalanceOfEveryPreset(t *testing.T) {
	t.Parallel()
	one := func(amount, unit string) []dialect.Amount { return []dialect.Amount{{Amount: amount, Unit: unit}} }
	packs := one("4721.5", "units")
	packs[0].Name, packs[0].Expires = "Sandbox pack", march().AddDate(0, 5, 0)
	tests := map[string]struct {
		rich, poor []dialect.Amount
	}{
		"apikley": {one("12345.5", "credits"), one("0", "credits")},
		"kie":     {one("12345.5", "credits"), one("0", "credits")},
		"aimlapi": {one("12.34", "USD"), one("0", "USD")},
		"apixo":   {one("74.87", "USD"), one("0", "USD")},
		"newapi":  {one("12.34", "quota"), one("0", "quota")},
		"kling":   {packs, []dialect.Amount{}},
		// Neither documents a balance.
		"powertokens": {}, "cometapi": {},
	}
	for _, preset := range presets(t) {
		want, ok := tests[preset.Name]
		if !ok {
			t.Errorf("the preset %s is not in the table", preset.Name)
			continue
		}
		t.Run(preset.Name, func(t *testing.T) {
			t.Parallel()
			for key, amounts := range map[string][]dialect.Amount{"rich-account": want.rich, "poor-account": want.poor} {
				client, wire := emulated(t, preset, key)
				got, err := client.Balance(t.Context())
				if amounts == nil {
					e := faultOf(t, err, fault.Usage, fault.NotCharged)
					if len(wire.paths) > 0 || !strings.Contains(e.Detail, "does not document a balance") {
						t.Errorf("%v after %v, want nothing asked", err, wire.paths)
					}
					continue
				}
				if diff := cmp.Diff(amounts, got); err != nil || diff != "" {
					t.Errorf("%s (error %v, -want +got):\n%s", key, err, diff)
				}
			}
			if want.rich == nil {
				return
			}
			client, wire := emulated(t, preset, "invalid-key")
			_, err := client.Balance(t.Context())
			_ = faultOf(t, err, fault.Auth, fault.NotCharged)
			if len(wire.paths) != 1 {
				t.Errorf("a refused key asks %v, want one question", wire.paths)
			}
		})
	}
}

// billed makes a client of klingapi that tells balances in some way.
func billed(billing string) func(*provider.Settings, *provider.Wiring) {
	return func(s *provider.Settings, _ *provider.Wiring) { s.PathPrefix, s.Billing = "/kling", billing }
}

const (
	limitOf20 = `{"object":"billing_subscription","hard_limit_usd":20}`
	usageOf5  = `{"object":"list","total_usage":500}`
)

// quotaHost answers new-api's two questions, the first answers being troubles.
func quotaHost(troubles ...turn) *host {
	h := &host{}
	h.turn = func(n int, conn net.Conn) {
		h.mu.Lock()
		path := h.heads[n-1].URL.Path
		h.mu.Unlock()
		switch {
		case n <= len(troubles) && troubles[n-1] != nil:
			troubles[n-1](n, conn)
		case path == "/prefix/v1/dashboard/billing/subscription":
			says(200, "", limitOf20)(n, conn)
		case path == "/prefix/v1/dashboard/billing/usage":
			says(200, "", usageOf5)(n, conn)
		default:
			says(404, "", path)(n, conn)
		}
	}
	return h
}

func TestBalanceIsAskedAgainAsAWhole(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		troubles []turn
		requests int
		least    time.Duration
	}{
		"nothing is wrong":           {nil, 2, 0},
		"the first is busy":          {[]turn{says(429, "", "")}, 3, time.Second},
		"the first hangs up":         {[]turn{closes}, 3, 0},
		"the second is down":         {[]turn{nil, says(503, "", html)}, 4, 0},
		"the second hangs up":        {[]turn{nil, closes}, 4, 0},
		"the second asks for a wait": {[]turn{nil, says(429, "Retry-After: 7\r\n", "")}, 4, 7 * time.Second},
		"one after the other":        {[]turn{says(503, "", ""), nil, says(503, "", "")}, 5, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h, began := quotaHost(test.troubles...), time.Now()
				got, err := client(t, "klingapi", h, billed("newapi")).Balance(t.Context())
				if diff := cmp.Diff([]dialect.Amount{{Amount: "15", Unit: "quota"}}, got); err != nil || diff != "" {
					t.Errorf("error %v, amounts (-want +got):\n%s", err, diff)
				}
				if n, took := h.requests(http.MethodGet), time.Since(began); n != test.requests || took < test.least {
					t.Errorf("%d requests in %s, want %d in at least %s", n, took, test.requests, test.least)
				}
			})
		})
	}
}

func TestBalanceThatCannotBeToldIsAFault(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		troubles []turn
		kind     fault.Kind
		requests int
	}{
		"a token refused":          {[]turn{says(401, "", `{"error":{"message":"bad `+canary+`"}}`)}, fault.Auth, 1},
		"an error inside a 200":    {[]turn{nil, says(200, "", `{"error":{"message":"Bearer `+canary+`","type":"upstream_error"}}`)}, fault.Refused, 2},
		"another gateway":          {[]turn{says(404, "", `{"error":{"message":"Invalid URL"}}`)}, fault.Refused, 1},
		"a web page":               {[]turn{nil, says(200, "", html)}, fault.Answer, 2},
		"somewhere else":           {[]turn{says(302, "Location: https://elsewhere.example/\r\n", html)}, fault.Answer, 1},
		"down for good":            {[]turn{closes, closes, closes, closes}, fault.Unavailable, 4},
		"the second down for good": {[]turn{nil, closes, nil, closes, nil, closes, nil, closes}, fault.Unavailable, 8},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := quotaHost(test.troubles...)
				got, err := client(t, "klingapi", h, billed("newapi")).Balance(t.Context())
				e := faultOf(t, err, test.kind, fault.NotCharged)
				if len(got) > 0 || e.Subject != "shop" || h.requests(http.MethodGet) != test.requests {
					t.Errorf("amounts %v, subject %q, %d requests, want none, shop and %d", got, e.Subject, h.requests(http.MethodGet), test.requests)
				}
			})
		})
	}
}

func TestBalanceNeverTellsTheKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{turn: says(200, "", `{"code":0,"data":{"code":0,"resource_pack_subscribe_infos":[{"resource_pack_name":"of `+canary+`","remaining_quantity":1,"status":"online"}]}}`)}
		got, err := client(t, "klingapi", h, billed("kling")).Balance(t.Context())
		if diff := cmp.Diff([]dialect.Amount{{Amount: "1", Unit: "units", Name: "of [hidden]"}}, got); err != nil || diff != "" {
			t.Errorf("error %v, amounts (-want +got):\n%s", err, diff)
		}
		if got := h.heads[0].URL.Path; got != "/prefix/account/costs" {
			t.Errorf("asked %s, want Kling's own path below the base URL", got)
		}
	})
}
