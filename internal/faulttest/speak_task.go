package faulttest

import (
	"encoding/json"
	"net/http"
	"time"
)

// taskAPI is the form of Apikley and of APIXO: an envelope with a code, and
// results as JSON inside a text.
type taskAPI struct {
	create, look string
	text         string // the field of a message
	words        [4]string
	done         string
	slug         string
}

func (t taskAPI) refPath() string           { return t.slug }
func (t taskAPI) isCreate(path string) bool { return path == t.create }
func (t taskAPI) isLook(path string) bool   { return path == t.look }

func (t taskAPI) created(w http.ResponseWriter, _ time.Time) {
	send(w, http.StatusOK, object{"code": 200, t.text: t.done, "data": object{"taskId": taskID}})
}

func (t taskAPI) looked(w http.ResponseWriter, r report, now time.Time) {
	data := object{
		"taskId": taskID, "state": t.word(r), "resultJson": "", "failCode": nil, "failMsg": nil,
		"createTime": now.Add(-time.Minute).UnixMilli(), "completeTime": nil,
	}
	switch r.state {
	case waiting, working:
	case succeeded:
		data["completeTime"] = now.UnixMilli()
		data["resultJson"] = r.result
		if r.result == nil {
			inner, _ := json.Marshal(object{"resultUrls": r.links}) // texts always marshal
			data["resultJson"] = string(inner)
		}
	case failed:
		data["completeTime"] = now.UnixMilli()
		if r.message != "" {
			data["failCode"], data["failMsg"] = "500", r.message
		}
	}
	send(w, http.StatusOK, object{"code": 200, t.text: t.done, "data": data})
}

func (t taskAPI) word(r report) string {
	if r.word != "" {
		return r.word
	}
	return t.words[r.state]
}

func (t taskAPI) unknown(w http.ResponseWriter) {
	send(w, http.StatusOK, object{"code": 404, t.text: "The task does not exist", "data": nil})
}

func (t taskAPI) broken(w http.ResponseWriter) {
	send(w, http.StatusInternalServerError, object{"code": 500, t.text: "Server exception, please try again later", "data": nil})
}
