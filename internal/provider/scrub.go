package provider

import (
	"cmp"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

const (
	// minSecret is the shortest secret that is looked for in texts; anything
	// shorter would hide ordinary words.
	minSecret = 8

	hidden = "[hidden]"
)

// scrubber takes secrets out of texts that came from outside: some servers
// echo the Authorization header in their errors.
type scrubber struct{ forms []string }

// newScrubber knows secrets as they are, URL-encoded, and inside base64.
func newScrubber(secrets ...string) scrubber {
	var s scrubber
	for _, secret := range secrets {
		if len(secret) < minSecret {
			continue
		}
		s.forms = append(s.forms, secret, url.QueryEscape(secret), url.PathEscape(secret))
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			for shift := range 3 {
				s.forms = append(s.forms, within(encoding, secret, shift))
			}
		}
	}
	// The longest first: a token may hold a key, and half hidden is not hidden.
	slices.SortFunc(s.forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return s
}

// within is what base64 makes of a secret that begins so many bytes after a
// group of three, without the characters that depend on its neighbours.
func within(encoding *base64.Encoding, secret string, shift int) string {
	text := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + secret))
	if (shift+len(secret))%3 != 0 {
		text = text[:len(text)-1]
	}
	return text[(shift*8+5)/6:]
}

// text hides secrets, whatever follows the word Bearer, and what makes a
// presigned link work: a provider repeats the link of an image it cannot fetch.
func (s scrubber) text(text string) string {
	for _, form := range s.forms {
		text = strings.ReplaceAll(text, form, hidden)
	}
	text = scrubAfter(s.tail(text), "bearer ", " \t\r\n\"',;<>")
	for _, name := range []string{"x-amz-signature", "x-amz-security-token"} {
		text = scrubAfter(text, name+"=", " \t\r\n\"',;<>&\\")
		// The same link inside another one's query.
		text = scrubAfter(text, name+"%3d", " \t\r\n\"',;<>&\\%")
	}
	return text
}

// tail hides the beginning of a secret at the end of a text: there it may have
// been cut.
func (s scrubber) tail(text string) string {
	bare := strings.TrimSuffix(text, "…")
	for _, form := range s.forms {
		for n := min(len(form), len(bare)); n >= minSecret; n-- {
			if strings.HasSuffix(bare, form[:n]) {
				return bare[:len(bare)-n] + hidden
			}
		}
	}
	return text
}

// fault is a copy of a fault without secrets.
func (s scrubber) fault(e *fault.Error) *fault.Error {
	clean := *e
	clean.Detail, clean.Code, clean.RequestID = s.text(e.Detail), s.text(e.Code), s.text(e.RequestID)
	clean.Err = s.quiet(e.Err)
	return &clean
}

// quietly is fault for any error.
func (s scrubber) quietly(err error) error {
	if e := fault.Of(err); e != nil {
		return s.fault(e)
	}
	return s.quiet(err)
}

// snapshot is a snapshot without secrets.
func (s scrubber) snapshot(seen kling.Snapshot) kling.Snapshot {
	seen.Message, seen.Code, seen.Word = s.text(seen.Message), s.text(seen.Code), s.text(seen.Word)
	seen.RequestID = s.text(seen.RequestID)
	return seen
}

// quiet makes the text of a cause fit to print: net/http repeats what a server
// sent, and the address of a proxy with its password.
func (s scrubber) quiet(err error) error {
	if err == nil {
		return nil
	}
	text := fault.SafeText(s.text(hideUser(err.Error())))
	if text == err.Error() {
		return err
	}
	return &quiet{text: text, err: err}
}

// quiet is an error with another text. Is and As still reach the cause itself.
type quiet struct {
	text string
	err  error
}

func (q *quiet) Error() string { return q.text }
func (q *quiet) Unwrap() error { return q.err }

// hideUser takes user and password out of the addresses in a text.
func hideUser(text string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "://")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		end := strings.IndexAny(rest, "/?# \"'")
		if end < 0 {
			end = len(rest)
		}
		if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
			rest = rest[at+1:]
		}
		out.WriteString("://")
		text = rest
	}
}

// scrubAfter hides whatever follows a word, which is in lower case, up to one
// of the ends: it may be another token than ours.
func scrubAfter(text, word, ends string) string {
	lower := asciiLower(text)
	var out strings.Builder
	for {
		at := strings.Index(lower, word)
		if at < 0 {
			out.WriteString(text)
			return out.String()
		}
		end := at + len(word)
		stop := end
		for stop < len(text) && !strings.ContainsRune(ends, rune(text[stop])) {
			stop++
		}
		out.WriteString(text[:end])
		if stop-end >= minSecret {
			out.WriteString(hidden)
		} else {
			out.WriteString(text[end:stop])
		}
		text, lower = text[stop:], lower[stop:]
	}
}

// asciiLower lowers letters without changing any length, unlike full case
// folding, also where the text is no valid UTF-8.
func asciiLower(text string) string {
	lower := []byte(text)
	for i, b := range lower {
		if b >= 'A' && b <= 'Z' {
			lower[i] = b + ('a' - 'A')
		}
	}
	return string(lower)
}
