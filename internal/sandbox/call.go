package sandbox

import (
	"net/http"
	"time"
)

// The kinds of video, spelled as Kling's paths spell them.
const (
	imageToVideo = "image2video"
	textToVideo  = "text2video"
)

// object is a JSON object on its way out.
type object = map[string]any

// call is one request being answered.
type call struct {
	s     *Server
	r     *http.Request
	at    place
	base  string // start of the links in the answer
	now   time.Time
	owner string // fingerprint of the account
	poor  bool   // the account has no money
	entry Entry
}

// speaker answers in the words of one dialect.
type speaker interface {
	// answer handles every path of the dialect.
	answer(c *call) reply
	// refuse says no in the documented form; detail may add a reason.
	refuse(c *call, why condition, detail string) reply
}

func speakerFor(p provider) speaker {
	switch p {
	case apikley, kie:
		return createTask{}
	case aimlapi:
		return aimlAPI{}
	case apixo:
		return apixoAPI{}
	case powertokens, cometapi, crazyrouter, kling:
		return klingAPI{}
	case newapi:
		return newAPI{}
	default:
		return klingAPI{}
	}
}

func (c *call) answer() reply {
	sp := speakerFor(c.at.provider)
	if out, refused := c.authenticate(sp); refused {
		return out
	}
	return sp.answer(c)
}

func (c *call) refuse(why condition, detail string) reply {
	out := speakerFor(c.at.provider).refuse(c, why, detail)
	out.problem = string(why)
	if detail != "" {
		out.problem += ": " + detail
	}
	return out
}

// broken is the answer when the sandbox itself cannot work, for example on a
// full disk.
func (c *call) broken(err error) reply {
	return c.refuse(serverError, "sandbox: "+err.Error())
}

// note adds a remark to the journal line.
func (c *call) note(text string) {
	if c.entry.Problem != "" {
		c.entry.Problem += "; "
	}
	c.entry.Problem += text
}
