//go:build unix

package cmd

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// SIGKILL at random moments over batches of eight processes that share one
// ledger, as a shell loop with xargs -P 8 makes them.
func TestKillAtRandomMoments(t *testing.T) {
	t.Parallel()
	want := int64(16)
	if _, full := killRounds(t); full {
		want = 500
	}
	stage, book := newKillStage(t), &killBook{}
	seed := uint64(time.Now().UnixNano())
	var kills atomic.Int64
	for batch := 0; kills.Load() < want; batch += 2 {
		atOnce(2, 2, func(i int) {
			random := rand.New(rand.NewPCG(seed, uint64(batch+i))) //nolint:gosec // moments, no secrets
			killed, err := stage.killBatch(t, book, batch+i, random)
			if err != nil {
				t.Errorf("seed %d, batch %d: %v", seed, batch+i, err)
			}
			kills.Add(int64(killed))
		})
		if t.Failed() {
			break
		}
	}
	stage.judge(t, book)
}

// killBatch submits from eight processes and kills each at a moment of its own.
func (s *killStage) killBatch(t *testing.T, book *killBook, batch int, random *rand.Rand) (killed int, err error) {
	t.Helper()
	const processes, longest = 8, 400 * time.Millisecond
	name := fmt.Sprintf("batch-%d", batch)
	h, err := s.home(name, s.base)
	if err != nil {
		return 0, err
	}
	o := outcome{group: "random moments", name: name, offers: map[string]killOffer{}}
	ends := make(chan error, processes)
	for i := range processes {
		offer, prompt := h.offers[i%len(h.offers)], fmt.Sprintf("%s-%d", name, i)
		o.offers[prompt] = offer
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.Int64N(int64(longest))))
		defer cancel()
		command := h.command(ctx, h.submit(offer, prompt, prompt+".mp4"))
		go func() { ends <- command.Run() }()
	}
	for range processes {
		if killedBy(<-ends) {
			killed++
		}
	}
	o.killed = killed
	if o.jobs, err = h.settle(t.Context()); err != nil {
		return killed, err
	}
	book.add(o)
	return killed, os.RemoveAll(filepath.Join(s.root, name))
}
