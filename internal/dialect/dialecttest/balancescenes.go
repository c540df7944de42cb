package dialecttest

import (
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// balance asks an emulated provider what is left.
func (p *player) balance(t *testing.T, accountant dialect.Accountant) ([]dialect.Amount, error) {
	t.Helper()
	var replies []dialect.Reply
	for _, call := range accountant.Balances(p.clock.Now()) {
		replies = append(replies, p.send(t, call, nil))
	}
	amounts, err := accountant.Balanced(replies)
	checkBalance(t, describe(opBalance, replies[0]), amounts, err)
	return amounts, err
}

func sceneBalance(accountant dialect.Accountant) func(*testing.T, *player) {
	return func(t *testing.T, p *player) {
		t.Helper()
		amounts, err := p.balance(t, accountant)
		if err != nil || len(amounts) == 0 || amounts[0].Amount == "0" {
			t.Errorf("the balance is %+v (error %v), want some", amounts, err)
		}
	}
}

func sceneNoBalance(accountant dialect.Accountant) func(*testing.T, *player) {
	return func(t *testing.T, p *player) {
		t.Helper()
		p.credential = otherAccount(p.credential, "poor-account")
		amounts, err := p.balance(t, accountant)
		if err != nil {
			t.Fatalf("the balance of an empty account: %v", err)
		}
		for _, a := range amounts {
			if a.Amount != "0" {
				t.Errorf("an empty account has %s %s, want 0", a.Amount, a.Unit)
			}
		}
	}
}

func sceneBalanceRefused(accountant dialect.Accountant) func(*testing.T, *player) {
	return func(t *testing.T, p *player) {
		t.Helper()
		p.credential = otherAccount(p.credential, "invalid-key")
		if amounts, err := p.balance(t, accountant); !fault.Is(err, fault.Auth) {
			t.Errorf("the balance with a bad key is %+v (error %v), want kind auth", amounts, err)
		}
	}
}
