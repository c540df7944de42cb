package job

import (
	"sort"
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/provider"
)

const (
	// leastPause is the floor under every pause between looks.
	leastPause = 2 * time.Second
	// mostPause is the ceiling over every pause from when jobs usually begin to
	// end.
	mostPause = 30 * time.Second
	// mostEarly is the ceiling before that. It bounds what is lost when a job
	// fails early, or a service gets faster than the law allows for.
	mostEarly = time.Minute
	// overdue is how many pauses fit at most into the time since a job was late,
	// so that a service that became slower is not asked without end.
	overdue = 10
	// mostMoved is how much a look may come sooner or later by the phase.
	mostMoved = 900 * time.Millisecond
	// mostSpread is over how much time first looks spread that may not come
	// before the poll's First.
	mostSpread = 3 * time.Second
)

// Plan is what decides about the looks at one job.
type Plan struct {
	// Schedule is for jobs of its kind.
	Schedule *Schedule
	// Phase, from 0 to below 1, moves all looks at one job a little, so that
	// many that began together are not looked at together.
	Phase float64
	// Fixed, when positive, is the pause the user asked for.
	Fixed time.Duration
}

// Next is the pause before the next look at a job of some age.
func Next(plan Plan, age time.Duration) time.Duration {
	if plan.Fixed > 0 {
		return plan.Fixed
	}
	return plan.Schedule.pause(max(0, age), plan.Phase)
}

// Schedule places the looks at jobs of one kind: as many as a fixed pace would
// make, where they shorten the expected delay most (optimum inspection; Barlow,
// Hunter and Proschan, 1963). It does not change.
type Schedule struct {
	poll        provider.Poll
	least, most time.Duration
	// usual is when most such jobs end, zero when that is unknown.
	usual catalog.Span
	// late is an age that nine in ten do not reach.
	late time.Duration
	// looks are the best ages for a look, the last beyond all that is planned.
	looks []time.Duration
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
	s.usual, s.late = law.known, law.late
	s.looks = s.spend(tabulate(law, s.least))
	return s
}

// pause is until the next look that a job of this phase has. Beyond the last it
// grows with the age.
func (s *Schedule) pause(age time.Duration, phase float64) time.Duration {
	last := len(s.looks) - 1
	next := sort.Search(last, func(i int) bool { return s.moved(i, phase) > age })
	// The bounds are those at the age that was planned for.
	least, most := s.reach(max(0, age-s.moved(last, phase)+s.looks[last]))
	switch {
	case next == last && last == 0:
		return max(s.moved(0, phase)-age, most)
	case next == last:
		return min(max(s.looks[last]-s.looks[last-1], age/10, least), most)
	case next == 0:
		return max(s.moved(0, phase)-age, s.least)
	}
	return min(max(s.moved(next, phase)-age, s.least), most)
}

// moved is when a job of this phase has one of the looks: a little before or
// after the best age, but not before the poll's First.
func (s *Schedule) moved(i int, phase float64) time.Duration {
	leeway := min(mostMoved, s.least/2)
	soonest := max(s.looks[i]-leeway, s.poll.First)
	latest := max(s.looks[i]+leeway, soonest+max(leeway*4/3, min(mostSpread, s.poll.First/20)))
	return soonest + time.Duration(phase*float64(latest-soonest))
}

// reach bounds the pause at an age. The first look is never before the poll's
// First. Until jobs usually begin to end, pauses may be longer than the poll's
// Max, for such looks only guard against what the history does not know. A job
// that is late is looked at ever more seldom.
func (s *Schedule) reach(age time.Duration) (least, most time.Duration) {
	early := min(mostEarly, s.usual.Low-age)
	switch {
	case age < s.poll.First:
		least = max(s.poll.First-age, s.least)
		return least, max(least, early)
	case age < s.usual.Low:
		return s.least, max(s.most, early)
	case age > s.late:
		return max(s.least, min(s.most, (age-s.late)/overdue)), s.most
	}
	return s.least, s.most
}
