package sandbox

import (
	"net/http"
	"strconv"
)

// refuse answers with Kling's table of codes (F.5); gateways speak of keys and
// money in an error object of their own (D.3).
func (d klingAPI) refuse(c *call, why condition, detail string) reply {
	if c.at.provider != kling {
		if out, own := d.refuseAsGateway(why, detail); own {
			return out
		}
	}
	status, code, words := klingError(why)
	if detail != "" {
		words += ": " + detail
	}
	if why == rateInEnvelope || (c.at.provider == powertokens && status == http.StatusBadRequest) {
		status = http.StatusOK // Kling's refusals pass through inside a 200
	}
	return answerWith(status, strconv.Itoa(code), klingErrorBody(code, words))
}

func klingErrorBody(code int, words string) object {
	return object{"code": code, "message": words, "request_id": requestID()}
}

func klingError(why condition) (status, code int, words string) {
	switch why {
	case noKey:
		return http.StatusUnauthorized, 1001, "Authorization is empty"
	case badKey:
		return http.StatusUnauthorized, 1002, "Authorization is invalid"
	case earlyToken:
		return http.StatusUnauthorized, 1003, "Authorization is not valid yet"
	case expiredToken:
		return http.StatusUnauthorized, 1004, "Authorization has expired"
	case noCredit:
		return http.StatusTooManyRequests, 1102, "Account balance not enough"
	case forbidden, disabled:
		return http.StatusForbidden, 1103, "no right to this API or model"
	case badRequest:
		return http.StatusBadRequest, 1201, "request parameter is not valid"
	case tooLarge:
		return http.StatusBadRequest, 1200, "request parameters are not valid"
	case wrongMethod:
		return http.StatusNotFound, 1202, "method is not valid"
	case unknownPath, unknownModel, unknownTask:
		return http.StatusNotFound, 1203, "resource does not exist"
	case rateLimited:
		return http.StatusTooManyRequests, 1302, "too many requests"
	case tooManyTasks, rateInEnvelope:
		return http.StatusTooManyRequests, 1303, "parallel task over resource pack limit"
	case maintenance, unavailable:
		return http.StatusServiceUnavailable, 5001, "service is under maintenance"
	case timedOut:
		return http.StatusGatewayTimeout, 5002, "internal timeout"
	case serverError, notGenerated:
		return http.StatusInternalServerError, 5000, "internal error"
	}
	return http.StatusInternalServerError, 5000, "internal error"
}

func (klingAPI) refuseAsGateway(why condition, detail string) (reply, bool) {
	switch why {
	case noKey, badKey:
		return gatewayError(http.StatusUnauthorized, "authentication_error", "token_invalid", "the token is missing or not valid"), true
	case noCredit:
		return gatewayError(http.StatusPaymentRequired, "billing_error", "insufficient_quota", "insufficient quota"), true
	case forbidden, disabled:
		return gatewayError(http.StatusForbidden, "permission_error", "forbidden", "this token may not use the model"), true
	case rateLimited:
		return gatewayError(http.StatusTooManyRequests, "rate_limit_error", "rate_limit_exceeded", "rate limit reached"), true
	case unknownPath, wrongMethod:
		return gatewayError(http.StatusNotFound, "invalid_request_error", "not_found", "no such endpoint"), true
	case serverError:
		return gatewayError(http.StatusInternalServerError, "server_error", "internal_error", "internal error "+detail), true
	case earlyToken, expiredToken, badRequest, tooLarge, unknownModel, unknownTask, rateInEnvelope, tooManyTasks,
		maintenance, notGenerated, unavailable, timedOut:
		return reply{}, false
	}
	return reply{}, false
}

func gatewayError(status int, kind, code, words string) reply {
	return answerWith(status, code, object{"error": object{"message": words, "type": kind, "code": code}})
}
