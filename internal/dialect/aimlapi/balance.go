package aimlapi

import (
	"cmp"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// balancePath is that of the account's money. An older one, /v1/billing/balance,
// counts in credits.
const balancePath = "/v2/billing"

var _ dialect.Accountant = codec{}

// billing is the answer to the question for the balance.
type billing struct {
	CurrentBalance dialect.Text `json:"current_balance"`
	Currency       dialect.Text `json:"currency"`
}

// Balances implements dialect.Accountant with one question.
func (codec) Balances(time.Time) []dialect.Call {
	return []dialect.Call{dialect.Get(balancePath, nil)}
}

// Balanced implements dialect.Accountant: money, in US dollars unless the
// answer names another currency.
func (codec) Balanced(replies []dialect.Reply) ([]dialect.Amount, error) {
	reply, err := dialect.OneReply(replies)
	if err != nil {
		return nil, err
	}
	var answer struct {
		generation
		billing
	}
	if err := dialect.Decode(reply, &answer); err != nil {
		return nil, dialect.ForBalance(dialect.Unreadable(reply, err))
	}
	if reply.Status < 200 || reply.Status >= 300 {
		f := dialect.ForBalance(answer.fault(reply))
		if reply.Status == forbidden {
			f.Kind = fault.Refused // whoever may not ask for a balance is not out of money
		}
		return nil, f
	}
	money, ok := answer.CurrentBalance.Decimal()
	if !ok {
		return nil, dialect.ForBalance(dialect.AnswerFault(reply, "the answer names no balance", nil))
	}
	return []dialect.Amount{dialect.NewAmount(money, cmp.Or(fault.SafeText(string(answer.Currency)), "USD"))}, nil
}
