package aimlapi

import (
	"strings"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// forbidden is the status of an account without money, and of other things.
const forbidden = 403

// fault names an error by its HTTP status.
func (g generation) fault(reply dialect.Reply) *fault.Error {
	name, text := g.problem()
	if g.Message != "" {
		text = string(g.Message)
	}
	f := dialect.StatusFault(reply, text, name)
	f.RequestID = g.requestID(reply)
	if reply.Status == forbidden && isMoney(text) {
		f.Kind = fault.Credit
	}
	return f
}

// createFault is the fault of a create. The free tier's hourly allowance is
// refused with the status of a rate limit, and waiting seconds does not help.
func (g generation) createFault(reply dialect.Reply) *fault.Error {
	f := dialect.ForCreate(g.fault(reply))
	if f.Kind == fault.Busy && strings.HasPrefix(strings.ToLower(f.Detail), "free-tier limit") {
		f.Kind = fault.Credit
	}
	return f
}

// isMoney recognises the texts of a 403 that a payment would cure.
func isMoney(text string) bool {
	text = strings.ToLower(text)
	for _, word := range []string{"credit", "balance", "fund", "quota", "top up", "top-up", "billing", "payment", "plan limit", "run out of"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
