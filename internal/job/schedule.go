package job

import (
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/provider"
)

const (
	// leastPause is the floor under every pause between looks.
	leastPause = 2 * time.Second
	// mostPause is the ceiling over every pause but the first. It also bounds
	// what is lost when a service gets faster than its history.
	mostPause = 30 * time.Second
	// lambda is how many seconds of delay one request is worth.
	lambda = 0.2
)

// Plan is what decides about the looks at one job.
type Plan struct {
	// Schedule is for jobs of its kind.
	Schedule *Schedule
	// Fixed, when positive, is the pause the user asked for.
	Fixed time.Duration
}

// Next is the pause before the next look at a job of some age.
func Next(plan Plan, age time.Duration) time.Duration {
	if plan.Fixed > 0 {
		return plan.Fixed
	}
	return plan.Schedule.pause(max(0, age))
}

// Schedule places the looks at jobs of one kind where they cost least: expected
// delay in seconds plus lambda times the expected number of requests (optimum
// inspection; Barlow, Hunter and Proschan, 1963). It does not change.
type Schedule struct {
	poll        provider.Poll
	least, most time.Duration
	// usual is when most such jobs end, zero when that is unknown.
	usual catalog.Span
	// step is the width of a cell of age, gaps the pause in each cell.
	step time.Duration
	gaps []time.Duration
}

// NewSchedule plans for jobs of which some took the past durations. Too few of
// them count for nothing beside the usual span, which may be zero. The poll
// bounds the pauses.
func NewSchedule(past []time.Duration, usual catalog.Span, poll provider.Poll) *Schedule {
	s := &Schedule{poll: poll, least: poll.Min, most: poll.Max}
	if s.least <= 0 {
		s.least = leastPause
	}
	if s.most <= 0 {
		s.most = mostPause
	}
	s.most = max(s.most, s.least)
	law := believe(past, usual)
	s.usual = law.known
	s.step = cellWidth(law.horizon, s.least)
	s.gaps = s.optimum(tabulate(law, s.step), law.late)
	return s
}

// pause looks the age up. Beyond the table it grows with the age.
func (s *Schedule) pause(age time.Duration) time.Duration {
	cell := int(age / s.step)
	last := len(s.gaps) - 1
	gap := s.gaps[min(cell, last)]
	if cell > last {
		gap = max(gap, age/10)
	}
	least, most := s.reach(age)
	return min(max(gap, least), most)
}

// reach bounds the pause at an age. The first look is never before the poll's
// First. Until jobs usually begin to end, pauses may be longer than the poll's
// Max, though not longer than mostPause: such looks only guard against a
// service that became faster.
func (s *Schedule) reach(age time.Duration) (least, most time.Duration) {
	early := min(mostPause, s.usual.Low-age)
	switch {
	case age < s.poll.First:
		least = max(s.poll.First-age, s.least)
		return least, max(least, early)
	case age < s.usual.Low:
		return s.least, max(s.most, early)
	}
	return s.least, s.most
}
