package sandbox_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/sandbox"
)

func mac(key []byte, text string) string {
	h := hmac.New(sha256.New, key)
	_, _ = io.WriteString(h, text)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func TestCallbackPayloads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ provider, play, state, word, link string }{
		{"kie", "succeed", "data.state", "success", "data.resultJson"},
		{"kie", "moderated", "data.state", "fail", ""},
		{"apixo", "succeed", "data.state", "success", "data.resultJson"},
		{"apixo", "failed", "data.state", "failed", ""},
		{"kling", "succeed", "task_status", "succeed", "task_result.videos.0.url"},
		{"kling", "failed", "task_status", "failed", ""},
		{"newapi", "succeed", "task_status", "succeed", "task_result.videos.0.url"},
		{"crazyrouter", "succeed", "status", "completed", "output.video_url"},
	} {
		t.Run(c.provider+" "+c.play, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			id := k.make(dialectOf(t, c.provider), "[["+c.play+"]]")
			k.clock.pass(11 * time.Second)
			cb, err := k.server.Callback(id, sandbox.Signing{})
			if err != nil {
				t.Fatal(err)
			}
			a := answer{text: string(cb.Body)}
			if err := json.Unmarshal(cb.Body, &a.json); err != nil {
				t.Fatal(err)
			}
			if a.textAt(c.state) != c.word || (c.link != "" && !strings.Contains(a.textAt(c.link), "/files/")) {
				t.Errorf("got %s\nwant %s at %s", a.text, c.word, c.state)
			}
			if len(cb.Header) != 1 {
				t.Errorf("headers without a secret: got %v", cb.Header)
			}
		})
	}
}

func TestCallbackSignatures(t *testing.T) {
	t.Parallel()
	k := setup(t)
	sign := sandbox.Signing{KIE: "demo-hmac-key", Kling: "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="}
	id := k.make(dialectOf(t, "kie"), "waves")
	cb, err := k.server.Callback(id, sign)
	if err != nil {
		t.Fatal(err)
	}
	stamp := cb.Header.Get("X-Webhook-Timestamp")
	if want := mac([]byte("demo-hmac-key"), id+"."+stamp); stamp != "1800000000" || cb.Header.Get("X-Webhook-Signature") != want {
		t.Errorf("KIE: got %v, want signature %s", cb.Header, want)
	}
	cb, err = k.server.Callback(k.make(dialectOf(t, "kling"), "waves"), sign)
	if err != nil {
		t.Fatal(err)
	}
	signed := cb.Header.Get("webhook-id") + ".1800000000." + string(cb.Body)
	if want := "v1," + mac([]byte("testsecrettestsecrettestsecret12"), signed); cb.Header.Get("webhook-signature") != want {
		t.Errorf("Kling: got %v, want %s", cb.Header, want)
	}
	if _, err := k.server.Callback("sbx-none", sign); !errors.Is(err, sandbox.ErrNoTask) {
		t.Errorf("unknown task: got %v, want ErrNoTask", err)
	}
	aiml := k.make(dialectOf(t, "aimlapi"), "waves")
	if _, err := k.server.Callback(aiml, sign); err == nil {
		t.Error("AI/ML API documents no callbacks, got one")
	}
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	var got []byte
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got, _ = io.ReadAll(r.Body)
	}))
	defer receiver.Close()
	s, err := sandbox.New(sandbox.Options{Dir: t.TempDir(), CallbackClient: receiver.Client()})
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{t: t, server: s, base: hostOf, client: &http.Client{Transport: s.Transport()}}
	d := dialectOf(t, "kie")
	id := k.post("kie", d.create, edit(t, d.with("waves"), "callBackUrl", receiver.URL+"/hook")).textAt(d.id)
	cb, err := s.Callback(id, sandbox.Signing{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Deliver(t.Context(), cb); err != nil {
		t.Fatal(err)
	}
	if string(got) != string(cb.Body) {
		t.Errorf("received %s, want %s", got, cb.Body)
	}
	if e := k.journal().Entries[1]; e.Op != "callback" || e.Status != http.StatusOK || e.Path != "/hook" || e.Task != id {
		t.Errorf("journal: got %+v", e)
	}
}
