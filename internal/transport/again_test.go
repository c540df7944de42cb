package transport_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klingctl/klingctl/internal/transport"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"0": 0, "2": 2 * time.Second, " 7 ": 7 * time.Second, "86400": 24 * time.Hour,
		"99999999999999999999": transport.MaxRetryAfter, "9223372036854775807": transport.MaxRetryAfter,
		now.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
		now.Add(-time.Hour).Format(http.TimeFormat):       0,
		now.AddDate(9, 0, 0).Format(http.TimeFormat):      transport.MaxRetryAfter,
	} {
		if got, ok := transport.RetryAfter(value, now); got != want || !ok {
			t.Errorf("RetryAfter(%q) = %v, %v, want %v", value, got, ok, want)
		}
	}
	for _, value := range []string{"", "soon", "-1", "1.5", "+3", "0x10"} {
		if got, ok := transport.RetryAfter(value, now); ok {
			t.Errorf("RetryAfter(%q) = %v, want nothing", value, got)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120")
	f.Add("Fri, 20 Nov 2026 12:00:00 GMT")
	f.Fuzz(func(t *testing.T, value string) {
		if got, _ := transport.RetryAfter(value, time.Unix(1e9, 0)); got < 0 || got > transport.MaxRetryAfter {
			t.Errorf("RetryAfter(%q) = %v, out of bounds", value, got)
		}
	})
}

func TestBackoffDoublesUpToItsCap(t *testing.T) {
	t.Parallel()
	for try, want := range map[int]time.Duration{
		-1: time.Second, 0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second,
		6: 20 * time.Second, 100: 20 * time.Second,
	} {
		if got := transport.Backoff(try, 1); got != want {
			t.Errorf("Backoff(%d, 1) = %v, want %v", try, got, want)
		}
	}
	if got := transport.Backoff(3, 0.5); got != 2*time.Second {
		t.Errorf("Backoff(3, 0.5) = %v, want 2s", got)
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start, stopped := time.Now(), errors.New("stopped")
		if err := transport.Sleep(t.Context(), time.Hour); err != nil || time.Since(start) != time.Hour {
			t.Errorf("Sleep = %v after %v, want an hour", err, time.Since(start))
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(stopped) })
		start = time.Now()
		if err := transport.Sleep(ctx, time.Hour); !errors.Is(err, stopped) || time.Since(start) != time.Minute {
			t.Errorf("Sleep = %v after %v, want the cause after a minute", err, time.Since(start))
		}
	})
}
