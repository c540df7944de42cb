//go:build !windows

package cmd

import "os"

// openConsole opens the terminal that the process belongs to, whatever its
// streams are.
func openConsole() (in, out *os.File, done func(), err error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, nil, nil, err
	}
	return tty, tty, func() { _ = tty.Close() }, nil
}
