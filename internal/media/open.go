package media

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/klingctl/klingctl/internal/fault"
)

// openRegular opens a file for reading and makes sure that it is a file. It
// never blocks: a FIFO or a device is told before and, for the one that took
// the file's place in between, after the open.
func openRegular(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, openFault(path, err)
	}
	if word := notAFile(info.Mode()); word != "" {
		return nil, nil, refuse(path, "is "+word+", not an image file")
	}
	file, err := os.OpenFile(path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, nil, openFault(path, err)
	}
	if info, err = file.Stat(); err != nil {
		_ = file.Close()
		return nil, nil, openFault(path, err)
	}
	if word := notAFile(info.Mode()); word != "" {
		_ = file.Close()
		return nil, nil, refuse(path, "is "+word+", not an image file")
	}
	return file, info, nil
}

// notAFile names what a mode is when it is no regular file.
func notAFile(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return ""
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else than a file"
}

// refuse says what is wrong with an image that the user named.
func refuse(path, detail string) error {
	return &fault.Error{Kind: fault.Usage, Op: "read the image", Subject: shown(path), Detail: detail}
}

// openFault keeps the system's words without the path, which stands before
// them already. A file that cannot be had is the user's to mend.
func openFault(path string, err error) error {
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		err = cause.Err
	}
	detail := ""
	if errors.Is(err, fs.ErrNotExist) {
		detail = "there is no such file"
	}
	return &fault.Error{Kind: fault.Usage, Op: "read the image", Subject: shown(path), Detail: detail, Err: err}
}

// readFault is a disk that fails in the middle.
func readFault(path string, err error) error {
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		err = cause.Err
	}
	return &fault.Error{Kind: fault.Local, Op: "read the image", Subject: shown(path), Err: err}
}

// shown quotes a path only where it needs it, so that a name cannot steer a
// terminal.
func shown(path string) string {
	if path == "" {
		return `""`
	}
	if safe := fault.SafeText(path); safe == path {
		return path
	}
	return fmt.Sprintf("%q", path)
}
