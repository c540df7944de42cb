package dialecttest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// testBrokenBalances spoils each answer of each stored balance in turn. The
// outcome is never a panic, and never an amount out of nothing.
func testBrokenBalances(tb testing.TB, s Suite) {
	tb.Helper()
	for _, account := range s.accounts() {
		accountant := account.accountant(tb)
		for name, replies := range account.balances(tb, s.Dir) {
			if _, err := accountant.Balanced(replies); err != nil {
				continue
			}
			for n := range replies {
				wantNoBalance(tb, accountant, replies[:n], fmt.Sprintf("%s with %d answers", name, n), fault.Internal)
			}
			wantNoBalance(tb, accountant, append(slices.Clone(replies), replies[0]), name+" with an answer too many", fault.Internal)
			for i := range replies {
				b := spoiler{accountant: accountant, replies: replies, at: i, name: fmt.Sprintf("%s answer %d", name, i+1)}
				b.statuses(tb)
				b.bodies(tb)
				b.damaged(tb)
			}
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
		bodies[fmt.Sprintf("cut after %d bytes", n)] = string(body[:n])
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
