package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/provider"
)

func TestListGivesPagesWithOurIDs(t *testing.T) {
	t.Parallel()
	client, _ := emulated(t, catalog.Preset{Name: "kling", Dialect: "klingapi", BaseURL: "https://api-singapore.klingai.com"}, "an-account")
	want := map[string]string{}
	for _, id := range []string{"ours-1", "ours-2", "ours-3"} {
		made, err := client.Create(t.Context(), dialect.Request{
			Model: "kling-v2-1-master", Kind: kling.ImageToVideo, Endpoint: "image2video",
			Input: map[string]any{"prompt": "a boat", "image": "https://files.example.net/a.png", "duration": "5", "external_task_id": id},
		})
		if err != nil {
			t.Fatalf("create: %v", err)
		}
		want[made.Task] = id
	}
	got := map[string]string{}
	for page, size := range map[int]int{1: 2, 2: 1, 3: 0} {
		seen, err := client.List(t.Context(), "image2video", page, 2, provider.Patient)
		if err != nil || len(seen) != size {
			t.Fatalf("page %d: %d tasks (error %v), want %d", page, len(seen), err, size)
		}
		for _, s := range seen {
			got[s.Task] = s.ExternalID
		}
	}
	for task, id := range want {
		if got[task] != id {
			t.Errorf("the list names task %s with our id %q, want %q", task, got[task], id)
		}
	}
	if seen, err := client.List(t.Context(), "text2video", 1, 30, provider.Patient); err != nil || len(seen) > 0 {
		t.Errorf("the list of another kind gives %d tasks (error %v), want none", len(seen), err)
	}
}

func TestListFailsBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	h := &host{turn: closes}
	for _, d := range dialects() {
		if d.name == "klingapi" {
			continue
		}
		_, err := client(t, d.name, h).List(t.Context(), "image2video", 1, 30, provider.Patient)
		_ = faultOf(t, err, fault.Usage, fault.NotCharged)
	}
	for name, page := range map[string][2]int{"page 0": {0, 30}, "501 a page": {1, 501}} {
		_, err := client(t, "klingapi", h).List(t.Context(), "image2video", page[0], page[1], provider.Patient)
		if e := faultOf(t, err, fault.Usage, fault.NotCharged); !strings.Contains(err.Error(), "shop") {
			t.Errorf("%s: %v (%s), want the provider's name", name, err, e.Detail)
		}
	}
	if len(h.dialed) > 0 {
		t.Errorf("dialled %v, want nothing", h.dialed)
	}
}

func TestListIsAskedAgainAndNeverTellsTheKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{turn: first(
			says(429, "", `{"code":1302,"message":"too many requests"}`),
			closes,
			says(200, "", `{"code":0,"data":[{"task_id":"881","task_status":"failed","task_status_msg":"for `+canary+`"},{"task_id":"880","task_status":"submitted"}]}`),
		)}
		seen, err := client(t, "klingapi", h).List(t.Context(), "image2video", 1, 30, provider.Patient)
		if err != nil || len(seen) != 2 || h.requests(http.MethodGet) != 3 {
			t.Fatalf("%d tasks after %d requests (error %v), want 2 after 3", len(seen), h.requests(http.MethodGet), err)
		}
		if seen[0].Task != "881" || seen[0].State != kling.Failed || seen[0].Message != "for [hidden]" || seen[1].State != kling.Queued {
			t.Errorf("the list gives %+v", seen)
		}
	})
}

// A list that is not there must not pass for a task that is not there: an order
// of unknown outcome would be called not bought.
func TestAListThatIsNotThereFindsNothingMissing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{turn: says(404, "", `{"code":1203,"message":"no list for `+canary+`"}`)}
		seen, err := client(t, "klingapi", h).List(t.Context(), "image2video", 1, 30, provider.Patient)
		_ = faultOf(t, err, fault.Refused, fault.NotCharged)
		if len(seen) > 0 || h.requests(http.MethodGet) != 1 {
			t.Errorf("%d tasks after %d requests, want none after one", len(seen), h.requests(http.MethodGet))
		}
	})
}
