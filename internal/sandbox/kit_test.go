package sandbox_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/sandbox"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (k *clock) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.at
}

func (k *clock) pass(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at = k.at.Add(d)
}

// kit is a sandbox and a client that reaches it.
type kit struct {
	t      *testing.T
	server *sandbox.Server
	client *http.Client
	clock  *clock
	base   func(provider string) string // base URL of a provider
}

// setup is a sandbox reached in-process.
func setup(t *testing.T) *kit {
	t.Helper()
	k := &clock{at: time.Unix(1_800_000_000, 0)}
	s, err := sandbox.New(sandbox.Options{Dir: t.TempDir(), GenerationTime: 10 * time.Second, Now: k.now})
	if err != nil {
		t.Fatal(err)
	}
	return &kit{
		t: t, server: s, clock: k, base: hostOf,
		client: &http.Client{Transport: s.Transport(), CheckRedirect: stay},
	}
}

// overHTTP is the same sandbox reached through a real socket.
func (k *kit) overHTTP() *kit {
	k.t.Helper()
	srv := httptest.NewServer(k.server)
	k.t.Cleanup(srv.Close)
	out := *k
	out.base = func(p string) string { return srv.URL + "/_as/" + p }
	out.client = &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: stay,
	}
	return &out
}

func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func hostOf(p string) string {
	switch p {
	case "apikley":
		return "https://api.apikley.ru"
	case "kie":
		return "https://api.kie.ai"
	case "aimlapi":
		return "https://api.aimlapi.com"
	case "apixo":
		return "https://api.apixo.ai"
	case "powertokens":
		return "https://api.powertokens.ai"
	case "cometapi":
		return "https://api.cometapi.com"
	case "crazyrouter":
		return "https://crazyrouter.com"
	case "kling":
		return "https://api-singapore.klingai.com"
	default:
		return "https://gateway.example.net"
	}
}

// answer is a read response.
type answer struct {
	status int
	header http.Header
	text   string
	json   map[string]any
}

// at walks the JSON body by dotted path; nil when the path leads nowhere.
func (a answer) at(path string) any {
	var v any = a.json
	for name := range strings.SplitSeq(path, ".") {
		switch o := v.(type) {
		case map[string]any:
			v = o[name]
		case []any:
			if name != "0" || len(o) == 0 {
				return nil
			}
			v = o[0]
		default:
			return nil
		}
	}
	return v
}

func (a answer) textAt(path string) string {
	s, _ := a.at(path).(string)
	return s
}

func (k *kit) request(method, url, key, body string) *http.Request {
	k.t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(k.t.Context(), method, url, r)
	if err != nil {
		k.t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

// try sends a request and reads the whole answer.
func (k *kit) try(req *http.Request) (answer, error) {
	k.t.Helper()
	resp, err := k.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	a := answer{status: resp.StatusCode, header: resp.Header, text: string(data)}
	_ = json.Unmarshal(data, &a.json)
	return a, err
}

func (k *kit) do(method, url, key, body string) answer {
	k.t.Helper()
	a, err := k.try(k.request(method, url, key, body))
	if err != nil {
		k.t.Fatalf("%s %s: %v", method, url, err)
	}
	return a
}

func (k *kit) post(p, path, body string) answer {
	k.t.Helper()
	return k.do(http.MethodPost, k.base(p)+path, "key", body)
}

func (k *kit) get(p, path string) answer {
	k.t.Helper()
	return k.do(http.MethodGet, k.base(p)+path, "key", "")
}

func (k *kit) journal() sandbox.Journal {
	k.t.Helper()
	j, err := k.server.Journal()
	if err != nil {
		k.t.Fatal(err)
	}
	return j
}

// wantCounts compares what the journal counted.
func (k *kit) wantCounts(creates, charged int) {
	k.t.Helper()
	j := k.journal()
	if j.Creates != creates || j.Charged != charged {
		k.t.Errorf("journal: got %d creates, %d charged, want %d, %d", j.Creates, j.Charged, creates, charged)
	}
}

// picturePNG is a picture file of the given size.
func picturePNG(t *testing.T, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), 90, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func base64PNG(t *testing.T, w, h int) string {
	t.Helper()
	return base64.StdEncoding.EncodeToString(picturePNG(t, w, h))
}

// dialect is how one provider is driven in tests that hold for all of them.
type dialect struct {
	provider string
	create   string
	body     string // PROMPT stands for the prompt
	id       string // where the create answer has the id
	status   string // ID stands for the id
	state    string // where the status has the word
	words    [4]string
	link     func(a answer) string
}

func dialects() []dialect {
	result := func(a answer) string {
		var r struct{ ResultUrls []string }
		_ = json.Unmarshal([]byte(a.textAt("data.resultJson")), &r)
		if len(r.ResultUrls) == 0 {
			return ""
		}
		return r.ResultUrls[0]
	}
	official := func(a answer) string { return a.textAt("data.task_result.videos.0.url") }
	kling := `{"model_name":"kling-v2-1-master","image":"https://files.example.net/a.jpg","prompt":"PROMPT","duration":"5"}`
	createTask := `{"model":"kling/v2-1-master-image-to-video","input":{"prompt":"PROMPT","image_url":"https://files.example.net/a.png","duration":"5"}}`
	return []dialect{
		{
			"apikley", "/api/v1/jobs/createTask", createTask, "data.taskId", "/api/v1/jobs/recordInfo?taskId=ID", "data.state",
			[4]string{"waiting", "generating", "success", "fail"},
			result,
		},
		{
			"kie", "/api/v1/jobs/createTask",
			`{"model":"kling-2.6/image-to-video","input":{"prompt":"PROMPT","image_urls":["https://files.example.net/a.png"],"sound":false,"duration":"5"}}`,
			"data.taskId", "/api/v1/jobs/recordInfo?taskId=ID", "data.state",
			[4]string{"waiting", "generating", "success", "fail"},
			result,
		},
		{
			"aimlapi", "/v2/generate/video/kling/generation",
			`{"model":"kling-video/v2.1/pro/image-to-video","image_url":"https://files.example.net/a.png","prompt":"PROMPT","duration":5}`,
			"id", "/v2/generate/video/kling/generation?generation_id=ID", "status",
			[4]string{"queued", "generating", "completed", "error"},
			func(a answer) string { return a.textAt("video.url") },
		},
		{
			"apixo", "/api/v1/generateTask/kling-2-1",
			`{"input":{"mode":"standard-image-to-video","prompt":"PROMPT","duration":5,"image_urls":["https://files.example.net/a.png"]}}`,
			"data.taskId", "/api/v1/statusTask/kling-2-1?taskId=ID", "data.state",
			[4]string{"pending", "processing", "success", "failed"},
			result,
		},
		{
			"powertokens", "/kling/v1/videos/image2video", kling, "data.task_id", "/kling/v1/videos/image2video/ID", "data.task_status",
			[4]string{"submitted", "processing", "succeed", "failed"},
			official,
		},
		{
			"cometapi", "/kling/v1/videos/image2video", kling, "data.task_id", "/kling/v1/videos/image2video/ID", "data.task_status",
			[4]string{"submitted", "processing", "succeed", "failed"},
			official,
		},
		{
			"crazyrouter", "/kling/v1/videos/image2video", kling, "data.task_id", "/kling/v1/videos/image2video/ID", "data.status",
			[4]string{"queued", "processing", "succeeded", "failed"},
			func(a answer) string { return a.textAt("data.url") },
		},
		{
			"kling", "/v1/videos/image2video", kling, "data.task_id", "/v1/videos/image2video/ID", "data.task_status",
			[4]string{"submitted", "processing", "succeed", "failed"},
			official,
		},
		{
			"newapi", "/kling/v1/videos/image2video", kling, "task_id", "/kling/v1/videos/image2video/ID", "data.status",
			[4]string{"NOT_START", "IN_PROGRESS", "SUCCESS", "FAILURE"},
			func(a answer) string { return a.textAt("data.result_url") },
		},
	}
}

func (d dialect) with(prompt string) string { return strings.ReplaceAll(d.body, "PROMPT", prompt) }

// make creates a job with a prompt and returns its id.
func (k *kit) make(d dialect, prompt string) string {
	k.t.Helper()
	a := k.post(d.provider, d.create, d.with(prompt))
	id := a.textAt(d.id)
	if a.status != http.StatusOK || !strings.HasPrefix(id, "sbx") {
		k.t.Fatalf("%s create: got status %d, id %q, want 200 and sbx...; body %s", d.provider, a.status, id, a.text)
	}
	return id
}

func (k *kit) look(d dialect, id string) answer {
	k.t.Helper()
	return k.get(d.provider, strings.ReplaceAll(d.status, "ID", id))
}
