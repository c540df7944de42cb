package upload_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/upload"
)

// notes is a Memory in memory.
type notes struct {
	mu    sync.Mutex
	links map[string]upload.Link
	err   error
}

func newNotes() *notes { return &notes{links: map[string]upload.Link{}} }

func (n *notes) Recall(_ context.Context, place, sha256 string, _ time.Time) (upload.Link, bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	link, ok := n.links[place+" "+sha256]
	return link, ok, n.err
}

func (n *notes) Remember(_ context.Context, place, sha256 string, link upload.Link, _ time.Time) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.links[place+" "+sha256] = link
	return n.err
}

// shelf is a Host that keeps digests instead of images. Signed links are told
// by their time of signing.
type shelf struct {
	life   time.Duration
	signed bool
	now    func() time.Time

	mu      sync.Mutex
	images  map[string]bool
	uploads int
	renewed int
	deleted int
	// slow is how long an upload takes; fail makes it fail.
	slow time.Duration
	fail error
}

func newShelf(life time.Duration, signed bool) *shelf {
	return &shelf{life: life, signed: signed, now: time.Now, images: map[string]bool{}}
}

func (s *shelf) Name() string { return "shelf" }

func (s *shelf) Host(ctx context.Context, img media.Image) (upload.Link, error) {
	s.mu.Lock()
	s.uploads++
	s.images[img.SHA256] = true
	slow, fail := s.slow, s.fail
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		return upload.Link{}, ctx.Err()
	case <-time.After(slow):
	}
	if fail != nil {
		return upload.Link{}, fail
	}
	return s.link(img.SHA256), nil
}

func (s *shelf) link(sha256 string) upload.Link {
	now := s.now()
	link := upload.Link{URL: "https://shelf.example/" + sha256, Expires: now.Add(s.life), Method: "shelf"}
	if s.signed {
		link.URL += "?sig=" + now.Format(time.RFC3339Nano)
		link.Key = "shelf/" + sha256
	}
	return link
}

func (s *shelf) Renew(_ context.Context, link upload.Link) (upload.Link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sha256, ok := strings.CutPrefix(link.Key, "shelf/")
	if !ok || !s.images[sha256] {
		return upload.Link{}, &fault.Error{Kind: fault.NotFound}
	}
	s.renewed++
	return s.link(sha256), nil
}

func (s *shelf) Delete(_ context.Context, link upload.Link) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deleted++
	delete(s.images, strings.TrimPrefix(link.Key, "shelf/"))
	return nil
}

func TestTheSameImageIsSentOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		place := newShelf(24*time.Hour, false)
		place.slow = time.Second
		host := upload.Remembering(place, newNotes(), nil, time.Hour)
		var group sync.WaitGroup
		for i := range 32 {
			group.Go(func() {
				img := media.Image{SHA256: []string{"aa", "bb"}[i%2]}
				link, err := host.Host(t.Context(), img)
				if err != nil || link.URL != "https://shelf.example/"+img.SHA256 || link.Image != img {
					t.Errorf("got %v, %v; want the link to %s", link, err, img.SHA256)
				}
			})
		}
		group.Wait()
		if place.uploads != 2 {
			t.Errorf("sent %d times, want once for each of 2 images", place.uploads)
		}
	})
}

func TestARememberedLinkIsUsedWhileItLasts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		passed  time.Duration
		uploads int
	}{
		"at once":              {0, 1},
		"with just enough":     {23 * time.Hour, 1},
		"with too little left": {23*time.Hour + 1, 2},
		"expired":              {25 * time.Hour, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				place, memory, img := newShelf(24*time.Hour, false), newNotes(), media.Image{SHA256: "aa"}
				for range 2 { // two processes with one memory
					if _, err := upload.Remembering(place, memory, nil, time.Hour).Host(t.Context(), img); err != nil {
						t.Fatal(err)
					}
					<-time.After(test.passed)
				}
				if place.uploads != test.uploads {
					t.Errorf("sent %d times, want %d", place.uploads, test.uploads)
				}
			})
		})
	}
}

func TestSignedLinksAreNotStoredButSignedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		place, memory, img := newShelf(time.Hour, true), newNotes(), media.Image{SHA256: "aa", Source: "/home/me/a.png"}
		first, err := upload.Remembering(place, memory, nil, time.Minute).Host(t.Context(), img)
		if err != nil {
			t.Fatal(err)
		}
		want := upload.Link{Method: "shelf", Key: "shelf/aa", Expires: first.Expires}
		if got := memory.links["shelf aa"]; got != want {
			t.Errorf("remembered %#v with %q, want method, key and time only", got, got.URL)
		}
		<-time.After(2 * time.Hour)
		later := upload.Remembering(place, memory, nil, time.Minute)
		second, err := later.Host(t.Context(), img)
		if err != nil || place.uploads != 1 || place.renewed != 1 || second.URL == first.URL || second.Image != img {
			t.Errorf("got %v (%v) after %d uploads and %d signatures, want one of each and a new link", second, err, place.uploads, place.renewed)
		}
		clear(place.images) // somebody emptied the place
		if _, err := upload.Remembering(place, memory, nil, time.Minute).Host(t.Context(), img); err != nil || place.uploads != 2 {
			t.Errorf("got %v after %d uploads, want the image to be sent again", err, place.uploads)
		}
	})
}

func TestAFailedUploadIsNotRemembered(t *testing.T) {
	t.Parallel()
	place, memory := newShelf(time.Hour, false), newNotes()
	place.fail = &fault.Error{Kind: fault.Unavailable}
	host := upload.Remembering(place, memory, nil, 0)
	if _, err := host.Host(t.Context(), media.Image{SHA256: "aa"}); !fault.Is(err, fault.Unavailable) || len(memory.links) != 0 {
		t.Errorf("got %v and remembered %v, want the fault and nothing", err, memory.links)
	}
	place.fail = nil
	if _, err := host.Host(t.Context(), media.Image{SHA256: "aa"}); err != nil {
		t.Errorf("after a failure: %v", err)
	}
}

func TestWhoeverWaitsForATurnMayLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		place := newShelf(time.Hour, false)
		place.slow = time.Minute
		host, img := upload.Remembering(place, newNotes(), nil, 0), media.Image{SHA256: "aa"}
		leader, leave := context.WithTimeout(t.Context(), 30*time.Second)
		defer leave()
		impatient, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		var errs [3]error
		var group sync.WaitGroup
		for i, ctx := range []context.Context{leader, impatient, t.Context()} {
			group.Go(func() { _, errs[i] = host.Host(ctx, img) })
			synctest.Wait()
		}
		group.Wait()
		if errs[0] == nil || !fault.Is(errs[1], fault.Deadline) || errs[2] != nil || place.uploads != 2 {
			t.Errorf("got %v after %d uploads, want the first two to stop and the third to do it itself", errs, place.uploads)
		}
	})
}

func TestADeletedImageIsForgotten(t *testing.T) {
	t.Parallel()
	place, img := newShelf(time.Hour, true), media.Image{SHA256: "aa"}
	host := upload.Remembering(place, newNotes(), nil, 0)
	link, err := host.Host(t.Context(), img)
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Delete(t.Context(), link); err != nil || place.deleted != 1 {
		t.Errorf("got %v after %d deletes, want the place to hear of it", err, place.deleted)
	}
	if _, err := host.Host(t.Context(), img); err != nil || place.uploads != 2 {
		t.Errorf("got %v after %d uploads, want a deleted image to be sent again", err, place.uploads)
	}
	other := upload.Remembering(place, newNotes(), nil, 0)
	for _, sha256 := range []string{"", "aa"} {
		link := upload.Link{Method: "shelf", Key: "shelf/aa", Image: media.Image{SHA256: sha256}}
		if err := other.Delete(t.Context(), link); err != nil {
			t.Error(err)
		}
	}
	if place.deleted != 3 {
		t.Errorf("%d deletes, want links of another process to be deleted as well", place.deleted)
	}
}

func TestOneRenewalServesAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		place, memory, img := newShelf(time.Hour, true), newNotes(), media.Image{SHA256: "aa"}
		host := upload.Remembering(place, memory, nil, time.Minute)
		old, err := host.Host(t.Context(), img)
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(2 * time.Hour)
		var fresh [4]upload.Link
		var group sync.WaitGroup
		for i := range fresh {
			group.Go(func() {
				var err error
				if fresh[i], err = host.Renew(t.Context(), old); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if place.renewed != 1 || fresh[0] != fresh[3] || fresh[0].URL == old.URL || place.uploads != 1 {
			t.Errorf("got %d signatures and %d uploads, want one of each", place.renewed, place.uploads)
		}
	})
}

func TestAMemoryThatFailsIsTold(t *testing.T) {
	t.Parallel()
	memory := newNotes()
	memory.err = errors.New("disk full")
	place := newShelf(time.Hour, false)
	_, err := upload.Remembering(place, memory, nil, 0).Host(t.Context(), media.Image{SHA256: "aa"})
	if !errors.Is(err, memory.err) || place.uploads != 0 {
		t.Errorf("got %v after %d uploads, want the memory's error first", err, place.uploads)
	}
}

// Whatever happens in whatever order: a link that is handed out works for long
// enough, and no signature is stored.
func TestLinksHandedOutAlwaysLast(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		place := newShelf(10*time.Hour, rapid.Bool().Draw(t, "signed"))
		place.now = func() time.Time { return now }
		memory := newNotes()
		host := upload.Remembering(place, memory, place.now, 3*time.Hour)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			img := media.Image{SHA256: rapid.SampledFrom([]string{"aa", "bb"}).Draw(t, "image")}
			switch rapid.SampledFrom([]string{"host", "pass", "restart", "delete", "lose"}).Draw(t, "step") {
			case "host":
				link, err := host.Host(context.Background(), img) //nolint:usetesting // rapid.T has no context
				if err != nil || link.Expires.Sub(now) < 3*time.Hour || link.URL == "" {
					t.Fatalf("got %v until %v at %v (%v), want it to last", link, link.Expires, now, err)
				}
				if place.signed && !place.images[img.SHA256] {
					t.Fatalf("%v leads nowhere", link)
				}
			case "pass":
				now = now.Add(time.Duration(rapid.IntRange(0, 12).Draw(t, "hours")) * time.Hour)
			case "restart":
				host = upload.Remembering(place, memory, place.now, 3*time.Hour)
			case "delete":
				if err := host.Delete(context.Background(), place.link(img.SHA256)); err != nil { //nolint:usetesting // rapid.T has no context
					t.Fatal(err)
				}
				host = upload.Remembering(place, memory, place.now, 3*time.Hour)
			case "lose":
				clear(memory.links)
			}
			for name, link := range memory.links {
				if link.Key != "" && link.URL != "" {
					t.Fatalf("%s: a signed link was stored", name)
				}
			}
		}
	})
}
