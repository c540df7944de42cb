package fetch

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// disk is what a file meets on its way, and what tests make fail.
type disk struct {
	writeAt func(file *os.File, b []byte, at int64) (int, error)
	sync    func(*os.File) error
	rename  func(from, to string) error
	syncDir func(folder string) error
}

func realDisk() disk {
	return disk{writeAt: (*os.File).WriteAt, sync: (*os.File).Sync, rename: os.Rename, syncDir: syncDir}
}

// syncDir makes a rename durable. Windows cannot, and does it by itself; some
// file systems say that they cannot.
func syncDir(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	err = dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return errors.Join(err, dir.Close())
}
