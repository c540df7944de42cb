package transport

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// First and longest pause of Backoff.
const (
	backoffBase = time.Second
	backoffCap  = 20 * time.Second
)

// MaxRetryAfter caps what a server may ask for with Retry-After.
const MaxRetryAfter = 7 * 24 * time.Hour

// Backoff is full jitter: a random share, in [0, 1), of a pause that doubles
// with each try from 1 s up to 20 s. try counts from 1.
func Backoff(try int, share float64) time.Duration {
	ceiling := backoffCap
	if doublings := max(try, 1) - 1; doublings < 5 {
		ceiling = min(backoffBase<<doublings, backoffCap)
	}
	return time.Duration(share * float64(ceiling))
}

// RetryAfter reads the value of the header of that name: whole seconds or an
// HTTP date (RFC 9110, 10.2.3), capped at MaxRetryAfter. false is a value that
// says nothing.
func RetryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if value != "" && strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(MaxRetryAfter/time.Second) {
			return MaxRetryAfter, true
		}
		return time.Duration(seconds) * time.Second, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(date.Sub(now), 0), MaxRetryAfter), true
}

// Sleep waits for a pause to pass or for ctx to end, whose cause it returns.
func Sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
