package sandbox_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/sandbox"
)

func dialectOf(t *testing.T, p string) dialect {
	t.Helper()
	for _, d := range dialects() {
		if d.provider == p {
			return d
		}
	}
	t.Fatalf("no dialect %q", p)
	return dialect{}
}

func TestRefusedCreatesChargeNothing(t *testing.T) {
	t.Parallel()
	providers := []string{"kie", "aimlapi", "apixo", "powertokens", "kling", "newapi"}
	for play, want := range map[string][]string{ // status and code at each of them
		"429":              {"429 429", "429 -", "429 429", "429 -", "429 1302", "429 -"},
		"429-empty":        {"429 -", "429 -", "429 -", "429 -", "429 -", "429 -"},
		"envelope-429":     {"200 429", "429 -", "200 429", "200 1303", "200 1303", "429 fail_to_fetch_task"},
		"1303":             {"429 429", "429 -", "429 429", "429 1303", "429 1303", "429 fail_to_fetch_task"},
		"401":              {"401 401", "401 -", "401 401", "401 -", "401 1002", "401 -"},
		"402":              {"200 402", "403 -", "402 402", "402 -", "429 1102", "403 insufficient_user_quota"},
		"403":              {"401 401", "403 -", "403 403", "403 -", "403 1103", "403 -"},
		"422":              {"200 500", "400 -", "400 400", "200 1201", "400 1201", "400 invalid_request"},
		"455":              {"200 455", "500 -", "503 503", "503 5001", "503 5001", "503 -"},
		"500":              {"500 500", "500 -", "500 500", "500 -", "500 5000", "500 do_request_failed"},
		"501":              {"200 501", "500 -", "500 500", "500 5000", "500 5000", "400 task_failed"},
		"502-html":         {"502 -", "502 -", "502 -", "502 -", "502 -", "502 -"},
		"503":              {"200 455", "503 -", "503 503", "503 5001", "503 5001", "503 -"},
		"504":              {"504 500", "504 -", "500 500", "504 5002", "504 5002", "504 fail_to_fetch_task"},
		"505":              {"200 505", "403 -", "403 403", "403 -", "403 1103", "403 -"},
		"maintenance-html": {"200 -", "200 -", "200 -", "200 -", "200 -", "200 -"},
		"redirect-302":     {"302 -", "302 -", "302 -", "302 -", "302 -", "302 -"},
		"redirect-307":     {"307 -", "307 -", "307 -", "307 -", "307 -", "307 -"},
		"redirect-308":     {"308 -", "308 -", "308 -", "308 -", "308 -", "308 -"},
	} {
		t.Run(play, func(t *testing.T) {
			t.Parallel()
			for i, p := range providers {
				d := dialectOf(t, p)
				k := setup(t)
				a := k.post(p, d.create, d.with("[["+play+"]] waves"))
				code := "-"
				if v, ok := a.json["code"]; ok {
					code = fmt.Sprint(v)
				}
				if got := fmt.Sprintf("%d %s", a.status, code); got != want[i] {
					t.Errorf("%s: got %s, want %s: %s", p, got, want[i], a.text)
				}
				k.wantCounts(1, 0)
			}
		})
	}
}

func TestRateLimitEndsAfterItsCount(t *testing.T) {
	t.Parallel()
	k, d := setup(t), dialectOf(t, "kling")
	body := d.with("[[429:2:7]] waves")
	for i := range 2 {
		a := k.post("kling", d.create, body)
		if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "7" {
			t.Errorf("create %d: got %d, Retry-After %q, want 429 and 7", i, a.status, a.header.Get("Retry-After"))
		}
	}
	if a := k.post("kling", d.create, body); a.status != http.StatusOK {
		t.Errorf("third create: got %d, want 200", a.status)
	}
	k.wantCounts(3, 1)
}

// A job is made and charged in all of these, whatever the client gets to see.
func TestBrokenAnswersStillCharge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		play string
		good func(a answer, err error) bool
	}{
		{"lost-reply", func(_ answer, err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
		{"eof", func(_ answer, err error) bool { return errors.Is(err, io.EOF) }},
		{"half-reply", func(a answer, err error) bool {
			return a.status == http.StatusOK && a.json == nil && a.text != "" &&
				(errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET))
		}},
		{"500-created", func(a answer, err error) bool { return err == nil && a.status == http.StatusInternalServerError }},
		{"no-id", func(a answer, err error) bool {
			return err == nil && a.status == http.StatusOK && a.at("data") != nil && a.at("data.taskId") == nil
		}},
		{"empty", func(a answer, err error) bool { return err == nil && a.status == http.StatusOK && a.text == "" }},
	} {
		t.Run(c.play, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(k *kit) {
				t := k.t
				d := dialectOf(t, "kie")
				a, err := k.try(k.request(http.MethodPost, k.base("kie")+d.create, "key", d.with("[["+c.play+"]]")))
				if !c.good(a, err) {
					t.Errorf("got status %d, body %q, error %v", a.status, a.text, err)
				}
				k.wantCounts(1, 1)
				j := k.journal().Entries[0]
				if a := k.look(d, j.Task); a.textAt("data.state") != "waiting" {
					t.Errorf("the job %q is not there: %s", j.Task, a.text)
				}
			})
		})
	}
}

func TestScenariosOfALook(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		t.Run(d.provider, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			busy, absent, odd, never, queued, slow := k.make(d, "[[busy-status:1]]"), k.make(d, "[[not-found:1]]"),
				k.make(d, "[[unknown-state]]"), k.make(d, "[[never]]"), k.make(d, "[[queued]]"), k.make(d, "[[slow:2h]]")
			if a := k.look(d, busy); a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
				t.Errorf("busy: got %d, want 429 with Retry-After", a.status)
			}
			if a := k.look(d, absent); a.textAt(d.state) != "" {
				t.Errorf("not found: got %s", a.text)
			}
			for _, id := range []string{busy, absent} {
				if a := k.look(d, id); a.textAt(d.state) != d.words[0] {
					t.Errorf("second look: got %s", a.text)
				}
			}
			k.clock.pass(3 * time.Second)
			if got := k.look(d, odd).textAt(d.state); got == "" || strings.Contains(strings.Join(d.words[:], " "), got) {
				t.Errorf("unknown state: got %q", got)
			}
			k.clock.pass(time.Hour)
			for id, want := range map[string]string{odd: d.words[2], never: d.words[1], queued: d.words[0], slow: d.words[1]} {
				if got := k.look(d, id).textAt(d.state); got != want {
					t.Errorf("after an hour: got %q, want %q", got, want)
				}
			}
		})
	}
}

func TestLooksThatFail(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		t.Run(d.provider, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			for play, want := range map[string]int{"error-status": 500, "key-status": 401, "html-status": 200, "lost-status": 0} {
				id := k.make(d, "[["+play+":1]]")
				a, _ := k.try(k.request(http.MethodGet, k.base(d.provider)+strings.ReplaceAll(d.status, "ID", id), "key", ""))
				if a.status != want || a.textAt(d.state) != "" {
					t.Errorf("%s: got %d %s, want %d", play, a.status, a.text, want)
				}
				if got := k.look(d, id).textAt(d.state); got != d.words[0] {
					t.Errorf("%s, second look: got state %q, want %q", play, got, d.words[0])
				}
			}
		})
	}
}

func TestRetryAfterAsADate(t *testing.T) {
	t.Parallel()
	k, d := setup(t), dialectOf(t, "aimlapi")
	a := k.post("aimlapi", d.create, d.with("[[429:1:date]]"))
	if got, want := a.header.Get("Retry-After"), "Fri, 15 Jan 2027 08:00:02 GMT"; got != want {
		t.Errorf("got Retry-After %q, want %q", got, want)
	}
}

func TestMarkers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, prompt, scenario, problem string }{
		{"none", "waves", "succeed", ""},
		{"one", "waves [[moderated]] at night", "moderated", ""},
		{"argument", "[[slow:30s]]", "slow:30s", ""},
		{"with a shape", "[[shape:2]] [[failed]]", "failed", ""},
		{"unknown", "[[no-such-thing]] waves", "succeed", "no-such-thing"},
		{"not closed", "[[moderated waves", "succeed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			k.make(dialectOf(t, "newapi"), c.prompt)
			e := k.journal().Entries[0]
			if e.Scenario != c.scenario || !strings.Contains(e.Problem, c.problem) {
				t.Errorf("got scenario %q, problem %q, want %q, %q", e.Scenario, e.Problem, c.scenario, c.problem)
			}
		})
	}
}

func TestDefaultScenario(t *testing.T) {
	t.Parallel()
	if _, err := sandbox.New(sandbox.Options{Dir: t.TempDir(), Scenario: "nonsense"}); err == nil {
		t.Error("an unknown scenario was accepted")
	}
	s, err := sandbox.New(sandbox.Options{Dir: t.TempDir(), Scenario: "402"})
	if err != nil {
		t.Fatal(err)
	}
	k := &kit{t: t, server: s, base: hostOf, client: &http.Client{Transport: s.Transport()}}
	d := dialectOf(t, "apixo")
	if a := k.post("apixo", d.create, d.with("waves")); a.status != http.StatusPaymentRequired {
		t.Errorf("default scenario: got %d, want 402", a.status)
	}
	if a := k.post("apixo", d.create, d.with("[[succeed]]")); a.status != http.StatusOK {
		t.Errorf("a marker wins: got %d, want 200", a.status)
	}
}

func TestScenariosAreDocumented(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, d := range sandbox.Scenarios() {
		if d.What == "" || seen[d.Name] {
			t.Errorf("scenario %q: no words, or listed twice", d.Name)
		}
		seen[d.Name] = true
	}
}
