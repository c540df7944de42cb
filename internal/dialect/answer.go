package dialect

import (
	"strconv"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// RequestID is the id of the exchange that providers and gateways put into
// headers, safe to print; "" when there is none.
func RequestID(reply Reply) string { return requestID(reply) }

// AnswerFault names an answer that is readable and makes no sense. After a
// create it may hide a task.
func AnswerFault(reply Reply, detail string, cause error) *fault.Error {
	return &fault.Error{
		Kind: fault.Answer, Charged: fault.MayBeCharged, Detail: fault.SafeText(detail),
		RequestID: requestID(reply), Err: cause,
	}
}

// ForCreate reads a fault as the answer to a create: what was not found is
// then a path or a model, never a task, so the order was refused.
func ForCreate(e *fault.Error) *fault.Error {
	if e.Kind == fault.NotFound {
		e.Kind = fault.Refused
	}
	return e
}

// AuthorizeBearer is Authorize for providers that know only a key. Nothing is
// trimmed; a key that cannot stand in a header is refused without naming it.
func AuthorizeBearer(call *Call, credential Credential) error {
	if credential.Key.Empty() {
		return &fault.Error{Kind: fault.Auth, Detail: "this provider needs an API key"}
	}
	key := credential.Key.Reveal()
	if strings.ContainsFunc(key, func(r rune) bool { return r <= 0x20 || r >= 0x7f }) {
		return &fault.Error{Kind: fault.Auth, Detail: "the API key holds a blank, a line end or another character that no key has"}
	}
	call.BearerHeader(key)
	return nil
}

// Cost is an amount that a provider states, as plain decimal text without
// trailing zeros; nil when it is no amount. Take it from answers about ended
// tasks only: the first cost that is seen is kept, and a running task may
// still say 0.
func Cost(amount Text, unit string) *kling.Cost {
	text := string(amount)
	if strings.ContainsAny(text, "eE") {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil || value > 1e15 {
			return nil
		}
		text = strconv.FormatFloat(value, 'f', -1, 64)
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if whole == "" || len(text) > 32 || strings.Trim(whole+fraction, "0123456789") != "" {
		return nil
	}
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		whole += "." + fraction
	}
	return &kling.Cost{Amount: whole, Unit: unit}
}

// Artifacts are videos in the provider's order, one for each link that is not
// empty. Whether a link may be opened is decided where it is fetched.
func Artifacts(links ...Text) []kling.Artifact {
	var videos []kling.Artifact
	for _, link := range links {
		if link != "" {
			videos = append(videos, kling.Artifact{Kind: kling.Video, URL: string(link)})
		}
	}
	return videos
}

// SeenTask is the task id of an answer other than a create's: "" when there is
// none or when it cannot be one.
func SeenTask(id Text) string {
	task, err := TaskID(string(id))
	if err != nil {
		return ""
	}
	return task
}

// Whole is the number of a wire text, 0 when it is none, for Millis and
// Seconds.
func (t Text) Whole() int64 {
	value, _ := t.Int()
	return value
}
