package fetch

import "sync"

// bufferSize is the best of the sizes measured for downloads.
const bufferSize = 256 << 10

type block = [bufferSize]byte

// blocks is what all downloads of a Fetcher read into. Many small files at once
// would be mostly garbage without it.
type blocks struct{ pool sync.Pool }

func (b *blocks) take() *block {
	if used, ok := b.pool.Get().(*block); ok {
		return used
	}
	return new(block)
}

func (b *blocks) giveBack(used *block) { b.pool.Put(used) }
