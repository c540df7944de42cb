package ledger

import (
	"context"
	"slices"
	"sync"
)

// maxGroup bounds how many changes share a commit, and with it how long other
// processes wait for the lock.
const maxGroup = 256

// queue is where changes wait while a transaction runs. The next transaction
// takes all of them, so that many goroutines wait for the disk once and one
// alone waits for nothing else. The goroutine that finds nobody at work leads:
// it begins, lets each one of its group do its part in its own goroutine, and
// commits; then it hands the lead to the first who came meanwhile.
type queue struct {
	mu      sync.Mutex
	busy    bool
	waiting []*member
}

// member is a change on its way into a transaction.
type member struct {
	ctx context.Context //nolint:containedctx // lives as long as the call that it belongs to
	do  func(tx) error
	// calls tell a member that waits what comes next; over says that its part
	// is over, also when it panicked.
	calls chan call
	over  chan struct{}
	// done is set when the part was done without an error, torn when the
	// transaction did not survive it.
	done, torn bool
	err        error
}

type call int

const (
	// yours: the transaction is at this member's service now.
	yours call = iota
	// lead: begin a transaction for those who wait.
	lead
	// answered: the transaction is over, err says how.
	answered
)

// enter reports whether the member is to lead; else it waits for a call.
func (q *queue) enter(m *member) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.busy {
		q.busy = true
		return true
	}
	m.calls, m.over = make(chan call, 1), make(chan struct{})
	q.waiting = append(q.waiting, m)
	return false
}

// leave takes back a member that waits, if it still does.
func (q *queue) leave(m *member) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, m)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// take gives those who wait to the one that leads.
func (q *queue) take() []*member {
	q.mu.Lock()
	defer q.mu.Unlock()
	count := min(len(q.waiting), maxGroup-1)
	taken := slices.Clone(q.waiting[:count])
	q.waiting = slices.Delete(q.waiting, 0, count)
	return taken
}

// pass hands the lead on.
func (q *queue) pass() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.busy = false
		return
	}
	next := q.waiting[0]
	q.waiting = slices.Delete(q.waiting, 0, 1)
	next.calls <- lead
}
