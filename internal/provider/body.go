package provider

import (
	"errors"
	"io"
	"sync"

	"github.com/klingctl/klingctl/internal/dialect"
)

// sentBody is a request body that is opened at most once, reports progress,
// and remembers a failure to read it here: then the request never became
// complete, and no job can have come of it.
type sentBody struct {
	body  dialect.Body
	touch func()

	mu     sync.Mutex
	opened io.ReadCloser
	closed bool
	err    error
}

var errClosed = errors.New("the request body was closed")

// Read implements io.Reader.
func (b *sentBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, errClosed
	}
	if b.opened == nil {
		b.opened = b.body.Open()
	}
	n, err := b.opened.Read(p)
	if n > 0 {
		b.touch()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// Close implements io.Closer.
func (b *sentBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.opened == nil {
		return nil
	}
	return b.opened.Close()
}

// failed is the error that reading the body gave, if any.
func (b *sentBody) failed() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}
