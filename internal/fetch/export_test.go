package fetch

import (
	"hash"
	"os"
)

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

// HangSync makes the disk take until the channel is closed.
func (f *Fetcher) HangSync(until <-chan struct{}) {
	f.disk.sync = func(*os.File) error { <-until; return nil }
}

// SkipDigest leaves the digest out, to measure what it costs.
func (f *Fetcher) SkipDigest() { f.newSum = func() hash.Hash { return noSum{} } }

type noSum struct{ hash.Hash }

func (noSum) Write(b []byte) (int, error) { return len(b), nil }
func (noSum) Sum(b []byte) []byte         { return b }
func (noSum) Reset()                      {}

// ParseContentRange and Scrub are reached by fuzzing.
func ParseContentRange(value string) (first, last, total int64, ok bool) {
	r, ok := parseContentRange(value)
	return r.first, r.last, r.total, ok
}

// Scrub is what error texts go through.
func Scrub(text string) string { return scrub(text) }
