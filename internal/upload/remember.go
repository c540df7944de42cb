package upload

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
)

// Remembering makes a host send the same image once: a link that was made
// before, by this process or another, is used again when it works for at least
// atLeast longer. Of presigned links bucket and key are remembered and signed
// again. Within a process the same image is hosted by one caller at a time;
// two processes that host it at once both do so, which is harmless.
//
// Delete forgets the link and reaches the host. Whether somebody else still
// needs the image is for the caller to know.
//
// A host whose links live no longer than atLeast is asked every time.
func Remembering(host Host, memory Memory, now func() time.Time, atLeast time.Duration) Host {
	return &remembering{host: host, memory: memory, now: clock(now), atLeast: atLeast, images: map[string]*hosted{}}
}

type remembering struct {
	host    Host
	memory  Memory
	now     func() time.Time
	atLeast time.Duration

	mu     sync.Mutex
	images map[string]*hosted
}

// hosted is what this process knows of one image. Its fields belong to whoever
// holds turn.
type hosted struct {
	turn chan struct{}
	link Link
}

// Name implements Host.
func (r *remembering) Name() string { return r.host.Name() }

// Host implements Host.
func (r *remembering) Host(ctx context.Context, img media.Image) (Link, error) {
	known, err := r.take(ctx, img.SHA256)
	if err != nil {
		return Link{}, err
	}
	defer func() { <-known.turn }()
	link := known.link
	if !r.lasts(link) {
		if link, err = r.find(ctx, img); err != nil {
			return Link{}, err
		}
	}
	known.link, link.Image = link, img
	return link, nil
}

// take waits for its turn with an image.
func (r *remembering) take(ctx context.Context, sha256 string) (*hosted, error) {
	r.mu.Lock()
	known := r.images[sha256]
	if known == nil {
		known = &hosted{turn: make(chan struct{}, 1)}
		r.images[sha256] = known
	}
	r.mu.Unlock()
	select {
	case known.turn <- struct{}{}:
		return known, nil
	case <-ctx.Done():
		return nil, wire{subject: r.host.Name()}.stopped(ctx)
	}
}

func (r *remembering) lasts(link Link) bool {
	return link.URL != "" && !link.Expires.Before(r.now().Add(r.atLeast))
}

// find looks into the memory, and hosts the image when that does not help.
func (r *remembering) find(ctx context.Context, img media.Image) (Link, error) {
	link, ok, err := r.memory.Recall(ctx, r.Name(), img.SHA256, r.now())
	switch {
	case err != nil:
		return Link{}, fmt.Errorf("recall where the image is hosted: %w", err)
	case ok && link.Key != "":
		link.Image = img
		link, err = r.host.Renew(ctx, link)
		if err == nil {
			return link, r.keep(ctx, img.SHA256, link)
		}
		if !fault.Is(err, fault.NotFound) {
			return Link{}, err
		}
	case ok && r.lasts(link):
		return link, nil
	}
	if link, err = r.host.Host(ctx, img); err != nil {
		return Link{}, err
	}
	return link, r.keep(ctx, img.SHA256, link)
}

// keep remembers what may be stored of a link.
func (r *remembering) keep(ctx context.Context, sha256 string, link Link) error {
	link.Image = media.Image{}
	if link.Key != "" {
		link.URL = ""
	}
	if err := r.memory.Remember(ctx, r.Name(), sha256, link, r.now()); err != nil {
		return fmt.Errorf("remember where the image is hosted: %w", err)
	}
	return nil
}

// Renew implements Host.
func (r *remembering) Renew(ctx context.Context, link Link) (Link, error) {
	img := link.Image
	if img.SHA256 == "" {
		return r.host.Renew(ctx, link)
	}
	known, err := r.take(ctx, img.SHA256)
	if err != nil {
		return Link{}, err
	}
	defer func() { <-known.turn }()
	// Somebody else may have renewed it already.
	if known.link.URL != link.URL && r.lasts(known.link) {
		link = known.link
		link.Image = img
		return link, nil
	}
	if link, err = r.host.Renew(ctx, link); err != nil {
		return Link{}, err
	}
	known.link, link.Image = link, img
	return link, r.keep(ctx, img.SHA256, link)
}

// Delete implements Host.
func (r *remembering) Delete(ctx context.Context, link Link) error {
	if link.Image.SHA256 == "" {
		return r.host.Delete(ctx, link)
	}
	known, err := r.take(ctx, link.Image.SHA256)
	if err != nil {
		return err
	}
	defer func() { <-known.turn }()
	// A host that keeps its images keeps its links as well.
	known.link = Link{}
	return r.host.Delete(ctx, link)
}
