package dialecttest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/secret"
)

// FuzzCreated is the body of a fuzz target for answers to creates, seeded with
// the corpus in dir.
func FuzzCreated(f *testing.F, dir string, d dialect.Dialect) { fuzz(f, dir, d, opCreate) }

// FuzzLooked is the body of a fuzz target for answers to looks.
func FuzzLooked(f *testing.F, dir string, d dialect.Dialect) { fuzz(f, dir, d, opLook) }

// FuzzListed is the body of a fuzz target for answers to lists.
func FuzzListed(f *testing.F, dir string, d dialect.Dialect) { fuzz(f, dir, d, opList) }

// FuzzCallback is the body of a fuzz target for callbacks.
func FuzzCallback(f *testing.F, dir string, d dialect.Dialect) { fuzz(f, dir, d, opCallback) }

// fuzz feeds any status and body to a decoder that has seen a key and checks
// that the outcome is sound and that the key is nowhere in it.
func fuzz(f *testing.F, dir string, d dialect.Dialect, o op) {
	f.Helper()
	for _, r := range replies(f, dir) {
		reply := r.reply.Dialect()
		f.Add(reply.Status, reply.Body)
	}
	for _, body := range broken() {
		if len(body) < 10_000 {
			f.Add(200, []byte(body))
		}
	}
	call := dialect.Get("/", nil)
	credential := dialect.Credential{Key: secret.New(testKey), AccessKey: secret.New("access"), SecretKey: secret.New(testKey)}
	if err := d.Authorize(&call, credential, time.Unix(1_800_000_000, 0)); err != nil {
		f.Fatalf("Authorize: %v", err)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		reply := dialect.Reply{Status: status, Body: body}
		snapshots, ok, err := decode(d, o, reply)
		if !ok {
			t.Fatalf("the dialect has no operation %q", o)
		}
		checkOutcome(t, o, reply, snapshots, err)
		if all := fmt.Sprintf("%v %+v", err, snapshots); strings.Contains(all, testKey) && !strings.Contains(string(body), testKey) {
			t.Errorf("%s tells the key: %s", describe(o, reply), all)
		}
	})
}

// FuzzBalanced is the body of a fuzz target for answers about an account. A
// second answer is taken only where there are two questions.
func FuzzBalanced(f *testing.F, dir string, account Account) {
	f.Helper()
	accountant := account.accountant(f)
	for _, replies := range account.balances(f, dir) {
		replies = append(replies, dialect.Reply{Status: 200})
		f.Add(replies[0].Status, replies[0].Body, replies[1].Status, replies[1].Body)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, status2 int, body2 []byte) {
		replies := []dialect.Reply{{Status: status, Body: body}, {Status: status2, Body: body2}}
		replies = replies[:len(accountant.Balances(askedAt()))]
		amounts, err := accountant.Balanced(replies)
		checkBalance(t, describe(opBalance, replies[0]), amounts, err)
	})
}
