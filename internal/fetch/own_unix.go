//go:build unix

package fetch

import "syscall"

const (
	// noFollow refuses a link that somebody put in the place of our file.
	noFollow = syscall.O_NOFOLLOW
	// nonBlock keeps an open from waiting for the other end of a FIFO.
	nonBlock = syscall.O_NONBLOCK
)
