package job_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/kling"
)

// latency is how long the works take to answer.
const latency = 200 * time.Millisecond

// works stand for a provider that speaks Kling's API and holds tasks by the
// thousand, each with a time to end.
type works struct {
	mu    sync.Mutex
	tasks []task // oldest first
	byID  map[string]int
	// asked are when single tasks were asked for, listed when pages were.
	asked, listed []time.Time
	// hidden tasks are in no list.
	hidden map[string]bool
	// answer, when it is set, may answer a request in the works' stead.
	answer func(r *http.Request, list bool) *http.Response
}

type task struct {
	id         string
	made, ends time.Time
}

// order makes a task and the job that waits for it. Without a row the job
// costs no disk.
func (w *works) order(t *testing.T, s *shop, takes time.Duration, row bool) kling.Job {
	t.Helper()
	settings := s.settings(t, "kling")
	encoded, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byID == nil {
		w.byID = map[string]int{}
	}
	id, now := "8"+strconv.Itoa(len(w.tasks)), s.now()
	w.byID[id] = len(w.tasks)
	w.tasks = append(w.tasks, task{id: id, made: now, ends: now.Add(takes)})
	made := kling.Job{
		Ref: kling.Ref{Provider: "kling", Path: "image2video", Task: id}, Model: "kling-v2-1-master", Kind: kling.ImageToVideo,
		State: kling.Queued, Word: "submitted", ExternalID: "mine" + id, Settings: encoded, Seconds: 5, CreatedAt: now, SubmittedAt: now,
	}
	if row {
		made.ID = fmt.Sprintf("%012d", len(w.tasks))
		if err := s.Ledger.Add(t.Context(), made); err != nil {
			t.Fatal(err)
		}
	}
	return made
}

// RoundTrip implements http.RoundTripper.
func (w *works) RoundTrip(r *http.Request) (*http.Response, error) {
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-timer.C:
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	list := r.URL.Query().Has("pageNum")
	if list {
		w.listed = append(w.listed, time.Now())
	} else {
		w.asked = append(w.asked, time.Now())
	}
	if w.answer != nil {
		if out := w.answer(r, list); out != nil {
			return out, nil
		}
	}
	if list {
		return w.page(r), nil
	}
	at, ok := w.byID[path.Base(r.URL.Path)]
	if !ok {
		return w.says(r, 404, `{"code":1203,"message":"no such task"}`), nil
	}
	return w.says(r, 200, `{"code":0,"message":"SUCCEED","request_id":"`+w.request()+`","data":`+w.tasks[at].text()+`}`), nil
}

// request is an id of an exchange; no two are the same.
func (w *works) request() string { return "r" + strconv.Itoa(len(w.asked)+len(w.listed)) }

func (w *works) page(r *http.Request) *http.Response {
	number, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
	size, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
	newest := slices.DeleteFunc(slices.Clone(w.tasks), func(one task) bool { return w.hidden[one.id] })
	slices.Reverse(newest)
	from := min((number-1)*size, len(newest))
	var texts []string
	for _, one := range newest[from:min(from+size, len(newest))] {
		texts = append(texts, one.text())
	}
	return w.says(r, 200, `{"code":0,"message":"SUCCEED","request_id":"`+w.request()+`","data":[`+strings.Join(texts, ",")+`]}`)
}

func (one task) text() string {
	if time.Now().Before(one.ends) {
		return fmt.Sprintf(`{"task_id":%q,"task_status":"processing","created_at":%d}`, one.id, one.made.UnixMilli())
	}
	return fmt.Sprintf(`{"task_id":%q,"task_status":"succeed","created_at":%d,"updated_at":%d,"task_result":{"videos":[{"id":"v","url":"https://files.example/%s.mp4","duration":"5"}]}}`,
		one.id, one.made.UnixMilli(), one.ends.UnixMilli(), one.id)
}

func (*works) says(r *http.Request, status int, body string, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

// requests are all that were made.
func (w *works) requests() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.asked) + len(w.listed)
}

// lag is how long after its end a job was known to have ended.
func (w *works) lag(made kling.Job) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Since(w.tasks[w.byID[made.Ref.Task]].ends)
}
