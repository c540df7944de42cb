package fetch

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/klingctl/klingctl/internal/fault"
)

func partName(target string) string    { return target + ".part" }
func sidecarName(target string) string { return target + ".part.json" }

// part is the file that grows, with the digest of what it holds.
type part struct {
	file    *os.File
	disk    disk
	path    string
	sidecar string
	origin  origin
	size    int64
	sum     hash.Hash
	// spliced tells a part that more than one answer went into.
	spliced bool
}

// openPart opens or makes the part of a target. What an earlier call left is
// taken up, and hashed, when there is a way to prove that it belongs to the
// address; else it is emptied. The caller holds the lock.
func (f *Fetcher) openPart(ctx context.Context, target string, address *url.URL) (*part, error) {
	file, err := openOwn(partName(target), os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	p := &part{file: file, disk: f.disk, path: partName(target), sidecar: sidecarName(target), sum: f.newSum()}
	if err := p.load(ctx, address); err != nil {
		_ = file.Close()
		removeIfEmpty(p.path)
		return nil, err
	}
	return p, nil
}

func (p *part) load(ctx context.Context, address *url.URL) error {
	if err := p.file.Chmod(0o600); err != nil {
		return err
	}
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	if p.origin, err = readOrigin(p.sidecar); err != nil {
		return err
	}
	size := info.Size()
	tooLong := p.origin.Length >= 0 && size > p.origin.Length
	whole := size == p.origin.Length && p.origin.of(address)
	if size == 0 || tooLong || !whole && p.origin.condition(address) == "" {
		return p.clear()
	}
	n, err := copyWith(ctx, p.sum, io.NewSectionReader(p.file, 0, size))
	if err != nil {
		return err
	}
	p.size, p.spliced = n, true
	return nil
}

// clear empties the part, which then is the start of nothing.
func (p *part) clear() error {
	p.size, p.origin, p.spliced = 0, origin{Length: -1}, false
	p.sum.Reset()
	return p.file.Truncate(0)
}

// begin empties the part for an answer that brings the whole file. The part is
// emptied before the sidecar changes: a process killed in between leaves
// nothing that is taken for the start of something else.
func (p *part) begin(o origin) error {
	if err := p.clear(); err != nil {
		return err
	}
	p.origin = o
	return o.write(p.sidecar)
}

// whole reports a part that has all the bytes the server announced.
func (p *part) whole() bool { return p.size > 0 && p.size == p.origin.Length }

// write adds bytes at the end. Whoever calls it hashes them.
func (p *part) write(b []byte) error {
	n, err := p.disk.writeAt(p.file, b, p.size)
	if err != nil {
		if n > 0 {
			// Half a write stays out of the size and so out of the file.
			_ = p.file.Truncate(p.size)
		}
		return err
	}
	p.size += int64(len(b))
	return nil
}

func (p *part) digest() string { return hex.EncodeToString(p.sum.Sum(nil)) }

// remove deletes part and sidecar.
func (p *part) remove() {
	p.size = 0
	_ = p.file.Close()
	_ = os.Remove(p.path)
	_ = os.Remove(p.sidecar)
}

// close ends the work on the part. After a success it has its final name; after
// a failure it stays only when there is something to go on from.
func (p *part) close(done bool) {
	_ = p.file.Close()
	if !done && !p.worthKeeping() {
		p.remove()
	}
}

func (p *part) worthKeeping() bool {
	return p.whole() || p.size > 0 && (p.origin.ETag != "" || p.origin.LastModified != "")
}

// openOwn opens a file of ours, and nothing that a link of that name leads to.
func openOwn(path string, flags int) (*os.File, error) { return openRegular(path, flags|noFollow) }

// openRegular opens a file and makes sure that it is one. It never waits.
func openRegular(path string, flags int) (*os.File, error) {
	file, err := os.OpenFile(path, flags|nonBlock, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", fault.SafeText(filepath.Base(path)))
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// prepareTarget checks the name and makes the folder.
func prepareTarget(target string, force bool) error {
	if target == "" || os.IsPathSeparator(target[len(target)-1]) {
		return &fault.Error{Kind: fault.Usage, Op: "download to", Subject: fault.SafeText(target), Detail: "this names no file"}
	}
	if err := vacant(target, force); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil { //nolint:gosec // a folder of the user's, for the user's files
		return localFault(target, err)
	}
	return nil
}

// vacant checks that the target may be written.
func vacant(target string, force bool) error {
	info, err := os.Lstat(target)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return localFault(target, err)
	}
	refuse := func(detail string) error {
		return &fault.Error{Kind: fault.Usage, Op: "download to", Subject: fault.SafeText(target), Detail: detail}
	}
	replaceable := info.Mode().IsRegular() || info.Mode().Type() == fs.ModeSymlink
	switch {
	case info.IsDir():
		return refuse("it is a folder")
	case !replaceable:
		return refuse("it is not a file")
	case !force:
		out := refuse("the file exists")
		fault.Of(out).Hint = "choose another name, or --force to replace it"
		return out
	}
	return nil
}

func removeIfEmpty(path string) {
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		_ = os.Remove(path)
	}
}
