package job

import (
	"strconv"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// ChargedBy says what is known of a job for money: a task that exists was
// bought. Whether one that failed costs anything differs by provider; where
// the provider does not tell its cost nobody here knows.
func ChargedBy(job kling.Job) fault.Charge {
	switch job.State {
	case kling.Queued, kling.Running, kling.Succeeded, kling.Lost:
		return fault.Charged
	case kling.Failed:
		return chargedByCost(job.Cost)
	case kling.Unknown, kling.Submitting:
		return fault.MayBeCharged
	case kling.Draft, kling.Refused:
		return fault.NotCharged
	}
	return fault.MayBeCharged
}

func chargedByCost(cost *kling.Cost) fault.Charge {
	if cost == nil {
		return fault.MayBeCharged
	}
	amount, err := strconv.ParseFloat(cost.Amount, 64)
	switch {
	case err == nil && amount > 0:
		return fault.Charged
	case err == nil && amount == 0:
		return fault.NotCharged
	}
	return fault.MayBeCharged
}
