package job

import (
	"container/heap"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

// watched is one job that a Watch looks at. Whoever has it out of the heap owns
// it alone.
type watched struct {
	job kling.Job
	// at is when to look next, place where it stands in the heap, -1 outside.
	at    time.Time
	place int
	// begun is when the last look began, heard what came of it.
	begun time.Time
	heard error
	// odd and fails count answers in a row, missed counts lists without it.
	odd, fails, missed int
	// alone asks for a look of its own even where there are lists.
	alone bool
	// done is set when nothing is left to wait for, err then says why.
	done bool
	err  error
}

// dueHeap orders jobs by the time of their next look.
type dueHeap []*watched

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }

// Swap implements heap.Interface.
func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push implements heap.Interface.
func (h *dueHeap) Push(x any) {
	if one, ok := x.(*watched); ok {
		one.place = len(*h)
		*h = append(*h, one)
	}
}

// Pop implements heap.Interface.
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	last.place = -1
	return last
}

// take removes a job from wherever it stands.
func (h *dueHeap) take(one *watched) { heap.Remove(h, one.place) }

// within finds those due before a moment, without a look at the others.
func (h dueHeap) within(limit time.Time) []*watched {
	var found []*watched
	for open := []int{0}; len(open) > 0; {
		i := open[len(open)-1]
		open = open[:len(open)-1]
		if i >= len(h) || h[i].at.After(limit) {
			continue
		}
		found = append(found, h[i])
		open = append(open, 2*i+1, 2*i+2)
	}
	return found
}
