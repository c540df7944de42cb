package dialecttest

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// broken are bodies that no dialect can read, by what is wrong with them.
func broken() map[string]string {
	deep := 200_000
	return map[string]string{
		"empty":                             "",
		"blank":                             " \r\n\t ",
		"text":                              "Internal Server Error",
		"an array":                          `[]`,
		"a string":                          `"success"`,
		"a number":                          `200`,
		"a huge number":                     strings.Repeat("9", 5000),
		"a boolean":                         `true`,
		"null":                              `null`,
		"an empty object":                   `{}`,
		"deep arrays":                       strings.Repeat("[", deep) + strings.Repeat("]", deep),
		"deep objects":                      strings.Repeat(`{"data":`, deep) + "1" + strings.Repeat("}", deep),
		"a NUL":                             "\x00",
		"invalid UTF-8":                     "\xff\xfe{\x80}",
		"half an object":                    `{"code":200,"data":{"taskId":"t`,
		"trailing garbage":                  `{}{}`,
		"a byte order mark and half a JSON": "\xef\xbb\xbf{",
	}
}

const page = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><p>hello</p></body></html>"

// testStatuses checks that an HTTP status with a body nobody can read still
// says what it says.
func testStatuses(tb testing.TB, s Suite) {
	tb.Helper()
	d := s.New()
	bodies := broken()
	bodies["a page"] = page
	for status, want := range bareStatuses() {
		for name, body := range bodies {
			reply := dialect.Reply{Status: status, Body: []byte(body), Header: map[string][]string{"Location": {"https://login.example.net/?next=secret"}}}
			for _, o := range []op{opCreate, opLook} {
				kind := want.look
				if o == opCreate {
					kind = want.create
				}
				_, _, err := decode(d, o, reply)
				if err == nil {
					tb.Errorf("%s with %s: success, want a fault", describe(o, reply), name)
					continue
				}
				checkFault(tb, o, reply, err)
				got := fault.Of(err)
				if got == nil {
					continue
				}
				if got.Kind != kind {
					tb.Errorf("%s (%s): kind %s, want %s", describe(o, reply), name, got.Kind, kind)
				}
				if o == opCreate && got.Spent() != want.charged {
					tb.Errorf("%s (%s): charged %q, want %q", describe(o, reply), name, got.Spent(), want.charged)
				}
				if strings.Contains(err.Error(), "next=") {
					tb.Errorf("%s (%s): %v tells more of the redirect than its host", describe(o, reply), name, err)
				}
			}
		}
	}
}

type bareStatus struct {
	create, look fault.Kind
	charged      fault.Charge
}

func bareStatuses() map[int]bareStatus {
	refused := bareStatus{fault.Refused, fault.Refused, fault.NotCharged}
	down := bareStatus{fault.Unavailable, fault.Unavailable, fault.MayBeCharged}
	away := bareStatus{fault.Answer, fault.Answer, fault.NotCharged}
	return map[int]bareStatus{
		301: away, 302: away, 307: away, 308: away,
		303: {fault.Answer, fault.Answer, fault.MayBeCharged},
		400: refused, 403: refused, 405: refused, 413: refused, 422: refused,
		401: {fault.Auth, fault.Auth, fault.NotCharged},
		402: {fault.Credit, fault.Credit, fault.NotCharged},
		404: {fault.Refused, fault.NotFound, fault.NotCharged},
		408: down,
		429: {fault.Busy, fault.Busy, fault.NotCharged},
		500: down, 502: down, 503: down, 504: down,
	}
}

// testBroken damages good answers in every way at hand and checks that the
// outcome is never a panic and never a wrong certainty.
func testBroken(tb testing.TB, s Suite) {
	tb.Helper()
	d := s.New()
	for _, status := range []int{200, 201, 202, 204} {
		for name, body := range broken() {
			for _, o := range []op{opCreate, opLook, opList} {
				if body == "{}" && o != opCreate {
					continue // a look may read it as nothing new
				}
				wantUnclear(tb, d, o, dialect.Reply{Status: status, Body: []byte(body)}, name)
			}
		}
		reply := dialect.Reply{Status: status, Body: []byte(page)}
		_, err := d.Created(reply)
		if e := fault.Of(err); e == nil || e.Kind != fault.Answer || e.Spent() != fault.NotCharged {
			tb.Errorf("create answered %d with a web page gives %v, want kind answer and nothing charged", status, err)
		}
		_, err = d.Looked(reply)
		if !fault.Is(err, fault.Answer) {
			tb.Errorf("look answered %d with a web page gives %v, want kind answer", status, err)
		}
	}
	for _, r := range replies(tb, s.Dir) {
		testDamaged(tb, d, r)
	}
}

// testDamaged cuts and changes one stored answer.
func testDamaged(tb testing.TB, d dialect.Dialect, r stored) {
	tb.Helper()
	good := r.reply.Dialect()
	body := bytes.TrimSpace(good.Body)
	_, _, goodErr := decode(d, r.op, good)
	if goodErr == nil && r.op != opCallback {
		whole := good
		whole.Cut = errors.New("connection reset")
		wantUnclear(tb, d, r.op, whole, r.name+" with a broken line")
		for n := range body {
			half := good
			half.Body = body[:n]
			wantUnclear(tb, d, r.op, half, r.name+" cut")
		}
	}
	for changed := range damage(body) {
		reply := good
		reply.Body = changed
		snapshots, ok, err := decode(d, r.op, reply)
		if !ok {
			continue
		}
		checkOutcome(tb, r.op, reply, snapshots, err)
	}
}

// wantUnclear wants a fault of kind answer that admits that a task may exist.
func wantUnclear(tb testing.TB, d dialect.Dialect, o op, reply dialect.Reply, name string) {
	tb.Helper()
	snapshots, ok, err := decode(d, o, reply)
	if !ok {
		return
	}
	if err == nil {
		tb.Errorf("%s (%s) gives %s, want a fault", describe(o, reply), name, states(snapshots))
		return
	}
	checkFault(tb, o, reply, err)
	e := fault.Of(err)
	if e == nil {
		return
	}
	if e.Kind != fault.Answer {
		tb.Errorf("%s (%s): kind %s, want answer", describe(o, reply), name, e.Kind)
	}
	if o == opCreate && e.Spent() != fault.MayBeCharged {
		tb.Errorf("%s (%s): charged %q, want unknown", describe(o, reply), name, e.Spent())
	}
}

func states(snapshots []kling.Snapshot) string {
	var words []string
	for _, s := range snapshots {
		words = append(words, string(s.State))
	}
	return "[" + strings.Join(words, " ") + "]"
}
