package cmd

import (
	"context"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

const (
	// eventRoom is how many lines may wait for a slow reader before work does.
	eventRoom = 256
	// eventGrace is how long a reader has for what is left after a signal: one
	// that does not read must not keep the process from ending.
	eventGrace = 400 * time.Millisecond
)

// eventLines writes lines one by one, each at once, and apart from the work
// that they tell of.
type eventLines struct {
	queue chan []byte
	// written is closed when the last line is out, broken at the first that
	// could not be written, and late when time is up after a signal.
	written, broken, late chan struct{}
	// err is why a line could not be written, set before broken is closed.
	err error
	// release gives back what was taken of the process.
	release func()

	gate   sync.RWMutex
	closed bool
}

// newEventLines begins to write; ctx ends with a signal. Until it is closed, a
// reader that has gone is an error of a write, where by default it would end
// the process in the middle of its work.
func newEventLines(ctx context.Context, out io.Writer) *eventLines {
	l := &eventLines{
		queue:   make(chan []byte, eventRoom),
		written: make(chan struct{}), broken: make(chan struct{}), late: make(chan struct{}),
	}
	gone := make(chan os.Signal, 1)
	signal.Notify(gone, syscall.SIGPIPE)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(eventGrace, func() { close(l.late) }) })
	l.release = func() {
		stop()
		signal.Stop(gone)
	}
	go l.write(out)
	return l
}

func (l *eventLines) write(out io.Writer) {
	defer close(l.written)
	for line := range l.queue {
		if l.err != nil {
			continue
		}
		if _, l.err = out.Write(line); l.err != nil {
			close(l.broken)
		}
	}
}

// add hands a line over, from any goroutine. It waits for room.
func (l *eventLines) add(line []byte) {
	l.gate.RLock()
	defer l.gate.RUnlock()
	if l.closed {
		return
	}
	select {
	case l.queue <- line:
		return
	default:
	}
	select {
	case l.queue <- line:
	case <-l.late:
	}
}

// close waits until everything is written and gives back why it could not be.
func (l *eventLines) close() error {
	l.gate.Lock()
	if !l.closed {
		l.closed = true
		close(l.queue)
	}
	l.gate.Unlock()
	defer l.release()
	select {
	case <-l.written:
	case <-l.late:
	}
	return l.failed()
}

// failed is why a line could not be written, nil as long as all were.
func (l *eventLines) failed() error {
	select {
	case <-l.broken:
		return l.err
	default:
		return nil
	}
}
