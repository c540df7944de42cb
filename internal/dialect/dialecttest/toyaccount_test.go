package dialecttest

import (
	"math/big"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// toyAccountant is a toy that tells a limit and what was used of it.
type toyAccountant struct{ toy }

func (d toyAccountant) Traits() dialect.Traits {
	return dialect.Traits{Accounts: d.sin != "hides its account"}
}

func (d toyAccountant) Balances(time.Time) []dialect.Call {
	calls := []dialect.Call{dialect.Get("/limit", nil), dialect.Get("/used", nil)}
	switch d.sin {
	case "asks nothing":
		return nil
	case "asks with a body":
		calls[1], _ = dialect.PostJSON("/used", map[string]any{})
	}
	return calls
}

func (d toyAccountant) Balanced(replies []dialect.Reply) ([]dialect.Amount, error) {
	if d.sin == "ignores the second answer" && len(replies) > 1 {
		replies = []dialect.Reply{replies[0], {Status: 200, Body: []byte(`{"value":1.5}`)}}
	}
	var values []*big.Rat
	for _, reply := range replies {
		var answer struct{ Value, Unit dialect.Text }
		if err := dialect.Decode(reply, &answer); err != nil {
			return nil, d.settle(dialect.Unreadable(reply, err))
		}
		if reply.Status >= 300 {
			return nil, d.settle(dialect.StatusFault(reply, "", ""))
		}
		value, ok := answer.Value.Decimal()
		switch {
		case ok:
		case d.sin == "says 0 when it does not know":
			value = new(big.Rat)
		case d.sin == "prints what it was told":
			return []dialect.Amount{{Amount: string(answer.Value), Unit: "coins"}}, nil
		default:
			return nil, d.settle(dialect.AnswerFault(reply, "no value", nil))
		}
		values = append(values, value)
	}
	if len(values) != 2 {
		return nil, dialect.WrongReplies(len(values), 2)
	}
	left := new(big.Rat).Sub(values[0], values[1])
	if d.sin == "counts wrong" {
		left = values[0]
	}
	return []dialect.Amount{dialect.NewAmount(left, "coins")}, nil
}

func (d toyAccountant) settle(e *fault.Error) error {
	if d.sin == "says that nothing was found" {
		return e
	}
	return dialect.ForBalance(e)
}
