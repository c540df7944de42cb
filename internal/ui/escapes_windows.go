package ui

import (
	"os"

	"golang.org/x/sys/windows"
)

// Escapes makes a console obey escape codes and reports whether it does;
// false means that it is to be treated as TERM=dumb. What is no console is
// left alone.
func Escapes(file *os.File) bool {
	console := windows.Handle(file.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return true
	}
	if mode&windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING != 0 {
		return true
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
