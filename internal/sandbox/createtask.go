package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// createTask is the dialect of Apikley and KIE (providers A). Apikley answers
// as its own pages say, KIE as it was also seen to: a parameter mistake is code
// 422 at the one and code 500 inside an HTTP 200 at the other.
type createTask struct{}

func (d createTask) answer(c *call) reply {
	switch c.at.path {
	case "/api/v1/jobs/createTask":
		return c.only(http.MethodPost, opCreate, d.create)
	case "/api/v1/jobs/recordInfo":
		return c.only(http.MethodGet, opStatus, d.status)
	case "/api/v1/chat/credit":
		return c.only(http.MethodGet, opBalance, d.credit)
	case "/api/v1/common/download-url":
		return c.only(http.MethodPost, opDownload, d.downloadURL)
	}
	if strings.HasPrefix(c.at.path, "/api/file-") {
		return c.upload()
	}
	c.entry.Op = opOf(c.r.Method, c.at.path)
	return c.refuse(unknownPath, "")
}

// only runs a handler for its one documented method.
func (c *call) only(method, op string, h func(c *call) reply) reply {
	c.entry.Op = op
	if c.r.Method != method {
		return c.refuse(wrongMethod, "")
	}
	return h(c)
}

// opOf names the operation of a request no handler took.
func opOf(method, path string) string {
	switch {
	case strings.Contains(path, "-upload"):
		return opUpload
	case strings.Contains(path, "credit"), strings.Contains(path, "billing"), strings.Contains(path, "balance"),
		strings.Contains(path, "costs"):
		return opBalance
	case method == http.MethodPost:
		return opCreate
	default:
		return opStatus
	}
}

func (d createTask) create(c *call) reply {
	body, out, ok := c.readCreate()
	if !ok {
		return out
	}
	model, _ := body["model"].(string)
	table, known := createTaskInput(model)
	if !known {
		return c.refuse(unknownModel, "model is not within the range of allowed options")
	}
	table = []rule{
		{name: "model", kind: text, required: true},
		{name: "callBackUrl", kind: text, uri: true},
		{name: "input", kind: nested, required: true, of: table},
	}
	k := c.s.check(body, table)
	c.noteUnknown(k)
	if len(k.mistakes) > 0 {
		return d.invalid(c, k.mistakes)
	}
	input, _ := body["input"].(object)
	o := order{
		kind:     imageToVideo,
		model:    model,
		prompt:   textOf(input, "prompt"),
		seconds:  secondsOf(input),
		callback: textOf(body, "callBackUrl"),
		cost:     creditPrice(model, input),
		body:     body,
		newID: func() string {
			return fmt.Sprintf("sbx_task_%s_%d_%s", familyOf(model), millis(c.now), hexText(8))
		},
	}
	if strings.Contains(model, "text-to-video") {
		o.kind = textToVideo
	}
	for _, name := range []string{"input.image_url", "input.image_urls", "input.tail_image_url"} {
		o.pictures = append(o.pictures, k.pictures[name]...)
	}
	return c.place(o, func(_ *task, id any) reply {
		return answerWith(http.StatusOK, "200", object{"code": 200, "msg": "success", "data": object{"taskId": id}})
	})
}

// familyOf is the part of the model that shows in task ids: kling, kling-2.6.
func familyOf(model string) string {
	name, _, _ := strings.Cut(model, "/")
	return name
}

// invalid words the first mistake as the live service does (A.3).
func (d createTask) invalid(c *call, mistakes []mistake) reply {
	m := mistakes[0]
	name := m.field[strings.LastIndex(m.field, ".")+1:]
	words := name + " is not within the range of allowed options"
	switch m.flaw {
	case missing:
		words = "This field is required: " + name
	case wrongLength:
		words = "The text length cannot exceed the maximum limit: " + name
	case badPicture:
		words = "File type not supported: " + name
	case wrongType, notAllowed:
	}
	out := c.refuse(badRequest, words)
	for _, other := range mistakes {
		out.problem += "; " + other.String()
	}
	return out
}

func (d createTask) status(c *call) reply {
	id := c.r.URL.Query().Get("taskId")
	if id == "" {
		return createTaskError(http.StatusOK, 400, "taskId is required")
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
	data, err := d.record(c, t)
	if err != nil {
		return c.broken(err)
	}
	return answerWith(http.StatusOK, "200", object{"code": 200, "msg": "success", "data": data})
}

// record is data of recordInfo (A.4), also what a callback carries.
func (d createTask) record(c *call, t *task) (object, error) {
	ph := t.phase(c.now)
	data := object{
		"taskId": t.ID, "model": t.Model, "state": d.word(ph), "param": string(t.Request),
		"resultJson": "", "failCode": "", "failMsg": "", "costTime": 0, "completeTime": 0,
		"createTime": t.CreatedMS, "updateTime": t.updatedMS(ph),
	}
	switch ph {
	case queued:
		data["failCode"], data["failMsg"], data["costTime"], data["completeTime"] = nil, nil, nil, nil
	case running, odd:
	case succeeded:
		links, err := c.links(t)
		if err != nil {
			return nil, err
		}
		data["resultJson"] = resultJSON(t, links)
		data["costTime"] = t.TakesMS
		data["completeTime"] = t.endMS()
		data["creditsConsumed"] = t.Cost
	case failed:
		data["failCode"], data["failMsg"] = d.failure(t)
		data["completeTime"] = t.endMS()
		data["creditsConsumed"] = 0.0
	}
	return data, nil
}

func (createTask) word(ph phase) string {
	switch ph {
	case queued:
		return "waiting"
	case running:
		return "generating"
	case odd:
		return "upscaling"
	case succeeded:
		return "success"
	case failed:
		return "fail"
	}
	return ""
}

func (createTask) failure(t *task) (code, words string) {
	switch {
	case t.Unreadable:
		return "500", "Image fetch failed"
	case t.Scenario.Name == "moderated":
		return "422", "Your prompt was flagged by the content moderation as sensitive"
	default:
		return "500", "Internal server error"
	}
}

// resultJSON is JSON in a string, or an object where the scenario departs from
// the documents.
func resultJSON(t *task, links []string) any {
	result := object{"resultUrls": append([]string{}, links...)}
	if t.Scenario.Name == "object-result" {
		return result
	}
	data, _ := json.Marshal(result) // strings always marshal
	return string(data)
}

func (createTask) credit(c *call) reply {
	credits := 12345.5
	if c.poor {
		credits = 0
	}
	return answerWith(http.StatusOK, "200", object{"code": 200, "msg": "success", "data": credits})
}

// downloadURL trades a result link for a short-lived one (A.8, KIE only).
func (d createTask) downloadURL(c *call) reply {
	if c.at.provider != kie {
		return c.refuse(unknownPath, "")
	}
	body, _, err := c.s.readJSON(c.r.Body)
	link := textOf(body, "url")
	if err != nil || !strings.HasPrefix(link, c.base+"/files/") {
		return createTaskError(http.StatusOK, 422, "url was not generated here")
	}
	return answerWith(http.StatusOK, "200", object{"code": 200, "msg": "success", "data": link})
}

func (c *call) noteUnknown(k *checker) {
	if len(k.unknown) > 0 {
		c.note("undocumented fields: " + strings.Join(slices.Compact(k.unknown), ", "))
	}
}
