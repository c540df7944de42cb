package cmd

import "os"

// openConsole opens the terminal that the process belongs to, whatever its
// streams are.
func openConsole() (in, out *os.File, done func(), err error) {
	in, err = os.OpenFile("CONIN$", os.O_RDWR, 0)
	if err != nil {
		return nil, nil, nil, err
	}
	out, err = os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		_ = in.Close()
		return nil, nil, nil, err
	}
	return in, out, func() { _, _ = in.Close(), out.Close() }, nil
}
