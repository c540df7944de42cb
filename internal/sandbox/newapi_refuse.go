package sandbox

import "net/http"

// refuse answers in the forms of E.3: an error object for everything decided
// before the task, a code and message for the task itself.
func (newAPI) refuse(_ *call, why condition, detail string) reply {
	switch why {
	case noKey, badKey, earlyToken, expiredToken:
		return newAPIError(http.StatusUnauthorized, "", "the token is not valid")
	case forbidden, disabled:
		return newAPIError(http.StatusForbidden, "", "this token may not use the model")
	case noCredit:
		return newAPIFailure(http.StatusForbidden, "insufficient_user_quota", "user quota is not enough")
	case badRequest:
		return newAPIFailure(http.StatusBadRequest, "invalid_request", detail)
	case tooLarge:
		return newAPIError(http.StatusRequestEntityTooLarge, "", "request body too large")
	case unknownPath, wrongMethod:
		return newAPIError(http.StatusNotFound, "", "Invalid URL")
	case unknownModel:
		return newAPIError(http.StatusServiceUnavailable, "model_not_found", "no channel is available for the model")
	case unknownTask:
		return newAPIFailure(http.StatusBadRequest, "task_not_exist", "task_not_exist")
	case rateLimited:
		return newAPIError(http.StatusTooManyRequests, "", "too many requests")
	case tooManyTasks, rateInEnvelope:
		return newAPIFailure(http.StatusTooManyRequests, "fail_to_fetch_task", "当前分组上游负载已饱和，请稍后再试")
	case maintenance, unavailable:
		return newAPIError(http.StatusServiceUnavailable, "", "no channel is available right now")
	case notGenerated:
		return newAPIFailure(http.StatusBadRequest, "task_failed", "the generation failed")
	case timedOut:
		return newAPIFailure(http.StatusGatewayTimeout, "fail_to_fetch_task", `{"code":5002,"message":"internal timeout"}`)
	case serverError:
		return newAPIFailure(http.StatusInternalServerError, "do_request_failed", "do request failed: connection reset "+detail)
	}
	return newAPIFailure(http.StatusInternalServerError, "do_request_failed", detail)
}

func newAPIError(status int, code, words string) reply {
	return answerWith(status, code, object{"error": object{
		"message": words + " (request id: " + requestID() + ")", "type": "new_api_error", "code": code,
	}})
}

func newAPIFailure(status int, code, words string) reply {
	return answerWith(status, code, object{"code": code, "message": words, "data": nil})
}
