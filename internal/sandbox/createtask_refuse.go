package sandbox

import (
	"net/http"
	"strconv"
)

// refuse answers with the code in the body; the documents use the same number
// for the status of keys, paths and rate limits, and live answers carry the
// other codes inside an HTTP 200 (A.3, A.5).
func (createTask) refuse(c *call, why condition, detail string) reply {
	status, code, words := http.StatusOK, 500, "Server exception, please try again later"
	switch why {
	case noKey, badKey, earlyToken, expiredToken:
		status, code, words = http.StatusUnauthorized, 401, "You do not have access permissions"
	case noCredit:
		code, words = 402, "Credits insufficient, please top up"
	case forbidden:
		status, code, words = http.StatusUnauthorized, 401, "This key has no access to the model"
	case badRequest, unknownModel, tooLarge:
		code, words = 422, "The request parameters are not valid"
		if c.at.provider == apikley {
			status = http.StatusUnprocessableEntity
		} else {
			code, words = 500, "This field is required"
		}
	case unknownPath, wrongMethod:
		status, code, words = http.StatusNotFound, 404, "The requested endpoint does not exist"
	case unknownTask:
		code, words = 404, "The task does not exist"
	case rateLimited, tooManyTasks:
		status, code, words = http.StatusTooManyRequests, 429, "Too many requests, please slow down"
	case rateInEnvelope:
		code, words = 429, "Too many requests, please slow down"
	case maintenance, unavailable:
		code, words = 455, "The service is undergoing maintenance"
	case serverError:
		status = http.StatusInternalServerError
	case notGenerated:
		code, words = 501, "The generation failed"
	case timedOut:
		status, words = http.StatusGatewayTimeout, "The upstream timed out"
	case disabled:
		code, words = 505, "This feature is disabled"
	}
	if detail != "" {
		words = detail
	}
	return createTaskError(status, code, words)
}

func createTaskError(status, code int, words string) reply {
	return answerWith(status, strconv.Itoa(code), object{"code": code, "msg": words, "data": nil})
}
