package job_test

import (
	priority "container/heap"
	"math/rand/v2"
	"time"
)

// A list of tasks holds this many, newest first, ended or not; who asks for one
// takes in all that is due in the next few seconds.
const (
	listed = 500
	slack  = 5 * time.Second
)

// steady is a steady state: as many jobs as end begin, and one process looks at
// all of them.
type steady struct {
	world
	inFlight int
}

// pending is a job that was not yet seen to have ended.
type pending struct {
	number          int
	begun, end, due time.Duration
	looks           int
	pause           pacer
}

// byDue orders jobs by their next look.
type byDue []*pending

func (b byDue) Len() int           { return len(b) }
func (b byDue) Less(i, j int) bool { return b[i].due < b[j].due }
func (b byDue) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

func (b *byDue) Push(x any) {
	if p, ok := x.(*pending); ok {
		*b = append(*b, p)
	}
}

func (b *byDue) Pop() any {
	last := (*b)[len(*b)-1]
	*b = (*b)[:len(*b)-1]
	return last
}

// observer is the process that looks.
type observer struct {
	due      byDue
	created  int
	requests int
	lags     []float64
}

// observe simulates ten thousand jobs after one history. With lists, one request
// sees a page of them; else a request sees one job.
func (c steady) observe(s schedule, lists bool) figures {
	r := rand.New(rand.NewPCG(1, 2))
	past := c.remembered(r)
	begin := s.with(r, past)
	mean := time.Duration(0)
	for range 1000 {
		mean += c.now(r) / 1000
	}
	var o observer
	// What happens before all are in flight and mixed does not count.
	warm, jobs := 3*c.inFlight, 10000
	next := time.Duration(0)
	for o.created < warm+jobs {
		if len(o.due) == 0 || next <= o.due[0].due {
			o.add(&pending{begun: next, end: next + c.now(r), pause: begin()})
			next += time.Duration(r.ExpFloat64() * float64(mean) / float64(c.inFlight))
			if o.created == warm {
				o.requests, o.lags = 0, nil
			}
			continue
		}
		o.look(lists)
	}
	return figuresOf(o.lags, o.requests)
}

func (o *observer) add(p *pending) {
	p.number = o.created
	o.created++
	p.due = p.begun + p.pause(0, 0)
	priority.Push(&o.due, p)
}

// look does what is due now.
func (o *observer) look(lists bool) {
	now := o.due[0].due
	if !lists {
		o.requests++
		o.see(now, 0)
		return
	}
	oldest := o.created
	for _, p := range o.due {
		if p.due <= now+slack {
			oldest = min(oldest, p.number)
		}
	}
	pages := (o.created-oldest-1)/listed + 1
	o.requests += pages
	seen := o.created - pages*listed
	var rest byDue
	for _, p := range o.due {
		if p.number >= seen && p.end <= now {
			o.lags = append(o.lags, (now - p.end).Seconds())
			continue
		}
		if p.due <= now+slack {
			p.again(now)
		}
		rest = append(rest, p)
	}
	o.due = rest
	priority.Init(&o.due)
}

// see looks at one job of the heap.
func (o *observer) see(now time.Duration, i int) {
	p := o.due[i]
	if p.end <= now {
		priority.Remove(&o.due, i)
		o.lags = append(o.lags, (now - p.end).Seconds())
		return
	}
	p.again(now)
	priority.Fix(&o.due, i)
}

func (p *pending) again(now time.Duration) {
	p.looks++
	p.due = now + p.pause(now-p.begun, p.looks)
}
