package klingapi

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

const costsPath = "/account/costs"

// packSpan is how far back packs are asked for. People have found that packs
// bought before start_time are left out though they are in use; packs live 180
// days to a year.
const packSpan = 400 * 24 * time.Hour

// packs is the codec of Kling itself, where an account holds resource packs.
type packs struct{ codec }

var _ dialect.Accountant = packs{}

// Traits are those of the codec, and the account.
func (p packs) Traits() dialect.Traits {
	traits := p.codec.Traits()
	traits.Accounts = true
	return traits
}

// Balances asks for the packs of the account. Kling takes this question once
// a second at most.
func (packs) Balances(now time.Time) []dialect.Call {
	return []dialect.Call{dialect.Get(costsPath, url.Values{
		"start_time": {strconv.FormatInt(now.Add(-packSpan).UnixMilli(), 10)},
		"end_time":   {strconv.FormatInt(now.UnixMilli(), 10)},
	})}
}

// Balanced gives what is left in each pack that is in use, in units. Kling
// says that the figures are up to 12 hours old. Packs that have not begun, are
// used up or have expired are left out: nothing in them can be spent now.
func (packs) Balanced(replies []dialect.Reply) ([]dialect.Amount, error) {
	reply, err := dialect.OneReply(replies)
	if err != nil {
		return nil, err
	}
	a, err := read(reply, balancing)
	if err != nil {
		return nil, err
	}
	var data costs
	if top := a.levels[0]; len(top.Data) == 0 || top.Data.Decode(&data) != nil {
		return nil, a.unclear(reply, "the answer tells nothing of the account")
	}
	if !success(data.Code) { // a second code, inside the first
		inner := answer{levels: []level{{Code: data.Code, Message: data.Msg, RequestID: a.levels[0].RequestID}}, at: -1}
		return nil, balancing.refuse(inner, reply)
	}
	amounts := []dialect.Amount{}
	for _, entry := range data.Packs {
		p := entry.value
		if p.Status != "" && !strings.EqualFold(string(p.Status), "online") {
			continue
		}
		left, ok := p.Remaining.Decimal()
		if !ok {
			return nil, a.unclear(reply, "the answer does not say what is left of a resource pack")
		}
		amount := dialect.NewAmount(left, "units")
		amount.Name, amount.Expires = fault.SafeText(string(p.Name)), dialect.Millis(p.InvalidTime.Whole())
		amounts = append(amounts, amount)
	}
	return amounts, nil
}

// unclear is an answer about the account that makes no sense.
func (a answer) unclear(reply dialect.Reply, detail string) *fault.Error {
	e := dialect.ForBalance(dialect.AnswerFault(reply, detail, nil))
	e.RequestID = a.requestID(reply)
	return e
}
