//go:build !windows

package ui

import "os"

// Escapes reports whether a terminal obeys escape codes once TERM=dumb is
// ruled out; on Windows it has to be asked for them.
func Escapes(*os.File) bool { return true }
