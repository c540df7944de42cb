package dialect

import (
	"net/url"
	"strconv"

	"github.com/klingctl/klingctl/internal/fault"
)

// StatusFault names the fault of an answer by its HTTP status alone; detail
// and code are the vendor's, as they came. Dialects use it for every answer
// that their own tables do not settle. Charged is MayBeCharged where a create
// answered like this may have made a task.
func StatusFault(reply Reply, detail, code string) *fault.Error {
	e := &fault.Error{
		Kind: fault.Answer, Detail: fault.SafeText(detail), Code: fault.SafeText(code),
		Charged: fault.NotCharged, RequestID: requestID(reply),
	}
	if e.Detail == "" {
		e.Detail = "HTTP " + strconv.Itoa(reply.Status)
	}
	switch status := reply.Status; {
	case status == 303:
		e.Charged = fault.MayBeCharged
		e.Detail = redirectDetail(reply)
	case status >= 300 && status < 400:
		e.Detail = redirectDetail(reply)
		e.Hint = "check the provider's endpoint"
	case status == 401:
		e.Kind = fault.Auth
	case status == 402:
		e.Kind = fault.Credit
	case status == 404:
		e.Kind = fault.NotFound
	case status == 429, status == 425:
		e.Kind = fault.Busy
	case status == 408:
		e.Kind, e.Charged = fault.Unavailable, fault.MayBeCharged
	case status >= 400 && status < 500:
		e.Kind = fault.Refused
	case status >= 500:
		e.Kind, e.Charged = fault.Unavailable, fault.MayBeCharged
	default:
		e.Charged = fault.MayBeCharged
	}
	return e
}

// Unreadable names the fault of an answer whose body Decode could not read.
// An error status speaks for itself; a web page with 200 comes from something
// that is not the API; any other unreadable success may have made a task.
func Unreadable(reply Reply, decodeErr error) *fault.Error {
	page := IsPage(decodeErr)
	if reply.Status < 200 || reply.Status >= 300 {
		detail := ""
		if page {
			detail = pageText(reply.Body)
		}
		e := StatusFault(reply, detail, "")
		e.Err = decodeErr
		return e
	}
	e := &fault.Error{Kind: fault.Answer, Charged: fault.MayBeCharged, RequestID: requestID(reply), Err: decodeErr}
	if page {
		e.Charged = fault.NotCharged
		e.Detail = "answered with a web page instead of JSON"
		e.Hint = "check the provider's endpoint"
	}
	return e
}

// redirectDetail names where a redirect points, by host only: the rest of the
// URL may hold secrets.
func redirectDetail(reply Reply) string {
	detail := "redirected (HTTP " + strconv.Itoa(reply.Status) + ")"
	if target, err := url.Parse(reply.HeaderValue("Location")); err == nil && target.Host != "" {
		detail += " to " + fault.SafeText(target.Host)
	}
	return detail + ", which is not followed"
}

// requestID finds the id that providers and gateways put into headers.
func requestID(reply Reply) string {
	for _, name := range []string{"X-Request-Id", "X-Oneapi-Request-Id", "X-Inference-Id"} {
		if id := reply.HeaderValue(name); id != "" {
			return fault.SafeText(id)
		}
	}
	return ""
}

// MaxTaskID bounds a task id, in bytes.
const MaxTaskID = 1024

// TaskID checks the task id of a successful create. An id that cannot be kept
// is a fault, and one that may have cost money.
func TaskID(id string) (string, error) {
	switch {
	case id == "":
		return "", &fault.Error{Kind: fault.Answer, Charged: fault.MayBeCharged, Detail: "the answer says success but names no task"}
	case len(id) > MaxTaskID:
		return "", &fault.Error{Kind: fault.Answer, Charged: fault.MayBeCharged, Detail: "the answer names a task of " + strconv.Itoa(len(id)) + " bytes"}
	}
	for _, r := range id {
		if r < 0x20 || r == 0x7f || r == 0xfffd {
			return "", &fault.Error{Kind: fault.Answer, Charged: fault.MayBeCharged, Detail: "the answer names a task with control characters: " + fault.SafeText(id)}
		}
	}
	return id, nil
}
