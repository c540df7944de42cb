package klingapi

import (
	"strings"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// meaning is what an error code says, and whether a create answered with it
// may have been charged. The zero meaning is an unknown code.
type meaning struct {
	kind    fault.Kind
	charged fault.Charge
}

func free(kind fault.Kind) meaning { return meaning{kind: kind, charged: fault.NotCharged} }

// meaningOf reads Kling's numbers and the words of gateways. Of a relayed
// refusal the upstream's code counts, but from status 500 on the status alone
// speaks: the gateway may have tried several upstreams.
func meaningOf(status int, code, upstreamCode string) meaning {
	if !relays(code) {
		if m := klingCode(code); m != (meaning{}) {
			return m
		}
		return gatewayCode(code)
	}
	if status >= 500 {
		return meaning{}
	}
	m := klingCode(upstreamCode)
	if m.kind == fault.Stale { // the gateway's token: signing ours again mends nothing
		m.kind = fault.Auth
	}
	return m
}

// klingCode is Kling's error table. HTTP 429 stands before some of these codes
// that no waiting mends.
func klingCode(code string) meaning {
	switch code {
	case "1000", "1001", "1002":
		return free(fault.Auth)
	case "1003", "1004": // token not yet valid, expired
		return free(fault.Stale)
	case "1100", "1101", "1102": // account abnormal, in arrears, out of units
		return free(fault.Credit)
	case "1103": // no right to this API or model
		return free(fault.Refused)
	case "1200", "1201", "1202", "1300", "1301", "1304": // parameters, method, policy, safety, IP list
		return free(fault.Refused)
	case "1203": // no such model, no such task
		return free(fault.NotFound)
	case "1302", "1303": // too many requests, too many parallel tasks
		return free(fault.Busy)
	case "5000", "5001", "5002":
		return meaning{kind: fault.Unavailable, charged: fault.MayBeCharged}
	default:
		return meaning{}
	}
}

// gatewayCode is the table of new-api and of PowerTokens' clients.
func gatewayCode(code string) meaning {
	switch strings.ToLower(code) {
	case "model_not_found": // no channel serves it; sent with 503, though no outage
		return free(fault.Refused)
	case "invalid_request", "model_price_error":
		return free(fault.Refused)
	case "build_request_failed": // could not be encoded for the upstream, so not sent
		return free(fault.Refused)
	case "do_request_failed", "read_response_body_failed", "unmarshal_response_failed":
		return meaning{kind: fault.Unavailable, charged: fault.MayBeCharged}
	case "insufficient_user_quota", "pre_consume_token_quota_failed", "insufficient_quota":
		return free(fault.Credit)
	case "token_invalid":
		return free(fault.Auth)
	case "task_not_exist":
		return free(fault.NotFound)
	default:
		return meaning{}
	}
}

// relays reports the codes under which new-api passes on what its upstream
// said: task_failed is a refusal inside a 200, fail_to_fetch_task any other
// status.
func relays(code string) bool {
	return strings.EqualFold(code, "task_failed") || strings.EqualFold(code, "fail_to_fetch_task")
}

// upstream is the code and text of the upstream's own answer where the gateway
// repeats it as its message, else what the gateway says itself.
func upstream(code, text string) (innerCode, innerText string) {
	inner, ok := quoted(text)
	if !ok {
		return code, text
	}
	innerCode, innerText = inner.complaint()
	return first(dialect.Text(innerCode), dialect.Text(code)), first(dialect.Text(innerText), dialect.Text(text))
}

// meaningOfText reads the words of an answer whose status alone already says
// that nothing was made: there they only tell which kind of refusal it is.
func meaningOfText(status int, code, text string) meaning {
	if status < 400 || status == 401 || status == 408 || status >= 500 {
		return meaning{}
	}
	switch {
	case relays(code) && strings.Contains(strings.ToLower(text), "parallel task over resource pack limit"):
		return free(fault.Busy) // the text of 1303, which task_failed gives without its number
	case moneyText(status, text):
		return free(fault.Credit)
	default:
		return meaning{}
	}
}

// moneyText reports whether a refusal speaks of an account that is out of
// money. With 429 "quota" is as often one of requests.
func moneyText(status int, text string) bool {
	text = strings.ToLower(text)
	if strings.Contains(text, "quota") && status != 429 {
		return true
	}
	for _, phrase := range []string{
		"insufficient balance", "insufficient credit", "insufficient fund", "insufficient user quota",
		"balance not enough", "balance is not enough", "not enough balance", "not enough credit",
		"out of credit", "in arrears", "余额不足", "额度不足",
	} {
		if strings.Contains(text, phrase) {
			return true
		}
	}
	return false
}
