package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// origin says what the bytes of a part are the start of. It holds digests of
// addresses and not addresses, which are credentials.
type origin struct {
	// Link is the digest of the whole URL, Place that of the URL without its
	// query, which a fresh signature changes.
	Link  string `json:"link"`
	Place string `json:"place"`
	// ETag and LastModified are validators as the server sent them, "" unless
	// strong enough to splice by.
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	// Length is that of the whole file, -1 when the server did not say.
	Length int64 `json:"length"`
}

// newOrigin describes the answer to a request for the whole file.
func newOrigin(u *url.URL, res *http.Response, now time.Time) origin {
	o := origin{Length: res.ContentLength}
	o.Link, o.Place = fingerprints(u)
	if tag := res.Header.Get("ETag"); strongTag(tag) {
		o.ETag = tag
	}
	if modified := res.Header.Get("Last-Modified"); strongDate(modified, res.Header.Get("Date"), now) {
		o.LastModified = modified
	}
	return o
}

func fingerprints(u *url.URL) (link, place string) {
	digest := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	bare := u.Scheme + "://" + u.Host + u.EscapedPath()
	return digest(bare + "?" + u.RawQuery), digest(bare)
}

// condition is the If-Range of a request that goes on from a part, "" when
// nothing proves that the server still has the same file. A date says little
// about another link, so it holds for the very same URL only; a strong tag
// holds for the same place under a new signature.
func (o origin) condition(u *url.URL) string {
	_, place := fingerprints(u)
	switch {
	case o.ETag != "" && o.Place == place:
		return o.ETag
	case o.LastModified != "" && o.of(u):
		return o.LastModified
	}
	return ""
}

// of reports a part that came from this very URL.
func (o origin) of(u *url.URL) bool {
	link, _ := fingerprints(u)
	return o.Link == link
}

// contradicts reports validators of a partial answer that are not the part's.
func (o origin) contradicts(h http.Header) bool {
	tag, modified := h.Get("ETag"), h.Get("Last-Modified")
	return o.ETag != "" && tag != "" && tag != o.ETag ||
		o.LastModified != "" && modified != "" && modified != o.LastModified
}

// strongTag tells an entity tag that promises equal bytes (RFC 9110, 8.8.3).
func strongTag(tag string) bool {
	return len(tag) > 2 && len(tag) < 1024 && tag[0] == '"' && tag[len(tag)-1] == '"' &&
		!strings.ContainsAny(tag[1:len(tag)-1], "\"\r\n")
}

// strongDate tells a modification time that promises equal bytes: one before
// the answer, so that no second change fell into the same second (RFC 9110,
// 8.8.2.2). Against a clock of ours instead of the server's a minute is needed.
func strongDate(modified, date string, now time.Time) bool {
	changed, err := http.ParseTime(modified)
	if err != nil {
		return false
	}
	if sent, err := http.ParseTime(date); err == nil {
		return sent.Sub(changed) >= time.Second
	}
	return now.Sub(changed) >= time.Minute
}

// maxSidecar caps what is read of a sidecar, in bytes.
const maxSidecar = 16 << 10

// readOrigin gives the zero origin for whatever is not one.
func readOrigin(path string) (origin, error) {
	file, err := openOwn(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return origin{}, nil
	}
	if err != nil {
		return origin{}, err
	}
	defer func() { _ = file.Close() }()
	var o origin
	if err := json.NewDecoder(io.LimitReader(file, maxSidecar)).Decode(&o); err != nil {
		// A torn sidecar only costs the part.
		return origin{}, nil
	}
	if o.ETag != "" && !strongTag(o.ETag) {
		o.ETag = ""
	}
	if _, err := http.ParseTime(o.LastModified); err != nil {
		o.LastModified = ""
	}
	return o, nil
}

// write replaces the sidecar. It is made new each time with mode 0644, so that
// its mode shows what the user's umask leaves of that.
func (o origin) write(path string) error {
	content, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // holds digests only
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}
