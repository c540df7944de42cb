package sandbox

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
)

// shape is how a gateway answers: the generations of new-api and the shapes
// other gateways and documents show (providers D.9, E.3, E.4).
type shape string

const (
	early    shape = "1"        // mid 2025: Kling's envelope with a task_id at the top; link in fail_reason
	middle   shape = "2"        // late 2025: video object; link in fail_reason
	current  shape = "3"        // 2026: video object; link in result_url
	openai   shape = "openai"   // status answers the OpenAI video object
	docs     shape = "docs"     // the flat shape of new-api's own pages
	simple   shape = "simple"   // crazyrouter's object
	official shape = "official" // Kling's envelope
	doubled  shape = "nested"   // a new-api behind a new-api: one data level more
)

func shapes() []shape {
	return []shape{early, middle, current, openai, docs, simple, official, doubled}
}

// gatewayShape is the shape of a task: its own, else that of its provider.
func gatewayShape(t *task) shape {
	switch {
	case t.Shape != "":
		return t.Shape
	case t.Provider == crazyrouter:
		return simple
	case t.Provider == newapi:
		return current
	default:
		return official
	}
}

// gatewayAccepted answers a create (E.3).
func gatewayAccepted(t *task, id any) reply {
	upstream := object{"code": 0, "message": "SUCCEED", "request_id": requestID(), "data": object{
		"task_id": id, "task_status": "submitted", "task_info": object{},
		"created_at": t.CreatedMS, "updated_at": t.CreatedMS,
	}}
	switch gatewayShape(t) {
	case early:
		upstream["task_id"] = id
		return answerWith(http.StatusOK, "0", upstream)
	case simple, official:
		return answerWith(http.StatusOK, "0", upstream)
	case docs:
		return answerWith(http.StatusOK, "", object{"task_id": id, "status": "queued"})
	case middle, current, openai, doubled:
	}
	return answerWith(http.StatusOK, "", object{
		"id": id, "task_id": id, "object": "video", "model": t.Model,
		"status": "queued", "progress": 0, "created_at": t.CreatedMS / 1000,
	}).with("X-New-Api-Other-Ratios", "{}")
}

// gatewayStatus answers a look (E.4).
func gatewayStatus(c *call, t *task) reply {
	links, err := c.links(t)
	if err != nil {
		return c.broken(err)
	}
	switch gatewayShape(t) {
	case openai:
		return answerWith(http.StatusOK, "", openAIVideo(t, t.phase(c.now), links))
	case docs:
		return answerWith(http.StatusOK, "", docsVideo(t, t.phase(c.now), links))
	case simple:
		return answerWith(http.StatusOK, "success", simpleVideo(t, t.phase(c.now), links))
	case official:
		data, err := klingTask(c, t)
		if err != nil {
			return c.broken(err)
		}
		return answerWith(http.StatusOK, "0", object{"code": 0, "message": "SUCCEED", "request_id": requestID(), "data": data})
	case early, middle, current, doubled:
	}
	data, err := genericTask(c, t, links)
	if err != nil {
		return c.broken(err)
	}
	return answerWith(http.StatusOK, "success", object{"code": "success", "message": "", "data": data})
}

func first(links []string) string {
	if len(links) == 0 {
		return ""
	}
	return links[0]
}

// openAIVideo is the object of GET /v1/videos/{id}. Its times are in
// milliseconds once Kling's answer was copied into it, a quirk of the source.
func openAIVideo(t *task, ph phase, links []string) object {
	v := object{
		"id": t.ID, "object": "video", "model": "", "status": openAIWord(ph), "progress": percent(ph),
		"created_at": t.CreatedMS,
	}
	switch ph {
	case queued, running, odd:
	case succeeded:
		v["completed_at"] = t.endMS()
		v["seconds"] = klingVideos(t, []string{""})[0]["duration"]
		if len(links) > 0 {
			v["metadata"] = object{"url": first(links)}
		}
	case failed:
		v["completed_at"] = t.endMS()
		v["error"] = object{"message": klingFailure(t), "code": "task_failed"}
	}
	return v
}

func openAIWord(ph phase) string {
	switch ph {
	case queued:
		return "queued"
	case running:
		return "in_progress"
	case odd:
		return "upscaling"
	case succeeded:
		return "completed"
	case failed:
		return "failed"
	}
	return ""
}

func percent(ph phase) int {
	switch ph {
	case queued:
		return 20
	case running, odd:
		return 30
	case succeeded, failed:
		return 100
	}
	return 0
}

// docsVideo is the shape of new-api's documents.
func docsVideo(t *task, ph phase, links []string) object {
	v := object{"task_id": t.ID, "status": openAIWord(ph), "format": "mp4", "error": nil}
	switch ph {
	case queued, running, odd:
	case succeeded:
		v["url"] = first(links)
		v["metadata"] = object{"duration": t.Seconds, "fps": 24, "width": 1280, "height": 720, "seed": 0}
	case failed:
		v["error"] = object{"code": 500, "message": klingFailure(t)}
	}
	return v
}

// simpleVideo is crazyrouter's answer (D.9).
func simpleVideo(t *task, ph phase, links []string) object {
	word := openAIWord(ph)
	data := object{"task_id": t.ID, "url": "", "format": "mp4", "metadata": nil, "error": nil}
	switch ph {
	case queued, odd:
	case running:
		word = "processing"
	case succeeded:
		word = "succeeded"
		data["url"] = first(links)
	case failed:
		data["error"] = object{"code": 500, "message": klingFailure(t)}
	}
	data["status"] = word
	return object{"code": "success", "message": "", "data": data}
}

// genericTask is new-api's task object. Older generations have no result_url
// and put the link into fail_reason; the earliest start with an empty status
// and hide the reason of a failure inside the upstream answer.
func genericTask(c *call, t *task, links []string) (object, error) {
	ph := t.phase(c.now)
	sh := gatewayShape(t)
	inner, err := klingTask(c, t)
	if err != nil {
		return nil, err
	}
	upstream := maps.Clone(inner)
	upstream["task_id"] = "sbx" + digest([]byte(t.ID))[:16]
	if ph == succeeded {
		upstream["task_result"] = object{"videos": klingVideos(t, links)}
	}
	word, progress := genericWord(ph)
	data := object{
		"id": 4711, "created_at": t.CreatedMS / 1000, "updated_at": t.updatedMS(ph) / 1000,
		"task_id": t.ID, "platform": "50", "user_id": 12, "group": "default", "channel_id": 3,
		"quota": 500000, "action": genericAction(t.Kind), "status": word, "fail_reason": "",
		"submit_time": t.CreatedMS / 1000, "start_time": 0, "finish_time": 0, "progress": progress,
		"properties": object{"input": "", "upstream_model_name": t.Model, "origin_model_name": t.Model},
		"data":       object{"code": 0, "message": "SUCCEED", "request_id": requestID(), "data": upstream},
	}
	if ph != queued {
		data["start_time"] = t.startMS() / 1000
	}
	reason := ""
	switch ph {
	case queued:
		if sh == early {
			data["status"], data["progress"] = "", ""
		}
	case running, odd:
	case succeeded:
		reason = first(links)
		data["finish_time"] = t.endMS() / 1000
	case failed:
		reason = klingFailure(t)
		data["finish_time"] = t.endMS() / 1000
	}
	switch sh {
	case early:
		data["fail_reason"] = reason
		if ph == failed {
			data["fail_reason"] = "SUCCEED"
		}
	case middle:
		data["fail_reason"] = reason
	case current, doubled, openai, docs, simple, official:
		if reason != "" {
			data["result_url"] = reason // on a failure too
		}
		if ph == failed {
			data["fail_reason"] = reason
		}
	}
	if sh == doubled {
		nested := maps.Clone(data)
		data["data"] = object{"code": "success", "message": "", "data": nested}
		delete(data, "result_url")
	}
	return data, nil
}

func genericAction(videoKind string) string {
	if videoKind == textToVideo {
		return "textGenerate"
	}
	return "generate"
}

func genericWord(ph phase) (word, progress string) {
	switch ph {
	case queued:
		return "NOT_START", "0%"
	case running:
		return "IN_PROGRESS", "30%"
	case odd:
		return "UPSCALING", "30%"
	case succeeded:
		return "SUCCESS", "100%"
	case failed:
		return "FAILURE", "100%"
	}
	return "", ""
}

var errNotNumber = errors.New("not a number")

func numberOf(o object, name string) (float64, error) {
	n, ok := o[name].(json.Number)
	if !ok {
		return 0, errNotNumber
	}
	return n.Float64()
}
