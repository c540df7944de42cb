package fetch

import "os"

// BreakDisk makes one step at the end of a fetch fail: "sync", "rename" or
// "syncDir". Mending takes New.
func (f *Fetcher) BreakDisk(step string, err error) {
	switch step {
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
