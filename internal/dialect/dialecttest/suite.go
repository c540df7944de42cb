// Package dialecttest is the contract that every dialect keeps, as one suite
// to run and a few fuzz bodies.
//
// It knows what a dialect promises: pure encoding, nothing dropped in silence,
// secrets in headers only, every documented word and code mapped, sense made
// of broken answers, and a whole life against an emulator. It must not know
// any vendor: what a vendor says stands in the testdata of its dialect.
//
// A dialect's testdata folder holds
//
//	create_NAME.json           golden form of each canonical request (-update)
//	calls.golden               golden form of looks, finds and lists (-update)
//	words.json                 state words and what they mean, see Words
//	codes.json                 error answers and what they mean, see Code
//	replies/OP_NAME.json       answers, see Reply; OP is create, look, list or callback
//	replies/OP_NAME.golden     what each answer is read as (-update)
//	balances.golden            golden form of questions about the account (-update)
//	replies/balance_NAME.json  all answers about an account, see Balance; NAME
//	                           begins with that of the Account, if it has one
//
// The package registers the test flag -update, which writes the goldens anew.
package dialecttest

import (
	"net/http"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/secret"
)

// Suite is a dialect with what is needed to judge it.
type Suite struct {
	// New makes the dialect under test.
	New func() dialect.Dialect
	// Dir is the folder of the corpus; empty means "testdata".
	Dir string
	// Requests are canonical orders that together use every field.
	Requests []Request
	// Refs are references as they come from creates of this dialect.
	Refs []kling.Ref
	// Credentials are all the ways of authorizing; empty means one key.
	Credentials []dialect.Credential
	// Accounts are the variants that can tell a balance; empty means the
	// dialect under test, if it can.
	Accounts []Account
	// Lives are played against an emulator, one after the other.
	Lives []Life
}

// Request is a canonical order; the name is part of a file name.
type Request struct {
	Name string
	dialect.Request
}

// Life is what is needed to buy videos at an emulated provider.
type Life struct {
	// Name tells lives apart.
	Name string
	// BaseURL chooses the provider, as in "https://api.kie.ai".
	BaseURL string
	// New makes the dialect; nil means the suite's.
	New func() dialect.Dialect
	// Order makes an order with the given prompt.
	Order func(prompt string) dialect.Request
	// Invalid is an order that the provider's documents refuse; nil leaves
	// that scene out.
	Invalid *dialect.Request
	// Marker is added to every prompt, such as a choice of answer shape.
	Marker string
	// Credential is a good one; the zero value means some key.
	Credential dialect.Credential
	// Skip names scenes that this provider cannot play, with the reason.
	Skip map[string]string
	// Expect replaces what a refusing scene gives elsewhere.
	Expect map[string]Refusal
	// Open gives a fresh emulator with the given clock, in which a job takes
	// the given time; nil means the sandbox.
	Open func(t *testing.T, now func() time.Time, generation time.Duration) http.RoundTripper
}

// Run judges the dialect. Every line of the contract is a subtest of its own.
func Run(t *testing.T, s Suite) {
	t.Helper()
	if s.Dir == "" {
		s.Dir = "testdata"
	}
	if len(s.Credentials) == 0 {
		s.Credentials = []dialect.Credential{{Key: secret.New(testKey)}}
	}
	lines := []struct {
		name string
		run  func(testing.TB, Suite)
	}{
		{"traits", testTraits},
		{"encoding is pure", testPure},
		{"requests look as agreed", testGoldenCreates},
		{"questions look as agreed", testGoldenCalls},
		{"nothing is dropped", testNoSilentDrop},
		{"hostile ids stay one element", testHostileIDs},
		{"secrets stand in headers only", testSecrets},
		{"words", testWords},
		{"codes", testCodes},
		{"answers are read as agreed", testReplies},
		{"bare statuses", testStatuses},
		{"broken answers", testBroken},
		{"balances look as agreed", testBalances},
		{"broken balances", testBrokenBalances},
	}
	for _, line := range lines {
		t.Run(line.name, func(t *testing.T) {
			t.Parallel()
			line.run(t, s)
		})
	}
	for _, life := range s.Lives {
		t.Run("life of "+life.Name, func(t *testing.T) {
			t.Parallel()
			testLife(t, s, life)
		})
	}
}

// testKey is a key that no answer holds by chance.
const testKey = "key-7f3a9d-never-in-a-message"

// testTraits checks that traits tell the truth about the optional interfaces.
func testTraits(tb testing.TB, s Suite) {
	tb.Helper()
	d := s.New()
	if d.Name() == "" {
		tb.Error("the dialect has no name")
	}
	traits := d.Traits()
	_, finds := d.(dialect.Finder)
	_, lists := d.(dialect.Lister)
	_, callsBack := d.(dialect.CallbackReader)
	_, accounts := d.(dialect.Accountant)
	for _, trait := range []struct {
		name      string
		says, has bool
	}{
		{"Finds", traits.Finds, finds},
		{"Lists", traits.Lists, lists},
		{"CallsBack", traits.CallsBack, callsBack},
		{"Accounts", traits.Accounts, accounts},
	} {
		if trait.says != trait.has {
			tb.Errorf("Traits().%s = %v, and the interface is implemented: %v", trait.name, trait.says, trait.has)
		}
	}
	for _, ref := range s.Refs {
		ref.Path = ""
		if _, err := d.Look(ref); traits.NeedsPath != (err != nil) {
			tb.Errorf("Traits().NeedsPath = %v, but Look without a path gives error %v", traits.NeedsPath, err)
		}
	}
	if _, err := d.Look(kling.Ref{Provider: "p", Path: "path"}); err == nil {
		tb.Error("Look without a task gives a call, want an error")
	}
}
