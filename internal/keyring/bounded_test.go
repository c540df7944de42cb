package keyring_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/keyring"
)

// A keyring that hangs costs three seconds, once, however many ask it.
func TestASilentKeyringCostsThreeSecondsOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ring := &box{hang: make(chan struct{})}
		bounded := keyring.NewBounded(ring)
		begun := time.Now()
		var asking sync.WaitGroup
		for range 5 {
			asking.Go(func() {
				if _, err := bounded.Get(t.Context(), "kie"); !errors.Is(err, keyring.ErrSilent) {
					t.Errorf("Get = %v, want ErrSilent", err)
				}
			})
		}
		asking.Wait()
		if err := bounded.Set(t.Context(), "kie", "x"); !errors.Is(err, keyring.ErrSilent) {
			t.Errorf("Set = %v, want ErrSilent", err)
		}
		if err := bounded.Delete(t.Context(), "kie"); !errors.Is(err, keyring.ErrSilent) {
			t.Errorf("Delete = %v, want ErrSilent", err)
		}
		close(ring.hang)
		if took := time.Since(begun); took != 3*time.Second || ring.asked.Load() != 1 {
			t.Errorf("it took %s and asked %d times, want 3 s and once", took, ring.asked.Load())
		}
	})
}

// A signal ends the waiting; the keyring may still be asked later.
func TestAnInterruptEndsTheWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ring := &box{hang: make(chan struct{}), texts: map[string]string{"kie": "text"}}
		bounded := keyring.NewBounded(ring)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		if _, err := bounded.Get(ctx, "kie"); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != time.Second {
			t.Errorf("Get = %v after %s", err, time.Since(begun))
		}
		close(ring.hang)
		if text, err := bounded.Get(t.Context(), "kie"); text != "text" || err != nil {
			t.Errorf("the next Get = %q, %v", text, err)
		}
	})
}

func TestBoundedHandsOn(t *testing.T) {
	t.Parallel()
	bounded := keyring.NewBounded(&box{})
	if _, err := bounded.Get(t.Context(), "kie"); !errors.Is(err, keyring.ErrNotKept) {
		t.Errorf("Get = %v, want ErrNotKept", err)
	}
	if err := bounded.Set(t.Context(), "kie", "text"); err != nil {
		t.Error(err)
	}
	if text, err := bounded.Get(t.Context(), "kie"); text != "text" || err != nil {
		t.Errorf("Get = %q, %v", text, err)
	}
	if err := bounded.Delete(t.Context(), "kie"); err != nil {
		t.Error(err)
	}
	if _, err := bounded.Get(t.Context(), "kie"); !errors.Is(err, keyring.ErrNotKept) {
		t.Errorf("Get after Delete = %v, want ErrNotKept", err)
	}
}

// Some keyrings cut or change what they are given; a login must not pass for
// one that worked.
func TestAKeyringThatChangesTheKeyIsFound(t *testing.T) {
	t.Parallel()
	err := keyring.NewBounded(&box{garble: "x"}).Set(t.Context(), "kie", canary)
	if err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("Set = %v, want an error without the key", err)
	}
}
