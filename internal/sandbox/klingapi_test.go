package sandbox_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func (k *kit) makeNamed(external, prompt string) answer {
	k.t.Helper()
	d := dialectOf(k.t, "kling")
	return k.post("kling", d.create, edit(k.t, d.with(prompt), "external_task_id", external))
}

func TestExternalID(t *testing.T) {
	t.Parallel()
	k := setup(t)
	id := k.makeNamed("klingctl-1", "[[lost-then]] waves").textAt("data.task_id")
	found := k.get("kling", "/v1/videos/image2video/klingctl-1")
	if found.textAt("data.task_id") != id || found.textAt("data.task_info.external_task_id") != "klingctl-1" {
		t.Errorf("look-up: got %s, want task %s", found.text, id)
	}
	if a := k.makeNamed("klingctl-1", "again"); a.status != http.StatusBadRequest || a.at("code") != 1201.0 {
		t.Errorf("the same id again: got %d %s, want 400 and 1201", a.status, a.text)
	}
	other := k.do(http.MethodGet, k.base("kling")+"/v1/videos/image2video/klingctl-1", "another-account", "")
	if other.status != http.StatusNotFound {
		t.Errorf("another account: got %d, want 404", other.status)
	}
	k.makeNamed("klingctl-2", "[[no-external]]")
	if a := k.get("kling", "/v1/videos/image2video/klingctl-2"); a.status != http.StatusNotFound {
		t.Errorf("no-external: got %d, want 404", a.status)
	}
	k.wantCounts(3, 2)
	if got := k.journal().Entries[0].ExternalID; got != "klingctl-1" {
		t.Errorf("journal: got external id %q", got)
	}
}

// What at-most-once rests on: after a lost answer the job is found by its name.
func TestLostReplyIsFoundByItsName(t *testing.T) {
	t.Parallel()
	everyWay(t, func(k *kit) {
		t := k.t
		d := dialectOf(t, "kling")
		body := edit(t, d.with("[[lost-reply]]"), "external_task_id", "mine")
		if _, err := k.try(k.request(http.MethodPost, k.base("kling")+d.create, "key", body)); err == nil {
			t.Fatal("the answer was not lost")
		}
		a := k.get("kling", "/v1/videos/image2video/mine")
		if got, want := a.textAt("data.task_id"), k.journal().Entries[0].Task; got != want || got == "" {
			t.Errorf("got task %q, want %q", got, want)
		}
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	k := setup(t)
	d := dialectOf(t, "kling")
	var ids []string
	for i := range 5 {
		ids = append([]string{k.make(d, strconv.Itoa(i))}, ids...) // newest first
		k.clock.pass(time.Second)
	}
	for query, want := range map[string]int{"": 5, "?pageSize=2": 2, "?pageNum=3&pageSize=2": 1, "?pageNum=9": 0} {
		a := k.get("kling", "/v1/videos/image2video"+query)
		got, ok := a.at("data").([]any)
		if !ok || len(got) != want {
			t.Errorf("%q: got %d tasks, want %d: %s", query, len(got), want, a.text)
		}
	}
	if got := k.get("kling", "/v1/videos/image2video").textAt("data.0.task_id"); got != ids[0] {
		t.Errorf("first: got %q, want the newest %q", got, ids[0])
	}
	if a := k.get("kling", "/v1/videos/text2video"); strings.Contains(a.text, ids[0]) {
		t.Error("text2video lists image2video tasks")
	}
	if a := k.do(http.MethodGet, k.base("kling")+"/v1/videos/image2video", "another-account", ""); strings.Contains(a.text, ids[0]) {
		t.Error("another account sees the tasks of this one")
	}
	for _, query := range []string{"?pageNum=0", "?pageSize=501", "?pageSize=x"} {
		if a := k.get("kling", "/v1/videos/image2video"+query); a.at("code") != 1201.0 {
			t.Errorf("%q: got %s, want 1201", query, a.text)
		}
	}
}

func TestTextToVideo(t *testing.T) {
	t.Parallel()
	k := setup(t)
	body := `{"model_name":"kling-v2-6","prompt":"fog","aspect_ratio":"9:16","duration":"10"}`
	id := k.post("kling", "/v1/videos/text2video", body).textAt("data.task_id")
	k.clock.pass(11 * time.Second)
	a := k.get("kling", "/v1/videos/text2video/"+id)
	if got := a.textAt("data.task_result.videos.0.duration"); got != "10.000" {
		t.Errorf("got duration %q, want 10.000", got)
	}
	if a := k.get("kling", "/v1/videos/image2video/"+id); a.status != http.StatusNotFound {
		t.Errorf("under the other kind: got %d, want 404", a.status)
	}
	if a := k.post("kling", "/v1/videos/text2video", `{"model_name":"kling-v2-1","prompt":"fog"}`); a.at("code") != 1203.0 {
		t.Errorf("kling-v2-1 has no text2video: got %s", a.text)
	}
}

func TestGatewayShapes(t *testing.T) {
	t.Parallel()
	d := dialectOf(t, "newapi")
	for shape, want := range map[string]struct{ id, first, last, word, link, failure string }{
		"1":        {"task_id", "data.status", "data.status", "SUCCESS", "data.fail_reason", "data.data.data.task_status_msg"},
		"2":        {"id", "data.status", "data.status", "SUCCESS", "data.fail_reason", "data.fail_reason"},
		"3":        {"id", "data.status", "data.status", "SUCCESS", "data.result_url", "data.fail_reason"},
		"openai":   {"id", "status", "status", "completed", "metadata.url", "error.message"},
		"docs":     {"task_id", "status", "status", "completed", "url", "error.message"},
		"simple":   {"data.task_id", "data.status", "data.status", "succeeded", "data.url", "data.error.message"},
		"official": {"data.task_id", "data.task_status", "data.task_status", "succeed", "data.task_result.videos.0.url", "data.task_status_msg"},
		"nested":   {"id", "data.status", "data.status", "SUCCESS", "data.data.data.data.data.task_result.videos.0.url", "data.fail_reason"},
	} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			// By a marker in the prompt, and by the prefix of a base URL.
			marked := k.post("newapi", d.create, d.with("[[shape:"+shape+"]]"))
			prefixed := k.do(http.MethodPost, "https://sandbox.invalid/_as/newapi-"+shape+d.create, "key", d.with("[[moderated]]"))
			good, bad := marked.textAt(want.id), prefixed.textAt(want.id)
			if good == "" || bad == "" {
				t.Fatalf("create: got %s and %s, want ids at %s", marked.text, prefixed.text, want.id)
			}
			k.clock.pass(11 * time.Second)
			a := k.look(d, good)
			if a.textAt(want.last) != want.word || !strings.Contains(a.textAt(want.link), "/files/") {
				t.Errorf("got %s\nwant %s at %s and a link at %s", a.text, want.word, want.last, want.link)
			}
			if b := k.look(d, bad); b.textAt(want.failure) != "Failure to pass the risk control system" {
				t.Errorf("got %s\nwant the reason at %s", b.text, want.failure)
			}
		})
	}
}

func TestEarlyNewAPIBeginsWithoutAStatus(t *testing.T) {
	t.Parallel()
	k, d := setup(t), dialectOf(t, "newapi")
	id := k.make(d, "[[shape:1]] [[moderated]]")
	if got, ok := k.look(d, id).at("data.status").(string); !ok || got != "" {
		t.Errorf("first status: got %q, want an empty text", got)
	}
	k.clock.pass(11 * time.Second)
	if got := k.look(d, id).textAt("data.fail_reason"); got != "SUCCEED" {
		t.Errorf("fail_reason of a failure: got %q, want SUCCEED", got)
	}
}

func TestNewAPIFindsItsFields(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"model only":      `{"model":"kling-v2-1-master","image":"https://files.example.net/a.jpg","prompt":"p","duration":"5"}`,
		"inside metadata": `{"model":"kling-v2-1-master","prompt":"p","metadata":{"image":"https://files.example.net/a.jpg","prompt":"p","duration":"5"}}`,
		"both":            `{"model":"kling-v2-1-master","model_name":"kling-v2-1-master","image":"https://files.example.net/a.jpg","prompt":"p","metadata":{"image":"https://files.example.net/a.jpg"}}`,
		"without image":   `{"model_name":"kling-v2-1-master","image_tail":"https://files.example.net/a.jpg","prompt":"p"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			a := k.post("newapi", "/kling/v1/videos/image2video", body)
			if a.status != http.StatusOK || a.textAt("model") != "kling-v2-1-master" {
				t.Fatalf("got %d %s", a.status, a.text)
			}
			want := "generate"
			if name == "without image" { // it silently becomes text to video
				want = "textGenerate"
			}
			if got := k.get("newapi", "/kling/v1/videos/image2video/"+a.textAt("id")).textAt("data.action"); got != want {
				t.Errorf("action: got %q, want %q", got, want)
			}
		})
	}
}

func TestOpenAIVideoRoute(t *testing.T) {
	t.Parallel()
	k, d := setup(t), dialectOf(t, "newapi")
	id := k.make(d, "waves")
	k.clock.pass(11 * time.Second)
	a := k.get("newapi", "/v1/videos/"+id)
	if a.textAt("object") != "video" || a.textAt("status") != "completed" || a.textAt("metadata.url") == "" {
		t.Errorf("got %s", a.text)
	}
	if a := k.get("newapi", "/v1/videos/"+id+"/content"); a.status != http.StatusFound {
		t.Errorf("content: got %d, want a redirect to the file", a.status)
	}
}
