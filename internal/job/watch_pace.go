package job

import "time"

const (
	// mostLooks and leastLooks bound the looks a second at one provider, all
	// jobs together.
	mostLooks  = 20.0
	leastLooks = 0.2
	// raise is how much the bound grows after each raiseEvery without a
	// complaint: from half back to all takes minutes.
	raise      = mostLooks / 40
	raiseEvery = 5 * time.Second
	// looksAtOnce is how many looks are under way at a provider at a time, and
	// how many may leave without a pause between them.
	looksAtOnce = 8
)

// pace spaces the looks at one provider (GCRA). It halves when the provider
// says that it is busy, and recovers slowly.
type pace struct {
	// rate is looks a second.
	rate float64
	// even is when the next look would leave, were all evenly spaced.
	even time.Time
	// lowered and raised are when the rate last changed.
	lowered, raised time.Time
}

func newPace() pace { return pace{rate: mostLooks} }

func (p *pace) interval() time.Duration { return time.Duration(float64(time.Second) / p.rate) }

// next is when a look may leave.
func (p *pace) next() time.Time { return p.even.Add(-(looksAtOnce - 1) * p.interval()) }

// take counts requests that leave.
func (p *pace) take(now time.Time, requests int) {
	if p.even.Before(now) {
		p.even = now
	}
	p.even = p.even.Add(time.Duration(requests) * p.interval())
}

// busy holds all looks back for as long as the provider asked, and lets them
// leave evenly from then on. Several looks that left together count as one
// complaint.
func (p *pace) busy(now, begun time.Time, after time.Duration) {
	if !begun.Before(p.lowered) {
		p.rate = max(leastLooks, p.rate/2)
		p.lowered, p.raised = now, now
	}
	p.hold(now, min(max(after, leastBusy), mostBusy))
}

// hold lets no look leave for a while.
func (p *pace) hold(now time.Time, pause time.Duration) {
	if even := now.Add(pause + (looksAtOnce-1)*p.interval()); p.even.Before(even) {
		p.even = even
	}
}

// well lets the rate grow back.
func (p *pace) well(now time.Time) {
	if p.rate < mostLooks && now.Sub(p.raised) >= raiseEvery {
		p.rate = min(mostLooks, p.rate+raise)
		p.raised = now
	}
}

// turned follows a clock that was set back.
func (p *pace) turned(by time.Duration) {
	p.even, p.lowered, p.raised = p.even.Add(-by), p.lowered.Add(-by), p.raised.Add(-by)
}
