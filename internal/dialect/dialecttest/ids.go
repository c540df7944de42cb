package dialecttest

import (
	"net/url"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
)

// hostileIDs are ids that would leave their place if nobody escaped them.
func hostileIDs() []string {
	return []string{
		"789392067490349060", "uuid:vendor/model", "../../admin", "..", ".", "%2e%2e", "a%2fb",
		"a?b=c", "a#b", "a b", "a+b", "a&taskId=other", "ä", "\\..\\", "a;b", "-", "a//b",
	}
}

// testHostileIDs checks that an id in a question stays one element, whatever
// it holds.
func testHostileIDs(tb testing.TB, s Suite) {
	tb.Helper()
	d := s.New()
	ask := map[string]func(ref int, id string) (dialect.Call, error){
		"look": func(ref int, id string) (dialect.Call, error) {
			r := s.Refs[ref]
			r.Task = id
			return d.Look(r)
		},
	}
	if finder, ok := d.(dialect.Finder); ok {
		ask["find"] = func(ref int, id string) (dialect.Call, error) { return finder.Find(s.Refs[ref].Path, id) }
	}
	for name, question := range ask {
		for i := range s.Refs {
			plain, err := question(i, "plain")
			if err != nil {
				tb.Errorf("%s plain: %v", name, err)
				continue
			}
			for _, id := range hostileIDs() {
				call, err := question(i, id)
				if err != nil {
					tb.Errorf("%s %q: %v", name, id, err)
					continue
				}
				if got, want := shape(tb, call, id), shape(tb, plain, "plain"); got != want {
					tb.Errorf("%s %q asks %s, which has the shape %s, want %s", name, id, call.Target(), got, want)
				}
			}
		}
	}
}

// shape is a request line taken apart as a server does it, with the id
// replaced wherever it is a whole element.
func shape(tb testing.TB, call dialect.Call, id string) string {
	tb.Helper()
	parsed, err := url.ParseRequestURI(call.Target())
	if err != nil {
		tb.Errorf("%q is no request target: %v", call.Target(), err)
		return ""
	}
	var out strings.Builder
	for element := range strings.SplitSeq(parsed.EscapedPath(), "/") {
		plain, err := url.PathUnescape(element)
		if plain == id && (element == "." || element == "..") {
			plain = "a dot segment"
		}
		if plain == id && err == nil {
			plain = "{id}"
		}
		out.WriteString("/" + plain)
	}
	query := parsed.Query()
	for name, values := range query {
		for i, value := range values {
			if value == id {
				query[name][i] = "{id}"
			}
		}
	}
	return out.String() + "?" + query.Encode()
}
