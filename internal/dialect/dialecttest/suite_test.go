package dialecttest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/secret"
)

// recorder is a test that keeps its failures to itself.
type recorder struct {
	testing.TB
	mutex    sync.Mutex
	failures []string
}

func (r *recorder) add(text string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.failures = append(r.failures, text)
}

func (r *recorder) Failed() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return len(r.failures) > 0
}
func (r *recorder) Errorf(format string, args ...any) { r.add(fmt.Sprintf(format, args...)) }
func (r *recorder) Error(args ...any)                 { r.add(fmt.Sprint(args...)) }
func (r *recorder) Fail()                             { r.add("failed") }
func (r *recorder) Fatalf(format string, args ...any) { r.Errorf(format, args...); r.FailNow() }
func (r *recorder) Fatal(args ...any)                 { r.Error(args...); r.FailNow() }
func (r *recorder) FailNow()                          { runtime.Goexit() }
func (r *recorder) Logf(string, ...any)               {}
func (r *recorder) Log(...any)                        {}

// judge runs one line of the contract over the toy and gives the failures.
func judge(t *testing.T, line func(testing.TB, Suite), with sin) []string {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		line(r, toySuite(t, with))
	}()
	<-done
	return r.failures
}

func toySuite(t *testing.T, with sin) Suite {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"words.json":               `[{"name":"state","reply":{"body":{"id":"1","state":"{word}"}},"words":{"done":"succeeded"}}]`,
		"codes.json":               `[{"op":"create","status":429,"body":{"message":"slow"},"kind":"busy","charged":"no"}]`,
		"replies/create_good.json": `{"body":{"id":"1"}}`,
		"replies/look_good.json":   `{"body":{"id":"1","state":"done","message":"m"}}`,
		"replies/look_odd.json":    `{"body":{"id":"1","state":"odd","message":"m"}}`,

		"balances.golden":             "balance \n\tGET /limit\nbalance \n\tGET /used\n",
		"replies/balance_good.json":   `{"replies":[{"body":{"value":3}},{"body":{"value":"1.5"}}]}`,
		"replies/balance_good.golden": "{\n  \"amounts\": [\n    {\n      \"amount\": \"1.5\",\n      \"unit\": \"coins\"\n    }\n  ]\n}\n",
	}
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Suite{
		New:      func() dialect.Dialect { return toy{sin: with} },
		Dir:      dir,
		Accounts: []Account{{New: func() dialect.Dialect { return toyAccountant{toy{sin: with}} }}},
		Requests: []Request{{Name: "only", Request: dialect.Request{
			Model: "m",
			Input: map[string]any{
				"prompt": "x",
				"image":  Stream("<image>", "QUJD", 9),
				"shots":  []any{map[string]any{"seconds": json.Number("5")}},
			},
			Envelope: map[string]any{"callback": "https://x.example"},
		}}},
		Refs:        []kling.Ref{{Provider: "toy", Task: "1"}},
		Credentials: []dialect.Credential{{Key: secret.New(testKey)}},
	}
}

func TestTheSuiteConvictsEverySin(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line func(testing.TB, Suite)
		sin  sin
	}{
		{testTraits, "claims to list"},
		{testTraits, "claims an account"},
		{testBalances, "hides its account"},
		{testBalances, "asks nothing"},
		{testBalances, "asks with a body"},
		{testBalances, "counts wrong"},
		{testBrokenBalances, "ignores the second answer"},
		{testBrokenBalances, "says 0 when it does not know"},
		{testBrokenBalances, "says that nothing was found"},
		{testBrokenBalances, "prints what it was told"},
		{testPure, "changes its argument"},
		{testPure, "answers by the clock"},
		{testNoSilentDrop, "drops a field"},
		{testNoSilentDrop, "drops the envelope"},
		{testNoSilentDrop, "drops a nested field"},
		{testHostileIDs, "does not escape"},
		{testSecrets, "puts the key into the query"},
		{testWords, "ends a job on any word"},
		{testStatuses, "looks for a task in a create"},
		{testStatuses, "says that nothing was charged"},
		{testBroken, "says that nothing was charged"},
		{testBroken, "accepts an answer without a task"},
		{testBroken, "prints what a server says"},
	}
	for _, test := range tests {
		t.Run(string(test.sin), func(t *testing.T) {
			t.Parallel()
			if failures := judge(t, test.line, ""); len(failures) > 0 {
				t.Fatalf("without the sin: %q", failures)
			}
			if failures := judge(t, test.line, test.sin); len(failures) == 0 {
				t.Error("the line of the contract finds nothing wrong")
			}
		})
	}
}

func TestTheSuiteConvictsAWrongCode(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"another kind":      `[{"op":"create","status":429,"kind":"refused","charged":"no"}]`,
		"another charge":    `[{"op":"create","status":500,"kind":"unavailable","charged":"no"}]`,
		"no charge":         `[{"op":"create","status":400,"kind":"refused"}]`,
		"a missing ability": `[{"op":"callback","kind":"refused"}]`,
	}
	for name, table := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failures := judge(t, func(tb testing.TB, s Suite) {
				tb.Helper()
				if err := os.WriteFile(filepath.Join(s.Dir, "codes.json"), []byte(table), 0o600); err != nil {
					t.Error(err)
				}
				testCodes(tb, s)
			}, "")
			if len(failures) == 0 {
				t.Error("the table is accepted")
			}
		})
	}
	if failures := judge(t, testCodes, ""); len(failures) > 0 {
		t.Errorf("the right table is refused: %q", failures)
	}
}
