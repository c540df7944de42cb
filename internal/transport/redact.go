package transport

import (
	"net/url"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
)

// Redact shows a URL without what may be a secret in it: user and password and
// fragment are dropped, query values are hidden and their keys kept. The text
// is safe to print.
func Redact(u *url.URL) string {
	if u == nil {
		return ""
	}
	if u.Host == "" {
		// An opaque or relative address: all of it may be anything.
		if u.Scheme != "" {
			return fault.SafeText(u.Scheme) + ":…"
		}
		return fault.SafeText(u.EscapedPath())
	}
	var out strings.Builder
	if u.Scheme != "" {
		out.WriteString(u.Scheme + ":")
	}
	out.WriteString("//" + u.Host + u.EscapedPath())
	mark := "?"
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if pair == "" {
			continue
		}
		key, _, hasValue := strings.Cut(pair, "=")
		if !hasValue {
			// Without a "=" nobody knows whether it is a key or a token.
			key = ""
		}
		out.WriteString(mark + key)
		if hasValue {
			out.WriteByte('=')
		}
		out.WriteString("…")
		mark = "&"
	}
	return fault.SafeText(out.String())
}
