package createtask

import (
	"encoding/json"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
)

const balancePath = "/api/v1/chat/credit"

var _ dialect.Accountant = codec{}

// Balances implements dialect.Accountant with one question.
func (codec) Balances(time.Time) []dialect.Call {
	return []dialect.Call{dialect.Get(balancePath, nil)}
}

// Balanced implements dialect.Accountant. The credits of the account are a
// bare number, by the page on account credits.
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
		return nil, dialect.ForBalance(lookFault(answer, reply))
	}
	credits, ok := creditsIn(answer.Data).Decimal()
	if !ok {
		return nil, dialect.ForBalance(dialect.AnswerFault(reply, "the answer names no number of credits", nil))
	}
	return []dialect.Amount{dialect.NewAmount(credits, "credits")}, nil
}

// creditsIn finds the number where it is documented, or inside an object such
// as some clients are prepared for. A total may be of what was ever bought, so
// what remains goes first.
func creditsIn(data json.RawMessage) dialect.Text {
	var plain dialect.Text
	if json.Unmarshal(data, &plain) == nil && plain != "" {
		return plain
	}
	var totals struct {
		RemainingCredits dialect.Text `json:"remainingCredits"`
		SnakeRemaining   dialect.Text `json:"remaining_credits"`
		Credits          dialect.Text `json:"credits"`
		Credit           dialect.Text `json:"credit"`
		Balance          dialect.Text `json:"balance"`
		TotalBalance     dialect.Text `json:"total_balance"`
		TotalCredits     dialect.Text `json:"totalCredits"`
		SnakeTotal       dialect.Text `json:"total_credits"`
	}
	if json.Unmarshal(data, &totals) != nil {
		return ""
	}
	for _, text := range []dialect.Text{
		totals.RemainingCredits, totals.SnakeRemaining, totals.Credits, totals.Credit,
		totals.Balance, totals.TotalBalance, totals.TotalCredits, totals.SnakeTotal,
	} {
		if text != "" {
			return text
		}
	}
	return ""
}
