package klingapi

import (
	"slices"
	"strconv"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// question is what an answer answers: the same code costs money after one and
// none after the other.
type question int

const (
	creating question = iota
	looking
	balancing
)

// read decodes an answer and turns every refusal into its fault.
func read(reply dialect.Reply, asked question) (answer, error) {
	plain := reply.Status >= 200 && reply.Status < 300
	if !plain && reply.Status < 400 {
		return answer{}, asked.settle(dialect.StatusFault(reply, "", ""))
	}
	var top level
	if err := dialect.Decode(reply, &top); err != nil {
		return answer{}, asked.settle(dialect.Unreadable(reply, err))
	}
	a := unfold(top)
	if plain && success(top.Code) && (top.Error.empty() || a.told()) {
		return a, nil
	}
	return answer{}, asked.refuse(a, reply)
}

// refuse is the fault of a readable answer that says no.
func (q question) refuse(a answer, reply dialect.Reply) *fault.Error {
	e := q.settle(a.refusal(reply))
	switch {
	case q == creating && e.Spent() == fault.NotCharged && a.namesTask():
		e.Kind, e.Charged = fault.Answer, fault.MayBeCharged
		e.Detail += " (and yet the answer names a task)"
	case q == balancing && e.Kind == fault.Answer:
		e.Kind = fault.Refused // new-api says no with HTTP 200 and no code
	}
	return e
}

// settle reads a fault as the answer to what was asked.
func (q question) settle(e *fault.Error) *fault.Error {
	switch q {
	case creating:
		return dialect.ForCreate(e)
	case balancing:
		return dialect.ForBalance(e)
	case looking:
	}
	return e
}

// namesTask reports whether an answer that says no names a task all the same,
// itself or in what it repeats of its upstream. That is no proof that there is
// one, and the proof that there is none is gone.
func (a answer) namesTask() bool {
	levels := a.levels
	if inner, ok := quoted(string(levels[0].Message)); ok {
		levels = slices.Concat(levels, unfold(inner).levels)
	}
	return slices.ContainsFunc(levels, func(l level) bool { return identifier(l.TaskID) != "" })
}

// refusal names the fault of an answer that says no. A documented code decides
// over the HTTP status; Kling sends an empty account with 429.
func (a answer) refusal(reply dialect.Reply) *fault.Error {
	code, text := a.levels[0].complaint()
	shown := code
	if relays(code) {
		shown, text = upstream(code, text)
	}
	if text == "" && code != "" {
		text = "error code " + code
	}
	like := asIf(reply, code)
	e := dialect.StatusFault(like, text, shown)
	e.RequestID = a.requestID(reply)
	m := meaningOf(like.Status, code, shown)
	if m == (meaning{}) {
		m = meaningOfText(like.Status, code, text)
	}
	if m != (meaning{}) {
		e.Kind, e.Charged = m.kind, m.charged
	}
	if relays(code) && (e.Kind == fault.Auth || e.Kind == fault.Credit) {
		e.Hint = "the gateway's own account at its upstream was refused: tell its operator"
	}
	return e
}

// asIf gives an error inside a success the HTTP status that it repeats as its
// code.
func asIf(reply dialect.Reply, code string) dialect.Reply {
	status, err := strconv.Atoi(code)
	if err == nil && reply.Status < 300 && status >= 400 && status < 600 {
		reply.Status = status
	}
	return reply
}

// complaint is the code and the text of an answer that says no: Kling's
// {code, message}, or OpenAI's {error: {code, type, message}}.
func (l level) complaint() (code, text string) {
	code = string(l.Code)
	if success(l.Code) {
		code = string(l.Error.Code)
		if _, numeric := l.Error.Type.Int(); code == "" && numeric {
			code = string(l.Error.Type)
		}
	}
	return code, first(l.Error.Message, l.Message, l.Msg)
}
