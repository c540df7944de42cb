package fetch

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/transport"
)

const maxRedirects = 10

// linkError is an address or a redirect that is not followed. Trying again does
// not help.
type linkError struct {
	shown, detail string
}

func (r *linkError) Error() string { return r.detail }

// parse reads a link and checks that it may be asked.
func (o Options) parse(link string) (*url.URL, error) {
	if strings.TrimSpace(link) == "" {
		return nil, &linkError{detail: "there is no link to the file"}
	}
	if strings.ContainsFunc(link, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, &linkError{detail: "the link has control characters in it"}
	}
	address, err := url.Parse(strings.TrimSpace(link))
	if err != nil {
		// The error repeats the link with its query, so it is not passed on.
		return nil, &linkError{detail: "the link cannot be read as a URL"}
	}
	return address, o.check(address)
}

// check is what holds for a link and for every hop of a redirect.
func (o Options) check(u *url.URL) error {
	no := func(detail string) error { return &linkError{shown: transport.Redact(u), detail: detail} }
	host := u.Hostname()
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return no("only http and https links are fetched")
	case host == "":
		return no("the link names no host")
	case u.User != nil:
		return no("the link has a user name or password in it")
	case u.Scheme == "http" && !o.AllowHTTP && !loopback(host):
		return no("the link is plain http, which is not allowed here")
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		// What a name stands for is seen at the dial.
		if err := (transport.GuardOptions{AllowPrivate: o.AllowPrivate}).Check(addr); err != nil {
			return no(err.Error())
		}
	}
	return nil
}

// loopback reports a host that never leaves this machine.
func loopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

// redirect is the http.Client's CheckRedirect.
func (o Options) redirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return &linkError{shown: transport.Redact(via[0].URL), detail: "the link redirects more than ten times"}
	}
	if err := o.check(req.URL); err != nil {
		if r, ok := errors.AsType[*linkError](err); ok {
			r.detail = "a redirect was refused: " + r.detail
		}
		return err
	}
	if req.URL.Scheme == "http" && via[len(via)-1].URL.Scheme == "https" {
		return &linkError{shown: transport.Redact(req.URL), detail: "a redirect leads from https to http"}
	}
	// net/http fills in the link before, whose query is a credential.
	for _, name := range []string{"Referer", "Authorization", "Cookie"} {
		req.Header.Del(name)
	}
	return nil
}

func refusedFault(err error) error {
	out := &fault.Error{Kind: fault.Download, Op: "download", Err: err}
	if r, ok := errors.AsType[*linkError](err); ok {
		out.Subject = r.shown
	}
	return out
}
