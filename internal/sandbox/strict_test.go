package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// refusal is one wrong request and its documented answer.
type refusal struct {
	provider string
	path     string
	body     string
	status   int
	code     string // of the answer's code field, as text; empty when it has none
	words    string // somewhere in the answer
}

func (k *kit) wantRefusal(c refusal) {
	k.t.Helper()
	a := k.post(c.provider, c.path, c.body)
	code := ""
	switch v := a.json["code"].(type) {
	case string:
		code = v
	case float64:
		code = fmt.Sprintf("%.0f", v)
	}
	if a.status != c.status || code != c.code || !strings.Contains(a.text, c.words) {
		k.t.Errorf("got %d code %q %s\nwant %d code %q with %q", a.status, code, a.text, c.status, c.code, c.words)
	}
	k.wantCounts(1, 0)
}

// edit changes one field of a JSON body; nil removes it.
func edit(t *testing.T, body, path string, value any) string {
	t.Helper()
	var tree map[string]any
	if err := json.Unmarshal([]byte(body), &tree); err != nil {
		t.Fatal(err)
	}
	at, names := tree, strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		at, _ = at[name].(map[string]any)
	}
	if last := names[len(names)-1]; value == nil {
		delete(at, last)
	} else {
		at[last] = value
	}
	out, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestWrongRequestsAreRefused(t *testing.T) {
	t.Parallel()
	bodies := map[string]dialect{}
	for _, d := range dialects() {
		bodies[d.provider] = d
	}
	long := func(n int) string { return strings.Repeat("ы", n) }
	links := func(n int) []any {
		var out []any
		for i := range n {
			out = append(out, fmt.Sprintf("https://files.example.net/%d.png", i))
		}
		return out
	}
	type change struct {
		provider, field string
		value           any
		status          int
		code, words     string
	}
	for _, c := range []change{
		// Apikley: code and status 422.
		{"apikley", "input.duration", 5, 422, "422", "duration"},
		{"apikley", "input.duration", "7", 422, "422", "duration is not within the range of allowed options"},
		{"apikley", "input.prompt", nil, 422, "422", "This field is required"},
		{"apikley", "input.prompt", "", 422, "422", "This field is required"},
		{"apikley", "input.prompt", long(5001), 422, "422", "text length"},
		{"apikley", "input.negative_prompt", long(501), 422, "422", "text length"},
		{"apikley", "input.image_url", nil, 422, "422", "required"},
		{"apikley", "input.image_url", "iVBORw0KGgo", 422, "422", "File type not supported"},
		{"apikley", "input.image_url", "data:image/png;base64,iVBORw0KGgo=", 422, "422", "File type"},
		{"apikley", "input.cfg_scale", 1.01, 422, "422", "cfg_scale"},
		{"apikley", "input.cfg_scale", "0.5", 422, "422", "cfg_scale"},
		{"apikley", "input", nil, 422, "422", "input"},
		{"apikley", "model", "kling/none", 422, "422", "model"},
		{"apikley", "callBackUrl", "not a link", 422, "422", "callBackUrl"},
		// KIE: code 500 inside a 200.
		{"kie", "input.sound", "on", 200, "500", "sound"},
		{"kie", "input.sound", nil, 200, "500", "This field is required"},
		{"kie", "input.duration", nil, 200, "500", "duration"},
		{"kie", "input.image_urls", "https://files.example.net/a.png", 200, "500", "image_urls"},
		{"kie", "input.image_urls", links(2), 200, "500", "image_urls"},
		{"kie", "input.image_urls", []any{}, 200, "500", "image_urls"},
		{"kie", "input.prompt", long(1001), 200, "500", "text length"},
		// AI/ML API.
		{"aimlapi", "duration", "5", 400, "", "duration"},
		{"aimlapi", "duration", 7, 400, "", "duration"},
		{"aimlapi", "image_url", nil, 400, "", "image_url"},
		{"aimlapi", "image_url", "iVBORw0KGgo=", 400, "", "data: URI"},
		{"aimlapi", "model", "kling-video/v9", 400, "", "model"},
		{"aimlapi", "cfg_scale", -0.1, 400, "", "cfg_scale"},
		{"aimlapi", "type", "text-to-video", 400, "", "type"},
		// APIXO.
		{"apixo", "input.duration", "5", 400, "400", "duration"},
		{"apixo", "input.mode", "ultra", 400, "400", "mode"},
		{"apixo", "input.prompt", nil, 400, "400", "Missing required field: input.prompt"},
		{"apixo", "input.image_urls", links(2), 400, "400", "image_urls"},
		{"apixo", "input.image_urls", nil, 400, "400", "Missing required field: input.image_urls"},
		{"apixo", "request_type", "callback", 400, "400", "callback_url"},
		{"apixo", "provider", "cheapest", 400, "400", "provider"},
		// Kling and gateways in its words.
		{"kling", "duration", 5, 400, "1201", "duration"},
		{"kling", "duration", "16", 400, "1201", "duration"},
		{"kling", "image", nil, 400, "1201", "image or image_tail"},
		{"kling", "image", "data:image/png;base64,iVBORw0KGgo=", 400, "1201", "data: prefix"},
		{"kling", "image", "not base64!", 400, "1201", "base64"},
		{"kling", "prompt", long(2501), 400, "1201", "prompt"},
		{"kling", "sound", true, 400, "1201", "sound"},
		{"kling", "mode", "ultra", 400, "1201", "mode"},
		{"kling", "model_name", "kling-v99", 404, "1203", "model_name"},
		{"kling", "camera_control", map[string]any{"type": "simple", "config": map[string]any{"pan": 1, "zoom": 2}}, 400, "1201", "one axis"},
		{"kling", "camera_control", map[string]any{"type": "forward_up", "config": map[string]any{"pan": 1}}, 400, "1201", "simple"},
		{"powertokens", "duration", 5, 200, "1201", "duration"},
		{"cometapi", "prompt", long(501), 400, "1201", "prompt"},
		// new-api, as its source behaves.
		{"newapi", "duration", 5, 500, "build_request_failed", "duration"},
		{"newapi", "prompt", " ", 400, "invalid_request", "prompt is required"},
		{"newapi", "image", "data:image/png;base64,iVBORw0KGgo=", 400, "fail_to_fetch_task", "1201"},
		{"newapi", "model_name", "kling-v99", 503, "", "model_not_found"},
	} {
		d := bodies[c.provider]
		t.Run(fmt.Sprintf("%s %s %.30v", c.provider, c.field, c.value), func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			k.wantRefusal(refusal{
				provider: c.provider, path: d.create, body: edit(t, d.with("waves"), c.field, c.value),
				status: c.status, code: c.code, words: c.words,
			})
		})
	}
}

func TestLegalEdgesPass(t *testing.T) {
	t.Parallel()
	png := base64PNG(t, 300, 750) // the smallest side and the widest ratio
	for _, c := range []struct {
		name, provider, field string
		value                 any
	}{
		{"longest prompt", "apikley", "input.prompt", strings.Repeat("ы", 5000)},
		{"raw base64 picture", "kling", "image", png},
		{"no prompt for image to video", "kling", "prompt", nil},
		{"data URI picture", "aimlapi", "image_url", "data:image/png;base64," + png},
		{"field the gateway drops", "newapi", "sound", true},
		{"simple camera", "kling", "camera_control", map[string]any{"type": "simple", "config": map[string]any{"pan": 1, "zoom": 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, d := range dialects() {
				if d.provider != c.provider {
					continue
				}
				k := setup(t)
				a := k.post(d.provider, d.create, edit(t, d.with("waves"), c.field, c.value))
				if id := a.textAt(d.id); a.status != http.StatusOK || id == "" {
					t.Errorf("got %d %s, want a task", a.status, a.text)
				}
				k.wantCounts(1, 1)
			}
		})
	}
}

func TestKlingPicturesAreMeasured(t *testing.T) {
	t.Parallel()
	for name, size := range map[string][2]int{"too small": {299, 400}, "too wide": {800, 310}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			k.wantRefusal(refusal{
				provider: "kling", path: "/v1/videos/image2video", status: 400, code: "1201", words: "image",
				body: fmt.Sprintf(`{"model_name":"kling-v2-1","image":%q,"duration":"5"}`, base64PNG(t, size[0], size[1])),
			})
		})
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for _, d := range dialects() {
		t.Run(d.provider, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			for _, key := range []string{"", "invalid-key"} {
				a := k.do(http.MethodPost, k.base(d.provider)+d.create, key, d.with("waves"))
				if a.status != http.StatusUnauthorized {
					t.Errorf("key %q: got %d %s, want 401", key, a.status, a.text)
				}
			}
			a := k.do(http.MethodPost, k.base(d.provider)+d.create, "poor-key", d.with("waves"))
			want := map[string][2]string{
				"apikley": {"200", `"code":402`}, "kie": {"200", `"code":402`}, "aimlapi": {"403", "credits"}, "apixo": {"402", `"code":402`},
				"kling": {"429", `"code":1102`}, "newapi": {"403", "insufficient_user_quota"},
				"powertokens": {"402", "insufficient_quota"}, "cometapi": {"402", "insufficient_quota"}, "crazyrouter": {"402", "insufficient_quota"},
			}[d.provider]
			if got := strconv.Itoa(a.status); got != want[0] || !strings.Contains(a.text, want[1]) {
				t.Errorf("no money: got %s %s, want %s with %s", got, a.text, want[0], want[1])
			}
			k.wantCounts(3, 0)
			if got := k.journal().Entries[0]; got.Status != http.StatusUnauthorized || got.Problem != "no key" {
				t.Errorf("journal: got %+v", got)
			}
			for _, e := range k.journal().Entries {
				if line, err := json.Marshal(e); err != nil || strings.Contains(string(line), "-key") {
					t.Errorf("the journal holds a key: %s", line)
				}
			}
		})
	}
}

func TestKlingTokens(t *testing.T) {
	t.Parallel()
	// The vector of the documents: access key demo-access-key, valid from
	// 1799999995 to 1800001800.
	const token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJkZW1vLWFjY2Vzcy1rZXkiLCJleHAiOjE4MDAwMDE4MDAsIm5iZiI6MTc5OTk5OTk5NX0.WyXoE3WhwSjBwUn-ZLUY3VHQ2AxDQ6gSefdLuORnRVg"
	for _, c := range []struct {
		name  string
		token string
		shift time.Duration
		code  float64
	}{
		{"in time", token, 0, 0},
		{"too early", token, -time.Minute, 1003},
		{"too late", token, 1800 * time.Second, 1004},
		{"no claims", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.WyXoE3WhwSjBwUn-ZLUY3VHQ2AxDQ6gSefdLuORnRVg", 0, 1002},
		{"no signature", token[:strings.LastIndex(token, ".")+1], 0, 1002},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			k.clock.pass(c.shift)
			a := k.do(http.MethodGet, k.base("kling")+"/v1/videos/image2video", c.token, "")
			if got := a.at("code"); got != c.code {
				t.Errorf("got code %v, want %v: %s", got, c.code, a.text)
			}
		})
	}
}

func TestPathsAndMethods(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, provider, method, path string
		status                       int
		words                        string
	}{
		{"createtask unknown path", "kie", "GET", "/api/v1/jobs/other", 404, `"code":404`},
		{"createtask wrong method", "kie", "GET", "/api/v1/jobs/createTask", 404, `"code":404`},
		{"createtask unknown task", "kie", "GET", "/api/v1/jobs/recordInfo?taskId=sbx_none", 200, `"code":404`},
		{"createtask no task", "kie", "GET", "/api/v1/jobs/recordInfo", 200, `"code":400`},
		{"aimlapi unknown task", "aimlapi", "GET", "/v2/video/generations?generation_id=sbx", 404, "statusCode"},
		{"apixo unknown model", "apixo", "GET", "/api/v1/statusTask/other?taskId=x", 404, `"code":404`},
		{"kling unknown task", "kling", "GET", "/v1/videos/image2video/sbx1", 404, `"code":1203`},
		{"kling wrong method", "kling", "PUT", "/v1/videos/image2video", 404, `"code":1202`},
		{"newapi unknown task", "newapi", "GET", "/kling/v1/videos/image2video/sbx1", 400, "task_not_exist"},
		{"newapi has no list", "newapi", "GET", "/kling/v1/videos/image2video", 404, "new_api_error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			a := k.do(c.method, k.base(c.provider)+c.path, "key", "")
			if a.status != c.status || !strings.Contains(a.text, c.words) {
				t.Errorf("got %d %s, want %d with %s", a.status, a.text, c.status, c.words)
			}
		})
	}
}
