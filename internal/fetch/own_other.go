//go:build !unix

package fetch

// Both are empty where links and FIFOs of that kind do not exist.
const (
	noFollow = 0
	nonBlock = 0
)
