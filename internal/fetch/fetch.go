package fetch

import (
	"context"
	"crypto/sha256"
	"hash"
	"net/http"
	"time"
)

// Defaults of Options.
const (
	defaultMaxBytes = 2 << 30
	defaultIdle     = 30 * time.Second
	defaultAttempts = 5
)

// Options says how files are fetched. The zero value is a good one for public
// providers.
type Options struct {
	// Transport carries the requests. nil means one of the room's own, whose
	// connections go through transport.Guard wherever no proxy applies.
	Transport http.RoundTripper
	// Agent is the User-Agent.
	Agent string
	// MaxBytes caps a file, 0 means 2 GiB.
	MaxBytes int64
	// Idle is how long a connection may bring less than 1 KiB, 0 means 30 s.
	Idle time.Duration
	// Attempts is how many tries in a row may bring less than 1 KiB, 0 means 5.
	Attempts int
	// AllowHTTP admits http to other hosts than loopback.
	AllowHTTP bool
	// AllowPrivate admits loopback and private addresses.
	AllowPrivate bool
	// Progress is told the bytes on disk and the bytes to expect, -1 when
	// nobody knows. It is called often and must return at once.
	Progress func(done, total int64)
	// Now is the clock for dates that servers send, nil means time.Now.
	Now func() time.Time
}

// Fetcher fetches files. It is safe for concurrent use.
type Fetcher struct {
	options Options
	client  *http.Client
	disk    disk
	newSum  func() hash.Hash
	blocks  *blocks
}

// New makes a Fetcher.
func New(o Options) *Fetcher {
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.Idle <= 0 {
		o.Idle = defaultIdle
	}
	if o.Attempts <= 0 {
		o.Attempts = defaultAttempts
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(int64, int64) {}
	}
	return &Fetcher{options: o, client: newClient(o), disk: realDisk(), newSum: sha256.New, blocks: new(blocks)}
}

// WithProgress is the same Fetcher, with the same connections, for a file
// whose progress is told to somebody else.
func (f *Fetcher) WithProgress(progress func(done, total int64)) *Fetcher {
	twin := *f
	twin.options.Progress = progress
	if progress == nil {
		twin.options.Progress = func(int64, int64) {}
	}
	return &twin
}

// Close releases idle connections. The Fetcher can still be used.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

// Source is where a file is.
type Source struct {
	// URL is http or https, without user and password.
	URL string
	// Refresh asks for a fresh link once when this one is refused; nil when
	// nobody can.
	Refresh func(ctx context.Context) (string, error)
}

// Hooks are the caller's part in one fetch.
type Hooks struct {
	// Force replaces an existing target; its bytes stay until the rename.
	Force bool
	// BeforeRename sees the finished, checked and synced file while it still
	// has its temporary name. An error keeps it there, to be taken up by the
	// next Fetch without a request.
	BeforeRename func(Result) error
}

// Result is a file that was fetched.
type Result struct {
	// Path is the target.
	Path string
	// SHA256 is the lower-case hex digest.
	SHA256 string
	// Bytes is the size, Resumed how many of them an earlier Fetch had left.
	Bytes, Resumed int64
	// Seconds, Width and Height are what the video's header says, 0 when it
	// does not.
	Seconds       float64
	Width, Height int
}

// Fetch brings the file behind a source to target, in a folder that is made
// when it is missing. A part left by an earlier call is continued when the
// server proves that it is of the same file. One process at a time works on a
// target.
//
// Errors: fault.Usage for a target that exists, fault.Local for this machine's
// disk, fault.Interrupted when ctx was cancelled, fault.Download for the rest,
// with RetryAfter where the server said when to come back. No text of an error
// has the query of a URL in it.
func (f *Fetcher) Fetch(ctx context.Context, src Source, target string, hooks Hooks) (Result, error) {
	address, err := f.options.parse(src.URL)
	refreshed := err != nil && src.Refresh != nil
	if refreshed {
		// What is no link is as dead as one that has expired.
		if link, failed := src.Refresh(ctx); failed == nil {
			address, err = f.options.parse(link)
		}
	}
	if err != nil {
		return Result{}, refusedFault(err)
	}
	if err := prepareTarget(target, hooks.Force); err != nil {
		return Result{}, err
	}
	release, err := lock(partName(target))
	if err != nil {
		return Result{}, lockFault(target, err)
	}
	defer release()
	if err := vacant(target, hooks.Force); err != nil {
		removeIfEmpty(partName(target))
		return Result{}, err
	}
	p, err := f.openPart(ctx, target, address)
	if err != nil {
		return Result{}, stoppedOr(ctx, err, target)
	}
	d := &download{Fetcher: f, part: p, source: src, address: address, target: target, resumed: p.size, endedAt: -1}
	result, err := d.run(ctx, hooks)
	p.close(err == nil)
	return result, err
}
