package dialecttest

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// Account is a variant of the dialect that can tell a balance.
type Account struct {
	// Name begins the names of its answers, as in replies/balance_NAME_*.json;
	// "" where there is only one.
	Name string
	// New makes the variant; nil means the suite's, for Run.
	New func() dialect.Dialect
}

// Balance is all the answers about an account, in the order of the questions.
type Balance struct {
	Replies []Reply `json:"replies"`
}

// askedAt is when the questions of balances.golden are asked.
func askedAt() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// accounts are those of the suite.
func (s Suite) accounts() []Account {
	if _, ok := s.New().(dialect.Accountant); ok && len(s.Accounts) == 0 {
		return []Account{{New: s.New}}
	}
	accounts := slices.Clone(s.Accounts)
	for i := range accounts {
		if accounts[i].New == nil {
			accounts[i].New = s.New
		}
	}
	return accounts
}

// accountant makes the variant and checks that its traits tell what it is.
func (a Account) accountant(tb testing.TB) dialect.Accountant {
	tb.Helper()
	d := a.New()
	accountant, ok := d.(dialect.Accountant)
	if !ok || !d.Traits().Accounts {
		tb.Fatalf("account %q: accountant %v, Traits().Accounts = %v, want both", a.Name, ok, d.Traits().Accounts)
	}
	return accountant
}

// balances reads the corpus of an account, by name.
func (a Account) balances(tb testing.TB, dir string) map[string][]dialect.Reply {
	tb.Helper()
	prefix := string(opBalance) + "_"
	if a.Name != "" {
		prefix += a.Name + "_"
	}
	files, err := filepath.Glob(filepath.Join(dir, "replies", prefix+"*.json"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no answers %s*.json in %s (error %v)", prefix, dir, err)
	}
	all := map[string][]dialect.Reply{}
	for _, file := range files {
		var told Balance
		readJSON(tb, file, &told)
		var replies []dialect.Reply
		for _, reply := range told.Replies {
			replies = append(replies, reply.Dialect())
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = replies
	}
	return all
}

// balanceRecord is what answers about an account were read as.
type balanceRecord struct {
	Fault   *faultRecord   `json:"fault,omitempty"`
	Amounts []amountRecord `json:"amounts,omitempty"`
}

type amountRecord struct {
	Amount  string    `json:"amount"`
	Unit    string    `json:"unit"`
	Name    string    `json:"name,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
}

func balanceOf(amounts []dialect.Amount, err error) balanceRecord {
	out := balanceRecord{Fault: outcomeOf(nil, err).Fault}
	for _, a := range amounts {
		out.Amounts = append(out.Amounts, amountRecord(a))
	}
	return out
}

// testBalances compares the questions about each account, and what its stored
// answers are read as.
func testBalances(tb testing.TB, s Suite) {
	tb.Helper()
	var questions bytes.Buffer
	kept := map[string]bool{}
	for _, account := range s.accounts() {
		accountant := account.accountant(tb)
		calls := accountant.Balances(askedAt())
		if len(calls) == 0 {
			tb.Errorf("account %q: there is nothing to ask", account.Name)
		}
		if again := accountant.Balances(askedAt()); !reflect.DeepEqual(calls, again) {
			tb.Errorf("account %q: Balances twice gives %v and %v", account.Name, calls, again)
		}
		for _, call := range calls {
			if !call.Body.Empty() || call.Method != http.MethodGet || len(call.Header) > 0 {
				tb.Errorf("account %q: %s with %d bytes and headers %v, want a bare GET", account.Name, call.Method, call.Body.Len(), call.Header)
			}
			fmt.Fprintf(&questions, "balance %s\n\t%s %s\n", account.Name, call.Method, call.Target())
			testBalanceSecrets(tb, s, account, call)
		}
		for name, replies := range account.balances(tb, s.Dir) {
			amounts, err := accountant.Balanced(replies)
			checkBalance(tb, name, amounts, err)
			golden(tb, filepath.Join(s.Dir, "replies", name+".golden"), indented(tb, balanceOf(amounts, err)))
			kept[name] = true
		}
	}
	if questions.Len() > 0 {
		golden(tb, filepath.Join(s.Dir, "balances.golden"), questions.Bytes())
	}
	files, err := os.ReadDir(filepath.Join(s.Dir, "replies"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, file := range files {
		name, _, _ := strings.Cut(file.Name(), ".")
		if strings.HasPrefix(name, string(opBalance)+"_") && !kept[name] {
			tb.Errorf("%s is of no account", file.Name())
		}
	}
}

// testBalanceSecrets checks that Authorize works for the question as well.
func testBalanceSecrets(tb testing.TB, s Suite, account Account, call dialect.Call) {
	tb.Helper()
	for _, credential := range s.Credentials {
		signed := call
		if err := account.New().Authorize(&signed, credential, askedAt()); err != nil {
			tb.Errorf("account %q: Authorize: %v", account.Name, err)
			continue
		}
		wantSecretOnlyInHeader(tb, signed, credential)
	}
}

// checkBalance checks what holds for every answer about an account.
func checkBalance(tb testing.TB, name string, amounts []dialect.Amount, err error) {
	tb.Helper()
	at := dialect.Reply{Status: 200, Body: []byte(name)}
	if err != nil {
		checkFault(tb, opBalance, at, err)
		e := fault.Of(err)
		if e != nil && (e.Spent() != fault.NotCharged || e.Kind == fault.NotFound) {
			tb.Errorf("%s: kind %s and charged %s, want nothing charged and no task missed", name, e.Kind, e.Spent())
		}
		if len(amounts) > 0 {
			tb.Errorf("%s: %v beside the fault %v", name, amounts, err)
		}
		return
	}
	for _, a := range amounts {
		if a.Amount != dialect.Unlimited && !plainDecimal(a.Amount) {
			tb.Errorf("%s: amount %q is not plain decimal text", name, a.Amount)
		}
		if a.Unit == "" {
			tb.Errorf("%s: the amount %s has no unit", name, a.Amount)
		}
		checkText(tb, opBalance, at, "the unit", a.Unit)
		checkText(tb, opBalance, at, "the name", a.Name)
		if a.Expires.Year() > 200_000 || a.Expires.Location() != time.UTC {
			tb.Errorf("%s: expires %v, want a time in UTC", name, a.Expires)
		}
	}
}

func plainDecimal(text string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	return whole != "" && text != "-0" && (fraction != "") == point && !strings.HasSuffix(fraction, "0") &&
		len(text) <= 32 && strings.Trim(whole+fraction, "0123456789") == ""
}
