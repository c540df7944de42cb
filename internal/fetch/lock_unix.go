//go:build unix && !solaris && !illumos && !aix

package fetch

import (
	"errors"
	"os"
	"syscall"
)

// lock takes the part of a target for this process: a flock on the part
// itself, which ends with the process and leaves nothing behind. Where the
// file system knows no locks, there is none. errLocked means that another
// process has it.
func lock(path string) (release func(), err error) {
	for {
		file, err := openOwn(path, os.O_RDWR|os.O_CREATE)
		if err != nil {
			return nil, err
		}
		release := func() { _ = file.Close() }
		err = flock(file)
		switch {
		case errors.Is(err, syscall.EWOULDBLOCK):
			release()
			return nil, errLocked
		case errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.ENOLCK):
			return release, nil
		case err != nil:
			release()
			return nil, err
		case sameFile(file, path):
			return release, nil
		}
		// Whoever had the lock renamed or removed the file meanwhile: what we
		// hold may be a finished video. Take the name again.
		release()
	}
}

func flock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func sameFile(file *os.File, path string) bool {
	held, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(held, named)
}
