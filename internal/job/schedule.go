package job

import (
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/provider"
)

const (
	// leastPause is the floor under every pause between looks.
	leastPause = 2 * time.Second
	// mostPause is the ceiling over every pause but the first.
	mostPause = 30 * time.Second
	// looksInSpan is how many looks the usual span of generation times gets.
	looksInSpan = 8
)

// Plan bounds the looks at one job.
type Plan struct {
	// Usual is when such jobs end, counted from their submission.
	Usual catalog.Span
	// Poll bounds the pauses.
	Poll provider.Poll
	// Fixed, when positive, is the pause the user asked for.
	Fixed time.Duration
}

// Next is the pause before the next look at a job of some age. The first look
// comes when the earliest such jobs have ended; then a few looks cover the
// usual span, and after it the pauses grow with the age of the job.
func Next(plan Plan, age time.Duration) time.Duration {
	if plan.Fixed > 0 {
		return plan.Fixed
	}
	least := plan.Poll.Min
	if least <= 0 {
		least = leastPause
	}
	most := max(plan.Poll.Max, least)
	if plan.Poll.Max <= 0 {
		most = max(mostPause, least)
	}
	first := max(plan.Poll.First, plan.Usual.Low)
	switch {
	case age < first:
		return max(first-age, least)
	case plan.Usual.High > 0 && age < plan.Usual.High:
		return min(max((plan.Usual.High-plan.Usual.Low)/looksInSpan, least), most)
	}
	return min(max(age/10, least), most)
}
