package keyring_test

import (
	"sync"
	"sync/atomic"

	"github.com/klingctl/klingctl/internal/keyring"
	"github.com/klingctl/klingctl/internal/secret"
)

// canary is a key that may be seen nowhere.
const canary = "sk-canary-0123456789"

func bearerEntry() keyring.Entry {
	return keyring.Entry{Origin: "https://api.example.com", Bearer: secret.New(canary)}
}

// box is a ring in memory.
type box struct {
	lock  sync.Mutex
	texts map[string]string
	asked atomic.Int32
	// hang, unless nil, holds every call until it is closed.
	hang chan struct{}
	// garble is put behind every text that is given back.
	garble string
}

func (b *box) wait() {
	b.asked.Add(1)
	if b.hang != nil {
		<-b.hang
	}
}

// Get implements keyring.Ring.
func (b *box) Get(account string) (string, error) {
	b.wait()
	b.lock.Lock()
	defer b.lock.Unlock()
	text, ok := b.texts[account]
	if !ok {
		return "", keyring.ErrNotKept
	}
	return text + b.garble, nil
}

// Set implements keyring.Ring.
func (b *box) Set(account, text string) error {
	b.wait()
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.texts == nil {
		b.texts = map[string]string{}
	}
	b.texts[account] = text
	return nil
}

// Delete implements keyring.Ring.
func (b *box) Delete(account string) error {
	b.wait()
	b.lock.Lock()
	defer b.lock.Unlock()
	if _, ok := b.texts[account]; !ok {
		return keyring.ErrNotKept
	}
	delete(b.texts, account)
	return nil
}
