package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

// apixoAPI is APIXO (providers C): the model is a slug of the path, the status
// of the HTTP answer equals the code in the body.
type apixoAPI struct{}

const apixoSlug = "kling-2-1"

func (d apixoAPI) answer(c *call) reply {
	if c.at.path == "/api/v1/apikeys/current-balance" {
		return c.only(http.MethodGet, opBalance, d.balance)
	}
	if slug, ok := strings.CutPrefix(c.at.path, "/api/v1/generateTask/"); ok {
		return c.only(http.MethodPost, opCreate, func(c *call) reply { return d.create(c, slug) })
	}
	if slug, ok := strings.CutPrefix(c.at.path, "/api/v1/statusTask/"); ok {
		return c.only(http.MethodGet, opStatus, func(c *call) reply { return d.status(c, slug) })
	}
	c.entry.Op = opOf(c.r.Method, c.at.path)
	return c.refuse(unknownPath, "")
}

func (d apixoAPI) create(c *call, slug string) reply {
	body, out, ok := c.readCreate()
	if !ok {
		return out
	}
	if slug != apixoSlug {
		return c.refuse(unknownModel, "")
	}
	input, _ := body["input"].(object)
	mode := textOf(input, "mode")
	k := c.s.check(body, apixoFields(mode))
	c.noteUnknown(k)
	if len(k.mistakes) > 0 {
		m := k.mistakes[0]
		if m.flaw == missing {
			return c.refuse(badRequest, "Missing required field: "+m.field)
		}
		return c.refuse(badRequest, m.String())
	}
	callback := textOf(body, "callback_url")
	switch wanted := textOf(body, "request_type") == "callback"; {
	case wanted && callback == "":
		return c.refuse(badRequest, "Missing required field: callback_url")
	case !wanted && callback != "":
		c.note("callback_url without request_type callback has no effect")
		callback = ""
	}
	if callback != "" && !strings.HasPrefix(callback, "https://") {
		return c.refuse(badRequest, "callback_url must be a public HTTPS URL")
	}
	o := order{
		kind:     imageToVideo,
		model:    slug,
		mode:     mode,
		slug:     slug,
		prompt:   textOf(input, "prompt"),
		seconds:  secondsOf(input),
		pictures: k.pictures["input.image_urls"],
		callback: callback,
		body:     body,
		newID:    func() string { return "sbx" + hexText(29) },
	}
	if strings.Contains(mode, "text") {
		o.kind = textToVideo
	}
	return c.place(o, func(_ *task, id any) reply {
		return answerWith(http.StatusOK, "200", object{"code": 200, "message": "success", "data": object{"taskId": id}})
	})
}

// apixoFields is the table of C.2; the mode decides about pictures and ratio.
func apixoFields(mode string) []rule {
	images := rule{name: "image_urls", kind: list, required: true, min: 1, max: 1, item: &rule{kind: pictured, form: byURL}}
	input := []rule{
		{name: "mode", kind: text, required: true, enum: []string{
			"standard-image-to-video", "pro-image-to-video", "master-text-to-video", "master-image-to-video",
		}},
		{name: "prompt", kind: text, required: true, min: 1, max: 5000},
		{name: "duration", kind: whole, required: true, enum: []string{"5", "10"}},
		{name: "negative_prompt", kind: text, max: 500},
		{name: "cfg_scale", kind: number, lo: 0, hi: 1},
	}
	switch mode {
	case "pro-image-to-video":
		images.max = 2
		input = append(input, images)
	case "master-text-to-video":
		input = append(input, rule{name: "aspect_ratio", kind: text, enum: []string{"16:9", "9:16", "1:1"}})
	default:
		input = append(input, images)
	}
	return []rule{
		{name: "request_type", kind: text, enum: []string{"async", "callback"}},
		{name: "callback_url", kind: text},
		{name: "provider", kind: text, enum: []string{"auto", "value", "official"}},
		{name: "source", kind: text},
		{name: "input", kind: nested, required: true, of: input},
	}
}

func (d apixoAPI) status(c *call, slug string) reply {
	id := c.r.URL.Query().Get("taskId")
	if id == "" {
		return c.refuse(badRequest, "Missing required field: taskId")
	}
	c.entry.Task = id
	t, err := c.find(id)
	if err != nil {
		return c.broken(err)
	}
	if t == nil || t.Slug != slug {
		return c.refuse(unknownTask, "")
	}
	if out, refused := c.playStatus(t); refused {
		return out
	}
	data, err := d.record(c, t)
	if err != nil {
		return c.broken(err)
	}
	return answerWith(http.StatusOK, "200", object{"code": 200, "message": "success", "data": data})
}

func (d apixoAPI) record(c *call, t *task) (object, error) {
	data := object{"taskId": t.ID, "createTime": t.CreatedMS}
	switch ph := t.phase(c.now); ph {
	case queued:
		data["state"] = "pending"
	case running:
		data["state"] = "processing"
	case odd:
		data["state"] = "upscaling"
	case succeeded:
		links, err := c.links(t)
		if err != nil {
			return nil, err
		}
		data["state"] = "success"
		data["resultJson"] = resultJSON(t, links)
		data["completeTime"] = t.endMS()
		data["costTime"] = t.TakesMS
	case failed:
		data["state"] = "failed"
		data["failCode"], data["failMsg"] = apixoFailure(t)
		data["completeTime"] = t.endMS()
	}
	return data, nil
}

func apixoFailure(t *task) (code, words string) {
	switch {
	case t.Unreadable:
		return "INVALID_IMAGE_URL", "Cannot access provided image URL"
	case t.Scenario.Name == "moderated":
		return "CONTENT_VIOLATION", "Content violates safety guidelines"
	default:
		return "GENERATION_FAILED", "The video was not generated"
	}
}

func (apixoAPI) balance(c *call) reply {
	dollars := 74.87
	if c.poor {
		dollars = 0
	}
	return answerWith(http.StatusOK, "200", object{"code": 200, "message": "success", "data": dollars})
}

// refuse answers as C.3 and C.5 show.
func (apixoAPI) refuse(_ *call, why condition, detail string) reply {
	status, words := http.StatusInternalServerError, "Server error"
	switch why {
	case noKey, badKey, earlyToken, expiredToken:
		status, words = http.StatusUnauthorized, "Invalid or missing API Key"
	case noCredit:
		status, words = http.StatusPaymentRequired, "Insufficient balance"
	case forbidden, disabled:
		status, words = http.StatusForbidden, "This API Key has no permission"
	case badRequest, tooLarge:
		status, words = http.StatusBadRequest, "Invalid request"
	case unknownPath, wrongMethod, unknownModel, unknownTask:
		status, words = http.StatusNotFound, "Not found"
	case rateLimited, tooManyTasks, rateInEnvelope:
		status, words = http.StatusTooManyRequests, "Rate limit exceeded"
	case maintenance, unavailable:
		status, words = http.StatusServiceUnavailable, "Model is unavailable"
	case serverError, notGenerated, timedOut:
	}
	if detail == "" {
		detail = words
	}
	code := status
	if why == rateInEnvelope {
		status = http.StatusOK
	}
	return answerWith(status, strconv.Itoa(code), object{"code": code, "message": words, "data": object{"error": detail}})
}
