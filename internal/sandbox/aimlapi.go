package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// aimlAPI is AI/ML API (providers B): the status of the HTTP answer carries the
// class of an error, there is no code in the body.
type aimlAPI struct{}

func (d aimlAPI) answer(c *call) reply {
	switch c.at.path {
	case "/v2/generate/video/kling/generation", "/v2/video/generations":
		if c.r.Method == http.MethodGet {
			return c.only(http.MethodGet, opStatus, d.status)
		}
		return c.only(http.MethodPost, opCreate, d.create)
	case "/v2/billing", "/v2/billing/detail", "/v1/billing/balance":
		return c.only(http.MethodGet, opBalance, d.balance)
	}
	c.entry.Op = opOf(c.r.Method, c.at.path)
	return c.refuse(unknownPath, "")
}

func (d aimlAPI) create(c *call) reply {
	body, out, ok := c.readCreate()
	if !ok {
		return out
	}
	model := textOf(body, "model")
	table, known := aimlFields(model)
	if !known {
		return c.refuse(unknownModel, "Invalid enum value for model")
	}
	k := c.s.check(body, table)
	c.noteUnknown(k)
	if len(k.mistakes) > 0 {
		return c.refuse(badRequest, k.mistakes[0].String())
	}
	o := order{
		kind:       imageToVideo,
		model:      model,
		prompt:     textOf(body, "prompt"),
		seconds:    secondsOf(body),
		pictures:   append(k.pictures["image_url"], k.pictures["tail_image_url"]...),
		externalID: textOf(body, "external_task_id"),
		body:       body,
		newID:      func() string { return aimlID(model) },
	}
	o.cost = 200_000 * o.seconds // credits, 2,000,000 to the dollar (B.8)
	return c.place(o, func(_ *task, id any) reply {
		return answerWith(http.StatusOK, "", object{"id": id, "status": "queued"})
	})
}

// aimlID has one of the documented looks: a number too large for a float, or a
// UUID with the model behind it.
func aimlID(model string) string {
	if strings.HasPrefix(model, "klingai/") {
		return "sbx-" + requestID() + ":" + model
	}
	return "sbx" + digitsText(18)
}

func (d aimlAPI) status(c *call) reply {
	id := c.r.URL.Query().Get("generation_id")
	if id == "" {
		return c.refuse(badRequest, "generation_id is required")
	}
	c.entry.Task = id
	t, err := c.find(id)
	if err != nil {
		return c.broken(err)
	}
	if t == nil {
		return c.refuse(unknownTask, "")
	}
	if out, refused := c.playStatus(t); refused {
		return out
	}
	answer := object{"id": t.ID}
	switch ph := t.phase(c.now); ph {
	case queued:
		answer["status"] = "queued"
	case running:
		answer["status"] = "generating"
	case odd:
		answer["status"] = "upscaling"
	case succeeded:
		answer["status"] = "completed"
		answer["meta"] = object{"usage": object{"credits_used": t.Cost}}
		links, err := c.links(t)
		if err != nil {
			return c.broken(err)
		}
		if len(links) > 0 {
			answer["video"] = object{"url": links[0]}
		}
	case failed:
		answer["status"] = "error"
		answer["error"] = aimlFailure(t)
	}
	return answerWith(http.StatusOK, "", answer).with("x-inference-id", t.ID)
}

func aimlFailure(t *task) object {
	switch {
	case t.Unreadable:
		return object{"name": "GenerationError", "message": "Failed to download the image"}
	case t.Scenario.Name == "moderated":
		return object{"name": "GenerationError", "message": "Failure to pass the risk control system"}
	default:
		return object{"name": "GenerationError", "message": "Internal error, the video was not generated"}
	}
}

func (aimlAPI) balance(c *call) reply {
	dollars := 12.34
	if c.poor {
		dollars = 0
	}
	switch c.at.path {
	case "/v2/billing/detail":
		return answerWith(http.StatusOK, "", object{
			"current_balance": dollars, "currency": "USD", "user_id": "sbx-user", "email": "user@example.net",
			"autotopup_settings": object{"is_enabled": false, "threshold": 0, "amount": 0, "currency": "USD"},
		})
	case "/v1/billing/balance":
		return answerWith(http.StatusOK, "", object{
			"balance": dollars * 2_000_000, "lowBalance": c.poor, "lowBalanceThreshold": 10_000,
			"lastUpdated": c.now.UTC().Format(time.RFC3339), "autoDebitStatus": "disabled",
			"status": "current", "statusExplanation": "Balance is current",
		})
	}
	return answerWith(http.StatusOK, "", object{"current_balance": dollars, "currency": "USD"})
}

// refuse answers with the status as the class (B.3, B.5); money is 403 here.
func (aimlAPI) refuse(c *call, why condition, detail string) reply {
	status, words := http.StatusInternalServerError, "Something went wrong on the server"
	switch why {
	case noKey, badKey, earlyToken, expiredToken:
		status, words = http.StatusUnauthorized, "The API key is missing or not valid"
	case noCredit:
		status, words = http.StatusForbidden, "You have run out of credits, top up your balance"
	case forbidden, disabled:
		status, words = http.StatusForbidden, "Your plan does not include this model"
	case badRequest, unknownModel, tooLarge:
		status, words = http.StatusBadRequest, "Body validation error"
	case unknownPath, wrongMethod:
		status, words = http.StatusNotFound, "Cannot find this route"
	case unknownTask:
		status, words = http.StatusNotFound, "Generation is not found"
	case rateLimited, rateInEnvelope, tooManyTasks:
		status, words = http.StatusTooManyRequests, "Too many requests, try again later"
	case maintenance:
		words = "The model is under maintenance"
	case unavailable:
		status, words = http.StatusServiceUnavailable, "The partner is not available"
	case timedOut:
		status, words = http.StatusGatewayTimeout, "The partner timed out"
	case serverError, notGenerated:
	}
	if detail != "" {
		words += "\n" + detail
	}
	return answerWith(status, "", object{
		"message": words, "path": c.at.path, "requestId": requestID(), "statusCode": status,
		"timestamp": c.now.UTC().Format(time.RFC3339),
	})
}
