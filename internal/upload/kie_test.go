package upload_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/sandbox"
	"github.com/klingctl/klingctl/internal/secret"
	"github.com/klingctl/klingctl/internal/upload"
)

const (
	kieBase = "https://kieai.redpandaai.co"
	kieKey  = "kie-key-0123456789"
	kieGood = `{"success":true,"code":200,"msg":"File uploaded successfully","data":{"downloadUrl":"https://tempfile.redpandaai.co/u/frame.png"}}`
)

func newKIE(client http.RoundTripper) *upload.KIE {
	return upload.NewKIE(kieBase, secret.New(kieKey), client)
}

func TestKIEHostsInTheSandbox(t *testing.T) {
	t.Parallel()
	server, err := sandbox.New(sandbox.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	img, now := picture(t, 1), time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	host := newKIE(server.Transport())
	host.Now = at(now)
	link, err := host.Host(t.Context(), img)
	if err != nil {
		t.Fatal(err)
	}
	if want := now.Add(24 * time.Hour); !link.Expires.Equal(want) || link.Method != upload.MethodKIE || link.Key != "" {
		t.Errorf("got %+v until %v, want a kie link without a key until %v", link, link.Expires, want)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Transport().RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil || !bytes.Equal(got, content(t, img)) {
		t.Errorf("the link gives %d bytes (%v), want the %d of the file", len(got), err, img.Bytes)
	}
}

func TestKIESendsTheFileOnceWithItsLength(t *testing.T) {
	t.Parallel()
	img := picture(t, 2)
	var parts []string
	var file []byte
	client := handled(func(w http.ResponseWriter, r *http.Request) {
		_, fields, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		reader := multipart.NewReader(r.Body, fields["boundary"])
		for {
			part, err := reader.NextPart()
			if err != nil {
				break
			}
			text, _ := io.ReadAll(part)
			if part.FormName() == "file" {
				file, text = text, []byte(part.FileName()+" "+part.Header.Get("Content-Type"))
			}
			parts = append(parts, part.FormName()+"="+string(text))
		}
		says(http.StatusOK, kieGood)(w)
	})
	if _, err := newKIE(client).Host(t.Context(), img); err != nil {
		t.Fatal(err)
	}
	name := img.SHA256[:32] + ".png"
	want := []string{"uploadPath=images/klingctl", "fileName=" + name, "file=" + name + " image/png"}
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
	if !bytes.Equal(file, content(t, img)) {
		t.Errorf("got %d bytes of file, want the %d there are", len(file), img.Bytes)
	}
	if got := client.sent[0].Header.Get("Authorization"); got != "Bearer "+kieKey {
		t.Errorf("Authorization is %q, want the key", got)
	}
	if want := []string{"POST kieai.redpandaai.co/api/file-stream-upload"}; !cmp.Equal(client.requests(), want) {
		t.Errorf("sent %v, want %v", client.requests(), want)
	}
}

func TestKIEReadsBothDocumentedReplies(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	day := now.Add(24 * time.Hour)
	for name, test := range map[string]struct {
		body string
		url  string
		end  time.Time
	}{
		"reference":        {`{"success":true,"code":200,"data":{"fileName":"f.png","downloadUrl":"https://a.example/d.png","fileSize":1}}`, "https://a.example/d.png", day},
		"quick start":      {`{"success":true,"code":200,"data":{"fileId":"1","fileUrl":"https://a.example/f.png","expiresAt":"2026-01-04T12:00:00.000Z"}}`, "https://a.example/f.png", day},
		"both":             {`{"success":true,"code":200,"data":{"fileUrl":"https://a.example/f.png","downloadUrl":"https://a.example/d.png"}}`, "https://a.example/d.png", day},
		"an earlier end":   {`{"code":200,"data":{"fileUrl":"https://a.example/f.png","expiresAt":"2026-01-01T13:00:00.000Z"}}`, "https://a.example/f.png", now.Add(time.Hour)},
		"an unknown end":   {`{"code":200,"data":{"fileUrl":"https://a.example/f.png","expiresAt":"soon"}}`, "https://a.example/f.png", day},
		"code as a string": {`{"success":true,"code":"200","data":{"fileUrl":"https://a.example/f.png"}}`, "https://a.example/f.png", day},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := newKIE(handled(answers(says(http.StatusOK, test.body))))
			host.Now = at(now)
			link, err := host.Host(t.Context(), picture(t, 3))
			if err != nil || link.URL != test.url || !link.Expires.Equal(test.end) {
				t.Errorf("got %q until %v (%v), want %q until %v", link.URL, link.Expires, err, test.url, test.end)
			}
		})
	}
}

func TestKIENamesWhatWentWrong(t *testing.T) {
	t.Parallel()
	img := picture(t, 4)
	for name, test := range map[string]struct {
		status int
		body   string
		kind   fault.Kind
		tries  int
		word   string
	}{
		"wrong key in the body of a 200": {200, `{"success":false,"code":401,"msg":"Unauthorized"}`, fault.Auth, 1, "Unauthorized"},
		"wrong key":                      {401, `{"success":false,"code":401,"msg":"Unauthorized"}`, fault.Auth, 1, "Unauthorized"},
		"no money":                       {402, `{"code":402,"msg":"Insufficient credits"}`, fault.Credit, 1, "credits"},
		"bad request":                    {400, `{"success":false,"code":400,"msg":"no file"}`, fault.Refused, 1, "no file"},
		"wrong method":                   {405, `{"code":405,"msg":"method"}`, fault.Refused, 1, ""},
		"not the API":                    {404, `<html>nginx</html>`, fault.Refused, 1, "404"},
		"a page instead of an answer":    {200, `<html>hello</html>`, fault.Answer, 1, "without the JSON"},
		"busy":                           {429, `{"code":429,"msg":"slow down"}`, fault.Busy, 3, "slow down"},
		"broken":                         {500, `{"success":false,"code":500,"msg":"oops"}`, fault.Unavailable, 3, "oops"},
		"broken, said in a 200":          {200, `{"success":false,"code":500,"msg":"oops"}`, fault.Unavailable, 3, "oops"},
		"maintenance":                    {200, `{"code":455,"msg":"maintenance"}`, fault.Unavailable, 3, "maintenance"},
		"gateway":                        {502, `Bad Gateway`, fault.Unavailable, 3, "502"},
		"a failure with code 200":        {200, `{"success":false,"code":200,"msg":"nothing stored"}`, fault.Refused, 1, "nothing stored"},
		"a code that is no code":         {200, `{"success":true,"code":-7e9,"data":{"fileUrl":"https://a.example/f"}}`, fault.Answer, 1, ""},
		"no data":                        {200, `{"success":true,"code":200,"data":null}`, fault.Answer, 1, "no link"},
		"no link":                        {200, `{"success":true,"code":200,"data":{}}`, fault.Answer, 1, "no usable link"},
		"a link that is a file":          {200, `{"code":200,"data":{"fileUrl":"file:///etc/passwd"}}`, fault.Answer, 1, "no usable link"},
		"a link without TLS":             {200, `{"code":200,"data":{"fileUrl":"http://a.example/f"}}`, fault.Answer, 1, "no usable link"},
		"a link with a password":         {200, `{"code":200,"data":{"fileUrl":"https://u:p@a.example/f"}}`, fault.Answer, 1, "no usable link"},
		"a link without end":             {200, `{"code":200,"data":{"fileUrl":"https://a.example/` + strings.Repeat("f", 4000) + `"}}`, fault.Answer, 1, "no usable link"},
		"an answer without end":          {200, `{"msg":"` + strings.Repeat("f", 1<<20) + `"}`, fault.Answer, 1, "longer than"},
		"an echoed key":                  {400, `{"code":400,"msg":"bad header Bearer ` + kieKey + `"}`, fault.Refused, 1, "[hidden]"},
		"an echoed link":                 {400, `{"code":400,"msg":"cannot read https://h.example/f?sig=0123456789"}`, fault.Refused, 1, "https://h.example/f?sig=…"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := handled(answers(says(test.status, test.body)))
				link, err := newKIE(client).Host(t.Context(), img)
				wantFault(t, err, test.kind)
				failure := fault.Of(err)
				if client.count() != test.tries || link != (upload.Link{}) {
					t.Errorf("sent %d times with the link %v, want %d and none", client.count(), link, test.tries)
				}
				if text := err.Error(); !strings.Contains(text, test.word) || strings.Contains(text, kieKey) || strings.Contains(text, "0123456789") {
					t.Errorf("got %q (%+v), want it to say %q and no secret", text, failure, test.word)
				}
			})
		})
	}
}

func TestKIETriesAgainUntilItPasses(t *testing.T) {
	t.Parallel()
	img := picture(t, 5)
	synctest.Test(t, func(t *testing.T) {
		client := handled(answers(
			says(http.StatusServiceUnavailable, "", "Retry-After", "7"),
			says(http.StatusBadGateway, ""),
			says(http.StatusOK, kieGood),
		))
		start := time.Now()
		if _, err := newKIE(client).Host(t.Context(), img); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); client.count() != 3 || took < 7*time.Second || took > 30*time.Second {
			t.Errorf("got %d tries in %v, want 3 and the 7 s that were asked for", client.count(), took)
		}
	})
}

func TestKIEDoesNotWaitInVain(t *testing.T) {
	t.Parallel()
	img := picture(t, 6)
	for name, wait := range map[string]string{"longer than a minute": "3600", "longer than there is": "30"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := handled(answers(says(http.StatusTooManyRequests, `{"code":429}`, "Retry-After", wait)))
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				start := time.Now()
				_, err := newKIE(client).Host(ctx, img)
				wantFault(t, err, fault.Busy)
				failure := fault.Of(err)
				if client.count() != 1 || time.Since(start) != 0 || fmt.Sprint(failure.RetryAfter.Seconds()) != wait {
					t.Errorf("got %d tries in %v, asked for %v; want one at once, and %s s told", client.count(), time.Since(start), failure.RetryAfter, wait)
				}
			})
		})
	}
}

func TestKIEFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was sent on, with Authorization %q", r.Method, r.URL, r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			http.Redirect(w, r, elsewhere.URL+"/api/file-stream-upload?token=abcdef", status)
		}))
		defer server.Close()
		transport := &http.Transport{DisableKeepAlives: true}
		_, err := upload.NewKIE(server.URL, secret.New(kieKey), transport).Host(t.Context(), picture(t, 7))
		wantFault(t, err, fault.Answer)
		failure := fault.Of(err)
		if !strings.Contains(failure.Detail, "not followed") || strings.Contains(err.Error(), "abcdef") {
			t.Errorf("%d: got %q, want it to name the redirect and no query", status, err)
		}
	}
}

func TestKIERefusesAddressesForItsKey(t *testing.T) {
	t.Parallel()
	for name, base := range map[string]string{
		"none": "", "plain http": "http://upload.example", "password": "https://u:hunter22@upload.example",
		"query": "https://upload.example/?k=hunter22", "no host": "https:///x", "another scheme": "ftp://upload.example",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := handled(answers(says(http.StatusOK, kieGood)))
			host := upload.NewKIE(base, secret.New(kieKey), client)
			_, err := host.Host(t.Context(), picture(t, 8))
			wantFault(t, err, fault.Usage)
			if client.count() != 0 || strings.Contains(err.Error()+host.Name(), "hunter22") {
				t.Errorf("sent %v and said %q under the name %q, want nothing sent or told", client.requests(), err, host.Name())
			}
		})
	}
	_, err := upload.NewKIE(kieBase, secret.Text{}, nil).Host(t.Context(), picture(t, 8))
	wantFault(t, err, fault.Auth)
}

func TestKIEKeepsThePathPrefix(t *testing.T) {
	t.Parallel()
	client := handled(answers(says(http.StatusOK, kieGood)))
	if _, err := upload.NewKIE("https://gate.example/kie/", secret.New(kieKey), client).Host(t.Context(), picture(t, 9)); err != nil {
		t.Fatal(err)
	}
	if want := []string{"POST gate.example/kie/api/file-stream-upload"}; !cmp.Equal(client.requests(), want) {
		t.Errorf("sent %v, want %v", client.requests(), want)
	}
}

func TestKIERefusesAChangedFile(t *testing.T) {
	t.Parallel()
	client := handled(answers(says(http.StatusOK, kieGood)))
	img := picture(t, 10)
	if err := os.WriteFile(img.File(), []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := newKIE(client).Host(t.Context(), img)
	wantFault(t, err, fault.Usage)
	// The same length and time, so that only the content tells.
	same := picture(t, 11)
	data := content(t, same)
	data[len(data)/2] ^= 1
	if err := os.WriteFile(same.File(), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(same.File(), same.ModTime, same.ModTime); err != nil {
		t.Fatal(err)
	}
	_, err = newKIE(client).Host(t.Context(), same)
	wantFault(t, err, fault.Usage)
	if client.count() != 1 {
		t.Errorf("sent %d times, want once: a changed file is not tried again", client.count())
	}
}

func TestKIEGivesUpOnSilence(t *testing.T) {
	t.Parallel()
	img := picture(t, 12)
	silent := func(request *http.Request) (*http.Response, error) {
		<-request.Context().Done()
		return nil, context.Cause(request.Context())
	}
	synctest.Test(t, func(t *testing.T) {
		client := &carrier{carry: silent}
		start := time.Now()
		_, err := newKIE(client).Host(t.Context(), img)
		wantFault(t, err, fault.Unavailable)
		if took := time.Since(start); client.count() != 3 || took < 3*time.Minute || took > 4*time.Minute {
			t.Errorf("got %d tries in %v, want 3 of a minute each", client.count(), took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := newKIE(&carrier{carry: silent}).Host(ctx, img)
		wantFault(t, err, fault.Deadline)
		ctx, stop := context.WithCancelCause(t.Context())
		stop(errors.New("signal"))
		_, err = newKIE(&carrier{carry: silent}).Host(ctx, img)
		wantFault(t, err, fault.Interrupted)
	})
}

func TestKIEHidesWhatATransportSays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := &carrier{carry: func(*http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("proxy http://me:hunter22@proxy.example refused Bearer %s", kieKey)
		}}
		_, err := newKIE(client).Host(t.Context(), picture(t, 13))
		wantFault(t, err, fault.Unavailable)
		if text := err.Error(); strings.Contains(text, "hunter22") || strings.Contains(text, kieKey) || !strings.Contains(text, "proxy.example") {
			t.Errorf("got %q, want the proxy named and no secret", text)
		}
	})
}

func TestKIERenewsByUploadingAgain(t *testing.T) {
	t.Parallel()
	client := handled(answers(says(http.StatusOK, kieGood)))
	host, img := newKIE(client), picture(t, 14)
	link, err := host.Host(t.Context(), img)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := host.Renew(t.Context(), link); err != nil || client.count() != 2 {
		t.Errorf("got %v after %d uploads, want a second one", err, client.count())
	}
	link.Image = media.Image{}
	_, err = host.Renew(t.Context(), link)
	wantFault(t, err, fault.NotFound)
	if err := host.Delete(t.Context(), link); err != nil || client.count() != 2 {
		t.Errorf("Delete: got %v and %d requests, want nothing to happen", err, client.count())
	}
}

func TestLinksDoNotPrintTheirURL(t *testing.T) {
	t.Parallel()
	signed := upload.Link{URL: "https://b.example/k?X-Amz-Signature=0123456789", Method: upload.MethodS3, Key: "bucket/k"}
	public := upload.Link{URL: "https://b.example/k?sig=0123456789", Method: upload.MethodKIE}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for want, link := range map[string]upload.Link{"bucket/k": signed, "https://b.example/k": public} {
			if got := fmt.Sprintf(verb, link); strings.Contains(got, "0123456789") || !strings.Contains(got, want) {
				t.Errorf("%s gives %q, want %q and no signature", verb, got, want)
			}
		}
	}
}

func FuzzKIEAnswer(f *testing.F) {
	for _, seed := range []string{kieGood, `{"code":"200","data":{"fileUrl":"https://a/b"}}`, `{"success":false,"code":401,"msg":"` + kieKey + `"}`, `[]`, ``, `{"code":1e999}`} {
		f.Add(200, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		img := picture(t, 15)
		synctest.Test(t, func(t *testing.T) {
			link, err := newKIE(handled(answers(says(min(max(status, 200), 599), body)))).Host(t.Context(), img)
			switch {
			case err == nil && !strings.HasPrefix(strings.ToLower(link.URL), "https://"):
				t.Errorf("took the link %q out of %q", link.URL, body)
			case err != nil && (fault.Of(err) == nil || strings.Contains(err.Error(), kieKey)):
				t.Errorf("got %q out of %q", err, body)
			}
		})
	})
}
