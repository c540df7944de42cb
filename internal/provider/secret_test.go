package provider_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/provider"
	"github.com/klingctl/klingctl/internal/secret"
)

// forms are the ways in which servers have been seen to repeat what they got.
func forms(header string) map[string]string {
	_, token, _ := strings.Cut(header, " ")
	quoted, _ := json.Marshal(header)
	return map[string]string{
		"header":           header,
		"token":            token,
		"URL-encoded":      url.QueryEscape(header),
		"path-encoded":     url.PathEscape(header),
		"base64":           base64.StdEncoding.EncodeToString([]byte(header)),
		"base64 token":     base64.StdEncoding.EncodeToString([]byte(token)),
		"base64url":        base64.RawURLEncoding.EncodeToString([]byte(token)),
		"base64 of a pair": base64.StdEncoding.EncodeToString([]byte("user:" + token)),
		"base64 of a dump": base64.StdEncoding.EncodeToString([]byte("Authorization: " + header + "\r\nHost: x")),
		"quoted":           string(quoted),
		"lower case word":  "bearer " + token,
		"at a cut":         strings.Repeat("x", fault.MaxText-len(header)+4) + header,
	}
}

// credentials are the two kinds there are, with the parts that must not show.
func credentials() map[string]dialect.Credential {
	return map[string]dialect.Credential{
		"key":  {Key: secret.New(canary)},
		"pair": {AccessKey: secret.New("AK-CANARY-0123456789"), SecretKey: secret.New("SK-CANARY-0123456789")},
	}
}

// leaks reports a run of a secret that is long enough to be of use, plain or in
// base64.
func leaks(text string, secrets ...string) bool {
	text += unpacked(text)
	for _, s := range secrets {
		for at := 0; at+12 <= len(s); at++ {
			if strings.Contains(text, s[at:at+12]) {
				return true
			}
		}
	}
	return false
}

// unpacked is what base64 in a text stands for, wherever it begins.
func unpacked(text string) string {
	var out strings.Builder
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("+/-_", r)
	}) {
		word = strings.NewReplacer("-", "+", "_", "/").Replace(word)
		for shift := range min(4, len(word)) {
			rest := word[shift:]
			plain, _ := base64.RawStdEncoding.DecodeString(rest[:len(rest)/4*4])
			out.Write(plain)
			out.WriteByte('\n')
		}
	}
	return out.String()
}

func shown(err error) string {
	e := fault.Of(err)
	if e == nil {
		return fmt.Sprint(err)
	}
	return fmt.Sprintf("%v | %+v | %s | %s | %s | %s | %v", err, err, e.Detail, e.Code, e.RequestID, e.Hint, e.Err)
}

func TestAnEchoOfTheAuthorizationNeverShows(t *testing.T) {
	t.Parallel()
	for kind, credential := range credentials() {
		for form := range forms("Bearer x") {
			for _, d := range dialects() {
				if kind == "pair" && d.name != "klingapi" {
					continue
				}
				t.Run(kind+"/"+form+"/"+d.name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { echoes(t, d, credential, form) })
				})
			}
		}
	}
}

// echoes plays every place of an answer in which an echo may stand.
func echoes(t *testing.T, d spoken, credential dialect.Credential, form string) {
	t.Helper()
	answers := map[string]func(echo string) string{
		"an error text": func(echo string) string {
			body := mustJSON(map[string]any{"code": 400, "msg": echo, "message": echo, "error": map[string]any{"message": echo, "code": echo}})
			return fmt.Sprintf("HTTP/1.1 400 X\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		},
		"an error code": func(echo string) string {
			body := mustJSON(map[string]any{"code": echo, "msg": "no", "message": "no", "error": echo})
			return fmt.Sprintf("HTTP/1.1 500 X\r\nX-Request-Id: %s\r\nContent-Length: %d\r\n\r\n%s", echo, len(body), body)
		},
		"a page": func(echo string) string {
			return fmt.Sprintf("HTTP/1.1 502 X\r\nContent-Length: %d\r\n\r\n<p>%s", len(echo)+3, echo)
		},
		"a redirect":        func(echo string) string { return "HTTP/1.1 302 X\r\nLocation: https://" + echo + ".example/\r\n\r\n" },
		"no HTTP":           func(echo string) string { return echo + "\r\n\r\n" },
		"a broken header":   func(echo string) string { return "HTTP/1.1 200 OK\r\n" + echo + "\r\n\r\n" },
		"a broken status":   func(echo string) string { return "HTTP/1.1 " + echo + " OK\r\n\r\n" },
		"a broken length":   func(echo string) string { return "HTTP/1.1 200 OK\r\nContent-Length: " + echo + "\r\n\r\n" },
		"a state":           func(echo string) string { return looked(d, echo) },
		"a failure message": func(echo string) string { return strings.ReplaceAll(looked(d, "failed"), `"x"`, mustJSON(echo)) },
	}
	for place, answer := range answers {
		h := &host{}
		secrets := []string{credential.Key.Reveal(), credential.AccessKey.Reveal(), credential.SecretKey.Reveal()}
		h.turn = func(_ int, conn net.Conn) {
			header := h.heads[len(h.heads)-1].Header.Get("Authorization")
			_, token, _ := strings.Cut(header, " ")
			echo := forms(header)[form]
			secrets = append(secrets, token)
			_, _ = io.WriteString(conn, answer(echo))
		}
		c := client(t, d.name, h, func(_ *provider.Settings, w *provider.Wiring) { w.Credential = credential })
		_, createErr := c.Create(t.Context(), request())
		seen, lookErr := c.Look(t.Context(), ref(), 1)
		everything := shown(createErr) + shown(lookErr) + fmt.Sprintf("%+v", seen)
		if leaks(everything, secrets...) {
			t.Errorf("%s: an echo shows: %s", place, everything)
		}
	}
}

func looked(d spoken, word string) string {
	body := map[string]string{
		"createtask": `{"code":200,"data":{"taskId":"t-1","state":%s,"failMsg":"x","failCode":"x"}}`,
		"aimlapi":    `{"id":"t-1","status":%s,"error":{"name":"x","message":"x"}}`,
		"apixo":      `{"code":200,"data":{"taskId":"t-1","state":%s,"failMsg":"x","failCode":"x"}}`,
		"klingapi":   `{"code":0,"request_id":"x","data":{"task_id":"t-1","task_status":%s,"task_status_msg":"x"}}`,
	}[d.name]
	body = fmt.Sprintf(body, mustJSON(word))
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%s", body)
}

func mustJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Whatever happens to an exchange, its error tells no key, and no text of a
// server reaches a terminal as it is.
func TestNoFaultTellsTheKey(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		d := rapid.SampledFrom(dialects()).Draw(rt, "dialect")
		key := rapid.StringMatching(`[A-Za-z0-9_./+~=-]{8,60}`).Draw(rt, "key")
		before := rapid.StringN(0, 30, 60).Draw(rt, "before")
		status := rapid.SampledFrom([]int{200, 400, 401, 403, 429, 500}).Draw(rt, "status")
		message := mustJSON(before + key + " after")
		body := fmt.Sprintf(`{"code":%d,"msg":%s,"message":%s,"status":%s,"data":{"state":%s}}`, status, message, message, message, message)
		synctest.Test(t, func(t *testing.T) {
			h := &host{turn: says(status, "", body)}
			c := client(t, d.name, h, func(_ *provider.Settings, w *provider.Wiring) {
				w.Credential = dialect.Credential{Key: secret.New(key)}
			})
			_, createErr := c.Create(t.Context(), request())
			seen, lookErr := c.Look(t.Context(), ref(), 1)
			if everything := shown(createErr) + shown(lookErr) + fmt.Sprintf("%+v", seen); strings.Contains(everything, key) {
				rt.Errorf("the key %q shows in %s", key, everything)
			}
		})
	})
}

// The words of net/http hold what the environment says of a proxy.
func TestAProxysPasswordDoesNotShow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := client(t, "aimlapi", &host{}, dialing(func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New(`proxyconnect to http://me:CANARY-pw@proxy.example:3128 and "https://a@b:CANARY@c": failed`)
		}))
		_, err := c.Look(t.Context(), ref(), 1)
		if !strings.Contains(err.Error(), "http://proxy.example:3128") {
			t.Errorf("error %q, want the proxy without its user", err)
		}
		wantClean(t, err)
	})
}

func FuzzScrub(f *testing.F) {
	for _, form := range forms("Bearer " + canary) {
		f.Add(form, "bearer ")
	}
	f.Add("https://a@b", "\xff…")
	f.Fuzz(func(t *testing.T, before, after string) {
		text := provider.Scrub(before+canary+after, canary)
		if strings.Contains(text, canary) {
			t.Errorf("the key shows in %q", text)
		}
		packed := provider.Scrub(base64.StdEncoding.EncodeToString([]byte(before+canary+after)), canary)
		if !leaks(before, canary) && !leaks(after, canary) && leaks(packed, canary) {
			t.Errorf("the key shows in base64: %q", packed)
		}
		if plain := provider.Scrub(before, canary); !strings.Contains(before, "CANARY") && !strings.Contains(strings.ToLower(before), "bearer ") &&
			!leaks(before, provider.Forms(canary)...) && plain != before && !strings.HasSuffix(plain, "[hidden]") {
			t.Errorf("%q became %q without a secret in it", before, plain)
		}
	})
}

// What a server puts into Retry-After bounds a pause and never breaks one.
func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{"", "0", "2", "-1", "86400", "99999999999999999999", "Fri, 20 Nov 2026 16:00:00 GMT", "soon", "1.5", "2, 3"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		got, ok := provider.ReadRetryAfter(value)
		if got < 0 || got.Hours() > 7*24 || !ok && got != 0 {
			t.Errorf("Retry-After %q gives %s (%v), want 0 to a week", value, got, ok)
		}
	})
}

// A provider that cannot fetch an image repeats its link, and a presigned link
// is as good as a password for as long as it lives.
func TestTheSignatureOfARepeatedLinkIsHidden(t *testing.T) {
	t.Parallel()
	const signature, token = "0123456789abcdef0123456789abcdef", "IQoJb3JpZ2luX2VjEXAMPLE"
	for name, text := range map[string]string{
		"plain":   "cannot fetch https://b.example/a.png?X-Amz-Security-Token=" + token + "&X-Amz-Expires=60&X-Amz-Signature=" + signature + ", give another",
		"lower":   "x-amz-signature=" + signature,
		"encoded": "url=https%3A%2F%2Fb.example%2Fa.png%3FX-Amz-Security-Token%3D" + token + "%26X-Amz-Signature%3D" + signature,
	} {
		got := provider.Scrub(text)
		if strings.Contains(got, signature) || strings.Contains(got, token) {
			t.Errorf("%s: %q still holds the signature or the token", name, got)
		}
		if name == "plain" && (!strings.Contains(got, "X-Amz-Expires=60") || !strings.HasSuffix(got, ", give another")) {
			t.Errorf("%s: %q lost more than the signature and the token", name, got)
		}
	}
}
