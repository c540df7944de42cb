package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/klingctl/klingctl/internal/media"
)

// watcher ends a request that brings less than progressBytes in its time. A
// limit on the whole would cut honest downloads, one on each read would let a
// byte a second go on for ever.
type watcher struct {
	timer  *time.Timer
	idle   time.Duration
	gained int
	cancel context.CancelCauseFunc
}

func watch(ctx context.Context, idle time.Duration) (context.Context, *watcher) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &watcher{idle: idle, cancel: cancel, timer: time.AfterFunc(idle, func() { cancel(errIdle) })}
}

func (w *watcher) got(n int) {
	if w.gained += n; w.gained >= progressBytes {
		w.gained = 0
		w.timer.Reset(w.idle)
	}
}

func (w *watcher) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// waiting is how many blocks may lie between the copy and the digest. Each of
// the two has one more in its hands.
const waiting = 2

// filled is a block and how much of it the connection has brought.
type filled struct {
	block *block
	n     int
}

// receive appends the body of an answer to the part. A second goroutine makes
// the digest of what was written, so that the connection does not wait for it.
func (d *download) receive(ctx context.Context, w *watcher, res *http.Response) *trouble {
	written, hashed := make(chan filled, waiting), make(chan struct{})
	go func() {
		defer close(hashed)
		for f := range written {
			d.part.sum.Write(f.block[:f.n])
			d.blocks.giveBack(f.block)
		}
	}()
	defer func() {
		close(written)
		<-hashed
	}()

	start := d.part.size
	for {
		into := d.blocks.take()
		n, err := res.Body.Read(into[:])
		if failed := d.append(w, into[:n]); failed != nil {
			d.blocks.giveBack(into)
			return failed
		}
		written <- filled{into, n}
		if err != nil {
			return d.ended(ctx, res, start, err)
		}
	}
}

// append writes what came to the end of the part.
func (d *download) append(w *watcher, came []byte) *trouble {
	if len(came) == 0 {
		return nil
	}
	w.got(len(came))
	if d.part.size+int64(len(came)) > d.options.MaxBytes {
		return d.tooLong(fmt.Sprintf("it goes on after %d bytes", d.options.MaxBytes))
	}
	looked := d.part.size >= looksLike
	if err := d.part.write(came); err != nil {
		return diskTrouble(err)
	}
	d.options.Progress(d.part.size, d.part.origin.Length)
	if !looked && d.part.size >= looksLike {
		// What is no video is not fetched to its end.
		_, err := media.CheckMP4(d.part.file, d.part.size)
		if errors.Is(err, media.ErrNotVideo) {
			return &trouble{next: giveUp, useless: true, err: err}
		}
	}
	return nil
}

// looksLike is how many bytes tell a video from a web page.
const looksLike = 8

// ended judges why a body came to its end.
func (d *download) ended(ctx context.Context, res *http.Response, start int64, err error) *trouble {
	switch {
	case errors.Is(context.Cause(ctx), errIdle):
		return &trouble{next: tryAgain, err: errIdle}
	case !errors.Is(err, io.EOF):
		return &trouble{next: tryAgain, detail: "the connection was cut", err: hush(err)}
	}
	got, want := d.part.size-start, res.ContentLength
	length := d.part.origin.Length
	switch {
	case want >= 0 && got > want, length >= 0 && d.part.size > length:
		return &trouble{next: startOver, detail: "the server sent more than it said"}
	case d.part.size == 0 && d.endsHereAgain():
		return &trouble{next: giveUp, detail: "the server sent an empty file, twice"}
	case d.part.size == 0:
		return &trouble{next: tryAgain, detail: "the server sent an empty file"}
	case want >= 0 && got < want, length >= 0 && d.part.size < length:
		return &trouble{next: tryAgain, detail: "the connection was cut"}
	}
	return nil
}
