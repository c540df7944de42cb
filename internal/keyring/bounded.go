package keyring

import (
	"context"
	"time"
)

// Bounded asks a ring that may hang. The first answer that does not come costs
// Patience; from then on the ring counts as silent and costs nothing more. It
// is safe for concurrent use.
type Bounded struct {
	ring Ring
	// turn holds one token: who has it may ask, and read and write silent.
	turn   chan struct{}
	silent bool
}

// NewBounded bounds a ring.
func NewBounded(ring Ring) *Bounded { return &Bounded{ring: ring, turn: make(chan struct{}, 1)} }

// Get gives the text of an account; errors are those of the ring, ErrSilent,
// and the cause of a context that ended.
func (b *Bounded) Get(ctx context.Context, account string) (string, error) {
	return b.ask(ctx, func() (string, error) { return b.ring.Get(account) })
}

// Set keeps a text, and looks whether the ring gives it back.
func (b *Bounded) Set(ctx context.Context, account, text string) error {
	kept, err := b.ask(ctx, func() (string, error) {
		if err := b.ring.Set(account, text); err != nil {
			return "", err
		}
		return b.ring.Get(account)
	})
	if err == nil && kept != text {
		err = errForgets
	}
	return err
}

// Delete forgets an account.
func (b *Bounded) Delete(ctx context.Context, account string) error {
	_, err := b.ask(ctx, func() (string, error) { return "", b.ring.Delete(account) })
	return err
}

// ask runs one call. A call that hangs cannot be ended: it is left alone, and
// ends with the process. One at a time asks, so that several who wait for a
// silent ring wait no longer than one.
func (b *Bounded) ask(ctx context.Context, call func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if b.silent {
		return "", ErrSilent
	}
	answered := make(chan answer, 1)
	go func() {
		text, err := call()
		answered <- answer{text, err}
	}()
	patience := time.NewTimer(Patience)
	defer patience.Stop()
	select {
	case got := <-answered:
		return got.text, got.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case <-patience.C:
		b.silent = true
		return "", ErrSilent
	}
}
