package apixo

import (
	"strings"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

const codeSuccess = "200"

// success reports whether the answer says so: by its code, or by its HTTP
// status where a proxy left the code out.
func (e envelope) success(reply dialect.Reply) bool {
	if e.Code == "" {
		return reply.Status >= 200 && reply.Status < 300
	}
	return e.Code == codeSuccess
}

// fault names an error by the code in the body, which is documented to equal
// the HTTP status; a code that is none of HTTP's error numbers leaves it to the
// status.
func (e envelope) fault(reply dialect.Reply) *fault.Error {
	if code, ok := e.Code.Int(); ok && code >= 400 && code < 600 {
		reply.Status = int(code)
	}
	p := e.problem()
	f := dialect.StatusFault(reply, e.detail(p), string(e.Code))
	if f.Kind == fault.Refused && p.isMoney(string(e.Message)) {
		f.Kind = fault.Credit
	}
	return f
}

// detail joins the message with the reason in the data.
func (e envelope) detail(p problem) string {
	reason := string(p.Error)
	if reason == "" {
		reason = string(p.FailCode)
	}
	switch {
	case e.Message == "" && reason == "" && e.Code != "":
		return "code " + string(e.Code)
	case e.Message == "":
		return reason
	case reason == "" || strings.Contains(string(e.Message), reason):
		return string(e.Message)
	}
	return string(e.Message) + ": " + reason
}

// isMoney recognises the failure identifier of an empty account, which may
// stand in an immediate refusal as well.
func (p problem) isMoney(message string) bool {
	return strings.Contains(string(p.FailCode)+" "+string(p.Error)+" "+message, "INSUFFICIENT_CREDITS")
}
