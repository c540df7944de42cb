package upload

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/klingctl/klingctl/internal/transport"
)

var (
	errNoBase  = errors.New("no address is configured")
	errBadBase = errors.New("the address is not an absolute http or https URL without user, query and fragment")
	errPlain   = errors.New("the address is plain http to another machine")
)

// parseBase checks the address of a place. Errors never repeat it: it may hold
// a password.
func parseBase(text string, allowHTTP bool) (*url.URL, error) {
	if text == "" {
		return nil, errNoBase
	}
	base, err := url.Parse(text)
	if err != nil || base.Hostname() == "" || base.User != nil || base.RawQuery != "" || base.ForceQuery ||
		base.Fragment != "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errBadBase
	}
	if base.Scheme == "http" && !allowHTTP && !loopback(base.Hostname()) {
		return nil, errPlain
	}
	return base, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// goodLink reports whether a link from an answer can be handed to a provider.
// Plain http is for places that are reached that way themselves.
func goodLink(text string, allowHTTP bool) bool {
	link, err := url.Parse(text)
	return err == nil && len(text) <= maxLink && link.Hostname() != "" && link.User == nil &&
		(link.Scheme == "https" || allowHTTP && link.Scheme == "http")
}

// redacted shows an address without what may be a secret in it.
func redacted(text string) string {
	parsed, err := url.Parse(text)
	if err != nil {
		return "…"
	}
	return strings.TrimRight(transport.Redact(parsed), "/")
}

// elsewhere names the host of a Location header.
func elsewhere(location string) string {
	parsed, err := url.Parse(location)
	if err != nil || parsed.Host == "" {
		return "another path"
	}
	return parsed.Host
}

// redactURLs redacts every URL in a text.
func redactURLs(text string) string {
	var out strings.Builder
	for {
		at := strings.Index(text, "://")
		if at < 0 {
			out.WriteString(text)
			return out.String()
		}
		start := at
		for start > 0 && isLetter(text[start-1]) {
			start--
		}
		end := at + strings.IndexAny(text[at:]+" ", " \t\r\n\"'<>|)]}")
		out.WriteString(text[:start])
		out.WriteString(redacted(text[start:end]))
		text = text[end:]
	}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
