package klingapi

import (
	"math/big"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
)

// The questions that new-api answers in OpenAI's old manner. They stand beside
// its path for Kling, not below it.
const (
	subscriptionPath = "/v1/dashboard/billing/subscription"
	usagePath        = "/v1/dashboard/billing/usage"
)

// noLimit is the limit that new-api states for a token without one.
const noLimit = 100_000_000

// quota is the codec of new-api, where a token has a quota.
type quota struct{ codec }

var _ dialect.Accountant = quota{}

// Traits are those of the codec, and the account.
func (q quota) Traits() dialect.Traits {
	traits := q.codec.Traits()
	traits.Accounts = true
	return traits
}

// Balances asks for the limit and for what was used of it.
func (quota) Balances(time.Time) []dialect.Call {
	return []dialect.Call{dialect.Get(subscriptionPath, nil), dialect.Get(usagePath, nil)}
}

// Balanced is the limit, which is of the token's whole life, less what was
// used, which is told in hundredths. The fields speak of dollars, but the
// operator chooses what they count, so the unit is called quota. A token
// without a limit may still be held up by the account that it belongs to.
func (quota) Balanced(replies []dialect.Reply) ([]dialect.Amount, error) {
	answers := make([]answer, len(replies))
	for i, reply := range replies {
		a, err := read(reply, balancing)
		if err != nil {
			return nil, err
		}
		answers[i] = a
	}
	if len(replies) != 2 {
		return nil, dialect.WrongReplies(len(replies), 2)
	}
	var (
		limited subscription
		used    usage
	)
	for i, into := range []any{&limited, &used} {
		if err := dialect.Decode(replies[i], into); err != nil {
			return nil, dialect.ForBalance(dialect.Unreadable(replies[i], err))
		}
	}
	limit, ok := limited.HardLimit.Decimal()
	if !ok {
		return nil, answers[0].unclear(replies[0], "the answer names no limit")
	}
	spent, ok := used.Total.Decimal()
	if !ok {
		return nil, answers[1].unclear(replies[1], "the answer does not say how much was used")
	}
	amount := dialect.Amount{Amount: dialect.Unlimited, Unit: "quota"}
	if limit.Cmp(big.NewRat(noLimit, 1)) != 0 {
		amount = dialect.NewAmount(limit.Sub(limit, spent.Quo(spent, big.NewRat(100, 1))), "quota")
	}
	amount.Expires = dialect.Seconds(limited.AccessUntil.Whole())
	return []dialect.Amount{amount}, nil
}
