package faulttest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// speaker answers in the form of one provider's documents.
type speaker interface {
	// refPath is what a portable reference has before the task.
	refPath() string
	isCreate(path string) bool
	isLook(path string) bool
	created(w http.ResponseWriter, now time.Time)
	looked(w http.ResponseWriter, r report, now time.Time)
	// unknown says that there is no such task; broken is a failure inside.
	unknown(w http.ResponseWriter)
	broken(w http.ResponseWriter)
}

// speakerOf is nil for a provider that cannot be played.
func speakerOf(provider string) speaker {
	switch provider {
	case Apikley:
		return taskAPI{
			create: "/api/v1/jobs/createTask", look: "/api/v1/jobs/recordInfo", text: "msg",
			words: [...]string{"waiting", "generating", "success", "fail"}, done: "success",
		}
	case APIXO:
		return taskAPI{
			create: "/api/v1/generateTask/kling-2-1", look: "/api/v1/statusTask/kling-2-1", text: "message",
			words: [...]string{"pending", "processing", "success", "failed"}, done: "success", slug: "kling-2-1/",
		}
	case Kling:
		return klingAPI{}
	case NewAPI:
		return newAPI{}
	}
	return nil
}

type object = map[string]any

func send(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	_, _ = w.Write(data) // the client may be gone
}
