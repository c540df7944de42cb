package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

// step is what an attempt that failed leaves to do.
type step int

const (
	// giveUp: nothing here helps.
	giveUp step = iota
	// tryAgain: it may pass; go on from where the part ends.
	tryAgain
	// startOver: what is on disk is not the start of what the server has.
	startOver
	// askAgain: the link is dead; a fresh one may not be.
	askAgain
)

// trouble is an attempt that did not bring the whole file.
type trouble struct {
	next   step
	detail string
	err    error
	// wait is what the server asked for.
	wait time.Duration
	// local is a fault of this machine's disk.
	local bool
	// useless is a part that no later call can go on from.
	useless bool
}

var (
	errIdle    = errors.New("the server went silent")
	errTooLong = errors.New("the file is longer than is allowed")
	errLocked  = errors.New("another process is fetching this file")
)

func diskTrouble(err error) *trouble { return &trouble{next: giveUp, local: true, err: err} }

// quietError is a cause whose text has lost what may be a secret. Is and As still
// reach the cause itself.
type quietError struct {
	text string
	err  error
}

func (q *quietError) Error() string { return q.text }
func (q *quietError) Unwrap() error { return q.err }

// hush takes addresses out of the text of an error from net/http: what
// url.Error prints, and queries and passwords anywhere in the rest.
func hush(err error) error {
	if err == nil {
		return nil
	}
	inner := err
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		inner = wrapped.Err
	}
	text := scrub(inner.Error())
	if strings.Contains(text, "Location header") {
		// net/http repeats the header, all of which may be a credential.
		text = "the server's redirect cannot be read"
	}
	return &quietError{text: text, err: inner}
}

// scrub hides what looks like the query or the user of a URL, word by word.
func scrub(text string) string {
	const ends = " \"'"
	var out strings.Builder
	for text != "" {
		end := strings.IndexAny(text, ends)
		if end < 0 {
			end = len(text)
		}
		out.WriteString(scrubWord(text[:end]))
		text = text[end:]
		for text != "" && strings.IndexByte(ends, text[0]) >= 0 {
			out.WriteByte(text[0])
			text = text[1:]
		}
	}
	return fault.SafeText(out.String())
}

func scrubWord(word string) string {
	scheme, rest, absolute := strings.Cut(word, "://")
	if !absolute {
		before, _, found := strings.Cut(word, "?")
		if found {
			before += "?…"
		}
		return before
	}
	if strings.Contains(scheme, "?") {
		return scrubWord(scheme)
	}
	host, tail := rest, ""
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		host, tail = rest[:slash], rest[slash:]
	}
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	host, _, asked := strings.Cut(host, "?")
	if asked {
		return scheme + "://" + host + "?…"
	}
	path, _, asked := strings.Cut(tail, "?")
	if asked {
		path += "?…"
	}
	return scheme + "://" + host + path
}

// localFault is a disk that fails, without the path that the subject says.
func localFault(target string, err error) error {
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		err = cause.Err
	}
	return &fault.Error{Kind: fault.Local, Op: "download to", Subject: fault.SafeText(target), Err: err}
}

func lockFault(target string, err error) error {
	if errors.Is(err, errLocked) {
		return &fault.Error{Kind: fault.Download, Op: "download to", Subject: fault.SafeText(target), Err: err}
	}
	return localFault(target, err)
}

// stoppedOr is the fault of a context that ended, else of the disk.
func stoppedOr(ctx context.Context, err error, target string) error {
	if stopped := stopped(ctx); stopped != nil {
		return stopped
	}
	return localFault(target, err)
}

// stopped is the fault of a context that ended, nil while it has not. Time
// that runs out is a download that failed: the job behind it is done.
func stopped(ctx context.Context) error {
	switch err := ctx.Err(); {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return &fault.Error{Kind: fault.Download, Op: "download", Detail: "the time was up", Err: context.Cause(ctx)}
	}
	return &fault.Error{Kind: fault.Interrupted, Op: "download", Err: context.Cause(ctx)}
}

// kept says what a failed call leaves behind.
func kept(target string, size int64) string {
	return fmt.Sprintf("%d bytes are kept in %s", size, fault.SafeText(partName(target)))
}
