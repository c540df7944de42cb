package provider

import (
	"context"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// Balance asks what is left on the account that the key belongs to. The list
// is empty where the account holds nothing that the provider counts, such as
// resource packs. It fails with a usage fault when the provider documents no
// way to ask. Where the answer takes several exchanges, a failure that passes
// by itself repeats them all, so that the figures are of one moment.
func (c *Client) Balance(ctx context.Context) ([]dialect.Amount, error) {
	accountant, ok := c.dialect.(dialect.Accountant)
	if !ok {
		return nil, &fault.Error{
			Kind: fault.Usage, Op: "ask the balance of", Subject: c.settings.Name, Charged: fault.NotCharged,
			Detail: "it does not document a balance",
		}
	}
	calls := accountant.Balances(c.wiring.Now())
	return read(ctx, c, calls[0], Patient, "ask the balance of", func(reply dialect.Reply, hide scrubber) ([]dialect.Amount, error) {
		replies, hides := []dialect.Reply{reply}, []scrubber{hide}
		for _, call := range calls[1:] {
			if reply.Status < 200 || reply.Status >= 300 {
				break // it is judged without the rest
			}
			next, err := readOnce(ctx, c, call, func(next dialect.Reply, hide scrubber) (dialect.Reply, error) {
				hides = append(hides, hide)
				return next, nil
			})
			if err != nil {
				return nil, err
			}
			reply = next
			replies = append(replies, next)
		}
		amounts, err := accountant.Balanced(replies)
		if err != nil {
			err = c.withRetryAfter(err, reply)
		}
		for _, hide := range hides {
			amounts, err = hide.amounts(amounts), hide.quietly(err)
		}
		return amounts, err
	})
}

// amounts are amounts without secrets.
func (s scrubber) amounts(amounts []dialect.Amount) []dialect.Amount {
	for i, a := range amounts {
		amounts[i].Name, amounts[i].Unit = s.text(a.Name), s.text(a.Unit)
	}
	return amounts
}
