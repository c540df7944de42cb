package upload

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// DefaultExpires is how long a presigned link lives: longer than the
	// longest wait for a job.
	DefaultExpires = 24 * time.Hour
	// MaxExpires is the longest that Signature Version 4 permits.
	MaxExpires = 7 * 24 * time.Hour

	defaultRegion = "us-east-1"
	// maxPrefix leaves room for the digest in a key, which may have 1024 bytes.
	maxPrefix = 512
)

// S3Config describes a bucket of the user's at any S3-compatible service.
type S3Config struct {
	// Endpoint is the service's URL; without a scheme it is https, and "" is
	// Amazon's own for the region.
	Endpoint string
	Bucket   string
	// Prefix stands before every key as it is, so end a folder with a slash.
	Prefix string
	// Region is what requests are signed for; "" is us-east-1.
	Region string
	// Expires is how long a presigned link lives, at least a second; 0 is
	// DefaultExpires, and MaxExpires is the most.
	Expires time.Duration
	// PathStyle puts the bucket into the path and not before the host's name.
	// It is used anyhow where a name before the host cannot work.
	PathStyle bool
	// DeleteAfter makes Delete remove objects.
	DeleteAfter bool
	// AllowHTTP permits plain http to other machines than this one.
	AllowHTTP bool
}

var (
	errBucket  = errors.New("a bucket's name is 3 to 63 letters, digits, dots and dashes")
	errPrefix  = errors.New("a prefix has no leading slash, no \".\" or \"..\" between slashes, no control characters and at most 512 bytes")
	errRegion  = errors.New("a region is letters, digits and dashes")
	errExpires = errors.New("a presigned link lives from 1s to 168h (7 days)")
)

// settle checks a configuration, fills its defaults and gives the endpoint.
func (c S3Config) settle() (S3Config, *url.URL, error) {
	switch {
	case len(c.Bucket) < 3 || len(c.Bucket) > 63 || !only(c.Bucket, ".-_"):
		return c, nil, unusable("use the bucket", errBucket, "set upload.bucket")
	case !goodPrefix(c.Prefix):
		return c, nil, unusable("use the bucket", errPrefix, "set upload.prefix")
	case !only(c.Region, "-"):
		return c, nil, unusable("use the bucket", errRegion, "set upload.region")
	case c.Expires != 0 && (c.Expires < time.Second || c.Expires > MaxExpires):
		return c, nil, unusable("use the bucket", errExpires, "set upload.expires")
	}
	if c.Expires == 0 {
		c.Expires = DefaultExpires
	}
	if c.Region == "" {
		c.Region = defaultRegion
	}
	switch {
	case c.Endpoint == "":
		c.Endpoint = "https://s3." + c.Region + ".amazonaws.com"
	case !strings.Contains(c.Endpoint, "://"):
		c.Endpoint = "https://" + c.Endpoint
	}
	base, err := parseBase(c.Endpoint, c.AllowHTTP)
	if err != nil {
		return c, nil, unusable("use the bucket", err, "set upload.endpoint (with allow_http: true for plain http)")
	}
	// A certificate for *.host covers no second dot, and an address takes no
	// name before it.
	_, notAddress := netip.ParseAddr(base.Hostname())
	c.PathStyle = c.PathStyle || strings.ContainsAny(c.Bucket, "._") || notAddress == nil || base.Hostname() == "localhost"
	return c, base, nil
}

// only reports whether a text is ASCII letters, digits and the others.
func only(text, others string) bool {
	for i := range len(text) {
		if c := text[i]; !isLetter(c) && (c < '0' || c > '9') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}

func goodPrefix(prefix string) bool {
	if len(prefix) > maxPrefix || !utf8.ValidString(prefix) || strings.HasPrefix(prefix, "/") {
		return false
	}
	if strings.ContainsFunc(prefix, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return false
	}
	// What follows the last slash is the beginning of a longer name.
	folders := strings.Split(prefix, "/")
	for _, folder := range folders[:len(folders)-1] {
		if folder == "" || folder == "." || folder == ".." {
			return false
		}
	}
	return true
}
