package dialect

import (
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

// Accountant is a dialect that can tell what is left on the account.
type Accountant interface {
	// Balances encodes what has to be asked, one exchange after the other;
	// now ends questions about a span of time. It gives at least one call.
	Balances(now time.Time) []Call
	// Balanced decodes the answers in the order of the calls. They are judged
	// in that order, so the fault of the first answer that is no success is
	// given, whether or not the later ones are there. An empty list means
	// that the account holds nothing that the provider counts this way. No
	// fault says that anything was charged.
	Balanced(replies []Reply) ([]Amount, error)
}

// Unlimited is the amount of an account without a limit.
const Unlimited = "unlimited"

// Amount is what is left on an account, or in one of its resource packs.
type Amount struct {
	// Amount is plain decimal text of at most 8 places, with a minus for
	// what is owed, or Unlimited.
	Amount string
	// Unit is "credits", "units", a currency such as "USD", or "quota" where
	// only the operator of a gateway knows what is counted.
	Unit string
	// Name is that of the resource pack, "" where there is one account.
	Name string
	// Expires is when the rest can no longer be used, zero when unsaid.
	Expires time.Time
}

// places is how many decimals of an amount are kept. The smallest that any
// provider counts is a 2,000,000th of a dollar; what comes after is the noise
// of binary fractions.
const places = 8

// NewAmount is a value as text, rounded to 8 places, with its unit made safe
// to print.
func NewAmount(value *big.Rat, unit string) Amount {
	text := strings.TrimRight(value.FloatString(places), "0")
	if text = strings.TrimSuffix(text, "."); text == "-0" {
		text = "0"
	}
	return Amount{Amount: text, Unit: fault.SafeText(unit)}
}

// Decimal is the text as an exact number, perhaps negative; ok is false when
// it is none, or has more than 20 digits before the point.
func (t Text) Decimal() (value *big.Rat, ok bool) {
	digits, negative := strings.CutPrefix(string(t), "-")
	if strings.Trim(digits, "0123456789.eE+-") != "" {
		return nil, false
	}
	if strings.ContainsAny(digits, "eE") {
		// An exponent is kept away from exact numbers, which would spell it out.
		float, err := strconv.ParseFloat(digits, 64)
		if err != nil || float > 1e15 {
			return nil, false
		}
		digits = strconv.FormatFloat(float, 'f', -1, 64)
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole == "" || len(whole) > 20 || len(fraction) > 400 || strings.Trim(whole+fraction, "0123456789") != "" {
		return nil, false
	}
	value, ok = new(big.Rat).SetString(digits)
	if ok && negative {
		value.Neg(value)
	}
	return value, ok
}

// OneReply is the answer of an Accountant that asks a single question.
func OneReply(replies []Reply) (Reply, error) {
	if len(replies) != 1 {
		return Reply{}, WrongReplies(len(replies), 1)
	}
	return replies[0], nil
}

// WrongReplies is the fault of whoever did not make all exchanges.
func WrongReplies(got, want int) *fault.Error {
	return &fault.Error{Kind: fault.Internal, Detail: "the balance takes " + strconv.Itoa(want) + " answers, not " + strconv.Itoa(got)}
}

// ForBalance reads a fault as the answer to a question about the account: it
// buys nothing, and what was not found is the question itself, not a task.
func ForBalance(e *fault.Error) *fault.Error {
	e.Charged = fault.NotCharged
	if e.Kind == fault.NotFound {
		e.Kind = fault.Refused
	}
	return e
}
