package faulttest

import (
	"net/http"
	"strings"
	"time"
)

// klingVideos is where Kling's tasks live, below a gateway's prefix or not.
const klingVideos = "/v1/videos/image2video"

// klingAPI is the form of Kling's own API.
type klingAPI struct{}

func (klingAPI) refPath() string           { return "image2video/" }
func (klingAPI) isCreate(path string) bool { return path == klingVideos }
func (klingAPI) isLook(path string) bool   { return strings.HasPrefix(path, klingVideos+"/") }

func (klingAPI) created(w http.ResponseWriter, now time.Time) {
	send(w, http.StatusOK, envelope(object{"task_id": taskID, "task_info": object{}, "task_status": "submitted", "created_at": now.UnixMilli()}))
}

func (klingAPI) looked(w http.ResponseWriter, r report, now time.Time) {
	send(w, http.StatusOK, envelope(klingTask(r, now)))
}

func (klingAPI) unknown(w http.ResponseWriter) {
	send(w, http.StatusNotFound, object{"code": 1203, "message": "resource does not exist", "request_id": "r-404"})
}

func (klingAPI) broken(w http.ResponseWriter) {
	send(w, http.StatusInternalServerError, object{"code": 5000, "message": "internal error", "request_id": "r-500"})
}

func envelope(data object) object {
	return object{"code": 0, "message": "SUCCEED", "request_id": "r-200", "data": data}
}

func klingTask(r report, now time.Time) object {
	data := object{
		"task_id": taskID, "task_status": klingWord(r), "task_status_msg": r.message, "task_info": object{},
		"created_at": now.Add(-time.Minute).UnixMilli(), "updated_at": now.UnixMilli(),
	}
	if r.state == succeeded {
		videos := []object{}
		for _, link := range r.links {
			videos = append(videos, object{"id": "v-1", "url": link, "duration": "5.041"})
		}
		data["task_result"] = object{"videos": videos}
		if r.result != nil {
			data["task_result"] = r.result
		}
	}
	return data
}

func klingWord(r report) string {
	if r.word != "" {
		return r.word
	}
	return [...]string{"submitted", "processing", "succeed", "failed"}[r.state]
}

// newAPI is the form of a new-api gateway: a task of its own with the
// upstream's last answer inside, and Unix seconds.
type newAPI struct{}

func (newAPI) refPath() string           { return "image2video/" }
func (newAPI) isCreate(path string) bool { return path == "/kling"+klingVideos }
func (newAPI) isLook(path string) bool   { return strings.HasPrefix(path, "/kling"+klingVideos+"/") }

func (newAPI) created(w http.ResponseWriter, now time.Time) {
	send(w, http.StatusOK, object{"id": taskID, "task_id": taskID, "object": "video", "status": "", "created_at": now.Unix()})
}

func (newAPI) looked(w http.ResponseWriter, r report, now time.Time) {
	data := object{
		"task_id": taskID, "status": [...]string{"NOT_START", "IN_PROGRESS", "SUCCESS", "FAILURE"}[r.state],
		"fail_reason": r.message, "submit_time": now.Unix(), "finish_time": 0, "data": envelope(klingTask(r, now)),
	}
	if r.state == succeeded || r.state == failed {
		data["finish_time"] = now.Unix()
	}
	if r.state == succeeded && len(r.links) > 0 {
		data["result_url"] = r.links[0]
	}
	send(w, http.StatusOK, object{"code": "success", "message": "", "data": data})
}

func (newAPI) unknown(w http.ResponseWriter) {
	send(w, http.StatusBadRequest, object{"code": "task_not_exist", "message": "task_not_exist", "data": nil})
}

func (newAPI) broken(w http.ResponseWriter) {
	send(w, http.StatusInternalServerError, object{"code": "get_task_failed", "message": "the database is away", "data": nil})
}
