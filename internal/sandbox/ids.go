package sandbox

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
	"time"
)

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// random is n characters of an alphabet.
func random(alphabet string, n int) string {
	var b strings.Builder
	size := big.NewInt(int64(len(alphabet)))
	for range n {
		i, err := rand.Int(rand.Reader, size)
		if err != nil {
			panic(err) // never: the reader ends the program instead
		}
		b.WriteByte(alphabet[i.Int64()])
	}
	return b.String()
}

func hexText(n int) string    { return random("0123456789abcdef", n) }
func digitsText(n int) string { return random("0123456789", n) }

// requestID looks like the ones providers put into answers.
func requestID() string {
	return fmt.Sprintf("%s-%s-4%s-8%s-%s", hexText(8), hexText(4), hexText(3), hexText(3), hexText(12))
}

func millis(t time.Time) int64 { return t.UnixMilli() }
