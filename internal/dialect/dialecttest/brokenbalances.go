package dialecttest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// testBrokenBalances spoils each answer of stored balances in turn: every value
// of each, and of the first of an account the whole answer. The outcome is
// never a panic, and never an amount out of nothing.
func testBrokenBalances(tb testing.TB, s Suite) {
	tb.Helper()
	for _, account := range s.accounts() {
		accountant := account.accountant(tb)
		stored := account.balances(tb, s.Dir)
		first := true
		for _, name := range slices.Sorted(maps.Keys(stored)) {
			replies := stored[name]
			if _, err := accountant.Balanced(replies); err != nil {
				continue
			}
			for i := range replies {
				b := spoiler{accountant: accountant, replies: replies, at: i, name: fmt.Sprintf("%s answer %d", name, i+1)}
				b.damaged(tb)
				if first {
					b.statuses(tb)
					b.bodies(tb)
					wantNoBalance(tb, accountant, replies[:i], fmt.Sprintf("%s with %d answers", name, i), fault.Internal)
				}
			}
			wantNoBalance(tb, accountant, append(slices.Clone(replies), replies[0]), name+" with an answer too many", fault.Internal)
			first = false
		}
		if first {
			tb.Errorf("account %q has no stored answer that tells a balance", account.Name)
		}
	}
}

// spoiler replaces one of several good answers.
type spoiler struct {
	accountant dialect.Accountant
	replies    []dialect.Reply
	at         int
	name       string
}

func (b spoiler) with(reply dialect.Reply) []dialect.Reply {
	replies := slices.Clone(b.replies)
	replies[b.at] = reply
	return replies
}

func (b spoiler) statuses(tb testing.TB) {
	tb.Helper()
	for status, want := range bareStatuses() {
		kind := want.look
		if kind == fault.NotFound {
			kind = fault.Refused
		}
		for _, body := range []string{"", page, "Internal Server Error", "{}", "[]", "null"} {
			reply := dialect.Reply{Status: status, Body: []byte(body), Header: map[string][]string{"Location": {"https://login.example.net/?next=secret"}}}
			wantNoBalance(tb, b.accountant, b.with(reply), b.name+" is "+describe(opBalance, reply), kind)
			// What comes after an answer that is no success is not waited for.
			wantNoBalance(tb, b.accountant, b.with(reply)[:b.at+1], b.name+" is at last "+describe(opBalance, reply), kind)
		}
	}
}

func (b spoiler) bodies(tb testing.TB) {
	tb.Helper()
	good := b.replies[b.at]
	bodies := broken()
	bodies["a page"] = page
	body := bytes.TrimSpace(good.Body)
	for n := range body {
		half := dialect.Reply{Status: 200, Body: body[:n]}
		wantNoBalance(tb, b.accountant, b.with(half), fmt.Sprintf("%s is cut after %d bytes", b.name, n), fault.Answer)
	}
	for name, text := range bodies {
		for _, status := range []int{200, 201, 202, 204} {
			wantNoBalance(tb, b.accountant, b.with(dialect.Reply{Status: status, Body: []byte(text)}), b.name+" is "+name, fault.Answer)
		}
	}
	good.Cut = errors.New("connection reset")
	wantNoBalance(tb, b.accountant, b.with(good), b.name+" has a broken line", fault.Answer)
}

func (b spoiler) damaged(tb testing.TB) {
	tb.Helper()
	for body := range damage(bytes.TrimSpace(b.replies[b.at].Body)) {
		reply := b.replies[b.at]
		reply.Body = body
		amounts, err := b.accountant.Balanced(b.with(reply))
		checkBalance(tb, b.name+" is "+describe(opBalance, reply), amounts, err)
	}
}

// wantNoBalance wants a fault of a kind.
func wantNoBalance(tb testing.TB, accountant dialect.Accountant, replies []dialect.Reply, name string, kind fault.Kind) {
	tb.Helper()
	amounts, err := accountant.Balanced(replies)
	if err == nil {
		tb.Errorf("%s: %+v, want a fault of kind %s", name, amounts, kind)
		return
	}
	checkBalance(tb, name, amounts, err)
	if e := fault.Of(err); e != nil && e.Kind != kind {
		tb.Errorf("%s: kind %s, want %s", name, e.Kind, kind)
	}
	if strings.Contains(err.Error(), "next=") {
		tb.Errorf("%s: %v tells more of the redirect than its host", name, err)
	}
}
