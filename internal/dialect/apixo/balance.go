package apixo

import (
	"encoding/json"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
)

const balancePath = "/api/v1/apikeys/current-balance"

var _ dialect.Accountant = codec{}

// Balances implements dialect.Accountant with one question.
func (codec) Balances(time.Time) []dialect.Call {
	return []dialect.Call{dialect.Get(balancePath, nil)}
}

// Balanced implements dialect.Accountant: US dollars, as a bare number.
func (codec) Balanced(replies []dialect.Reply) ([]dialect.Amount, error) {
	reply, err := dialect.OneReply(replies)
	if err != nil {
		return nil, err
	}
	var answer envelope
	if err := dialect.Decode(reply, &answer); err != nil {
		return nil, dialect.ForBalance(dialect.Unreadable(reply, err))
	}
	if !answer.success(reply) {
		return nil, dialect.ForBalance(answer.fault(reply))
	}
	var data dialect.Text
	_ = json.Unmarshal(answer.Data, &data) // what is no number leaves it empty
	money, ok := data.Decimal()
	if !ok {
		return nil, dialect.ForBalance(dialect.AnswerFault(reply, "the answer names no balance", nil))
	}
	return []dialect.Amount{dialect.NewAmount(money, "USD")}, nil
}
