package sandbox

import (
	"crypto/rand"
	"fmt"
	"time"
)

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// random is n characters of an alphabet. They need to differ, not to be
// guarded, so that a few of them may come up more often.
func random(alphabet string, n int) string {
	out := make([]byte, n)
	_, _ = rand.Read(out) // never fails
	for i, b := range out {
		out[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(out)
}

func hexText(n int) string    { return random("0123456789abcdef", n) }
func digitsText(n int) string { return random("0123456789", n) }

// requestID looks like the ones providers put into answers.
func requestID() string {
	return fmt.Sprintf("%s-%s-4%s-8%s-%s", hexText(8), hexText(4), hexText(3), hexText(3), hexText(12))
}

func millis(t time.Time) int64 { return t.UnixMilli() }
