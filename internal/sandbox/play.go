package sandbox

import (
	"fmt"
	"net/http"
	"time"
)

// slowTime is how long a generation takes under slow without a duration.
const slowTime = time.Minute

// playRefusal answers a create that the scenario does not let through.
func (c *call) playRefusal(play scenario, o order) (reply, bool) {
	switch play.Name {
	case "429":
		return c.limit(play, o, rateLimited)
	case "429-empty":
		out, refused := c.limit(play, o, rateLimited)
		out.body, out.raw, out.code = nil, []byte{}, ""
		return out, refused
	case "envelope-429":
		return c.limit(play, o, rateInEnvelope)
	case "1303":
		return c.limit(play, o, tooManyTasks)
	case "502-html":
		return page(http.StatusBadGateway, "502 Bad Gateway"), true
	case "maintenance-html":
		return page(http.StatusOK, "We will be back soon"), true
	case "redirect-302":
		return redirect(http.StatusFound, c.at.path), true
	case "redirect-307":
		return redirect(http.StatusTemporaryRedirect, c.at.path), true
	case "redirect-308":
		return redirect(http.StatusPermanentRedirect, c.at.path), true
	}
	why, ok := refusalOf(play.Name)
	if !ok {
		return reply{}, false
	}
	return c.refuse(why, ""), true
}

// refusalOf maps the scenarios that are plain documented refusals.
func refusalOf(name string) (condition, bool) {
	switch name {
	case "401":
		return badKey, true
	case "402":
		return noCredit, true
	case "403":
		return forbidden, true
	case "422":
		return badRequest, true
	case "455":
		return maintenance, true
	case "500":
		return serverError, true
	case "501":
		return notGenerated, true
	case "503":
		return unavailable, true
	case "504":
		return timedOut, true
	case "505":
		return disabled, true
	default:
		return "", false
	}
}

// limit refuses the first creates of one request of one account.
func (c *call) limit(play scenario, o order, why condition) (reply, bool) {
	n, err := c.s.tick(fmt.Sprintf("create %s %s %s %s", c.at.provider, c.owner, o.model, o.prompt))
	if err != nil {
		return c.broken(err), true
	}
	if n > play.count(1) {
		return reply{}, false
	}
	out := c.refuse(why, "")
	if why != tooManyTasks { // Kling documents no Retry-After with 1303
		out = out.with("Retry-After", play.retryAfter(c.now))
	}
	return out, true
}

func redirect(status int, path string) reply {
	return reply{
		status: status,
		header: map[string]string{"Location": "https://elsewhere.invalid" + path, "Content-Type": "text/html; charset=utf-8"},
		raw:    []byte("<a href=\"https://elsewhere.invalid/\">moved</a>\n"),
	}
}

// spoil answers a create whose job was made.
func (c *call) spoil(play scenario, t *task, accept func(t *task, id any) reply) reply {
	out := accept(t, t.ID)
	switch play.Name {
	case "lost-reply":
		out.fault = reset
	case "eof":
		out.fault = closed
	case "half-reply":
		out.fault = halved
	case "hang":
		out.fault = silent
	case "slow-reply":
		out.fault = trickle
	case "500-created":
		out = c.refuse(serverError, "the job was made")
	case "no-id":
		out = accept(t, nil)
	case "empty":
		out = reply{status: http.StatusOK}
	}
	return out
}

// playStatus answers a look that the scenario does not let through.
func (c *call) playStatus(t *task) (reply, bool) {
	var out reply
	switch t.Scenario.Name {
	case "not-found":
		out = c.refuse(unknownTask, "")
	case "busy-status":
		out = c.refuse(rateLimited, "").with("Retry-After", t.Scenario.retryAfter(c.now))
	case "error-status":
		out = c.refuse(serverError, "")
	case "key-status":
		out = c.refuse(badKey, "")
	case "html-status":
		out = page(http.StatusOK, "We will be back soon")
	case "lost-status":
		out = reply{status: http.StatusOK, fault: reset}
	default:
		return reply{}, false
	}
	n, err := c.s.tick("look " + t.file())
	if err != nil {
		return c.broken(err), true
	}
	if n > t.Scenario.count(2) {
		return reply{}, false
	}
	return out, true
}

// links are the result links of a finished job as this answer gives them.
func (c *call) links(t *task) ([]string, error) {
	n := 1
	switch t.Scenario.Name {
	case "no-url":
		return nil, nil
	case "two-videos":
		n = 2
	}
	issue := ""
	if t.Scenario.Name == "expired" && t.Scenario.Arg != "" {
		k, err := c.s.tick("links " + t.file())
		if err != nil {
			return nil, err
		}
		issue = fmt.Sprintf("?issue=%d", k)
	}
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%s/files/%s-%d.mp4%s", c.base, t.file(), i+1, issue))
	}
	return out, nil
}
