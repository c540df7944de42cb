package provider

import (
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// minSecret is the shortest secret that is looked for in texts; anything
// shorter would hide ordinary words.
const minSecret = 8

// scrub takes the key out of a text that came from a server: some echo the
// Authorization header in their errors.
func (c *Client) scrub(text string) string {
	if text == "" {
		return text
	}
	credential := c.wiring.Credential
	for _, hidden := range []string{credential.Key.Reveal(), credential.SecretKey.Reveal(), credential.AccessKey.Reveal()} {
		if len(hidden) < minSecret {
			continue
		}
		for _, form := range []string{hidden, url.QueryEscape(hidden), base64.StdEncoding.EncodeToString([]byte(hidden))} {
			text = strings.ReplaceAll(text, form, "[hidden]")
		}
	}
	return scrubBearer(text)
}

// scrubBearer hides whatever follows the word Bearer, which covers tokens
// that were signed for one exchange.
func scrubBearer(text string) string {
	const word = "bearer "
	lower := strings.Map(asciiLower, text)
	var out strings.Builder
	for {
		at := strings.Index(lower, word)
		if at < 0 {
			out.WriteString(text)
			return out.String()
		}
		end := at + len(word)
		stop := end
		for stop < len(text) && !strings.ContainsRune(" \t\r\n\"',;<>", rune(text[stop])) {
			stop++
		}
		out.WriteString(text[:end])
		if stop-end >= minSecret {
			out.WriteString("[hidden]")
		} else {
			out.WriteString(text[end:stop])
		}
		text, lower = text[stop:], lower[stop:]
	}
}

func (c *Client) scrubFault(e *fault.Error) *fault.Error {
	e.Detail, e.Code, e.RequestID = c.scrub(e.Detail), c.scrub(e.Code), c.scrub(e.RequestID)
	return e
}

func (c *Client) scrubSnapshot(seen kling.Snapshot) kling.Snapshot {
	seen.Message, seen.Code, seen.Word = c.scrub(seen.Message), c.scrub(seen.Code), c.scrub(seen.Word)
	seen.RequestID = c.scrub(seen.RequestID)
	return seen
}

// asciiLower lowers letters without changing any length, unlike full case
// folding.
func asciiLower(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r + ('a' - 'A')
	}
	return r
}
