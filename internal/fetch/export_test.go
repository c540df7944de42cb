package fetch

import "os"

// BreakDisk makes one step fail: "write", "sync", "rename" or "syncDir". A nil
// error makes the step do nothing. Mending takes New.
func (f *Fetcher) BreakDisk(step string, err error) {
	switch step {
	case "write":
		f.disk.writeAt = func(file *os.File, b []byte, at int64) (int, error) {
			// A disk that fills up takes a part of the last write.
			n, _ := file.WriteAt(b[:len(b)/2], at)
			return n, err
		}
	case "sync":
		f.disk.sync = func(*os.File) error { return err }
	case "rename":
		f.disk.rename = func(string, string) error { return err }
	case "syncDir":
		f.disk.syncDir = func(string) error { return err }
	}
}

// ParseContentRange and Scrub are reached by fuzzing.
func ParseContentRange(value string) (first, last, total int64, ok bool) {
	r, ok := parseContentRange(value)
	return r.first, r.last, r.total, ok
}

// Scrub is what error texts go through.
func Scrub(text string) string { return scrub(text) }
