package view_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/view"
)

var update = flag.Bool("update", false, "write the golden files anew")

// at is a moment in a zone that is not UTC, with a fraction of a second.
func at(minute int) time.Time {
	return time.Date(2026, time.March, 1, 23, minute, 5, 999_000_000, time.FixedZone("", -5*60*60))
}

func fullJob() kling.Job {
	return kling.Job{
		ID: "3f2a9c1d7e5b", Ref: kling.Ref{Provider: "kling", Path: "image2video", Task: "88/1"},
		Model: "kling-v2-1-master", Kind: kling.ImageToVideo, Sandbox: true, Prompt: "she sings: \"la\"\n& <smiles>",
		Key: "not shown", ExternalID: "k-3f2a9c1d7e5b", Request: []byte("not shown"), Settings: []byte("not shown"), Seconds: 5,
		State: kling.Succeeded, Word: "succeed", RequestID: "req-1", Cost: &kling.Cost{Amount: "10.50", Unit: "credits"},
		Artifacts: []kling.Artifact{
			{
				Kind: kling.Video, URL: "https://cdn.example.com/a.mp4?sig=1&x=2", Seconds: 5.1, ExpiresAt: at(59),
				Path: "/out/a.mp4", SHA256: strings.Repeat("ab", 32), Bytes: 1 << 40,
			},
			{Kind: kling.Watermarked, URL: "https://cdn.example.com/b.mp4"},
		},
		CreatedAt: at(0), UpdatedAt: at(4), SubmittedAt: at(1), FinishedAt: at(3), CreateDeadline: at(2),
	}
}

// records has a full record and a bare one of each kind.
func records() map[string]any {
	failed := kling.Job{
		Ref: kling.Ref{Provider: "kie", Task: "t1"}, State: kling.Failed, Word: "fail\x1b[2J", Code: "430",
		Message: "moderated\nby \u202ethe provider", RequestID: "r\r2",
	}
	left := view.NewJob(failed, fault.MayBeCharged)
	sidecar := view.NewSidecar("v1.0.0", fullJob(), fullJob().Artifacts[0])
	sidecar.Input = map[string]any{"image": "/in/a.png", "duration": "5", "seed": json.Number("12345678901234567890")}
	sidecar.Envelope = map[string]any{"route": "auto"}
	sidecar.Images = []view.SidecarImage{{Property: "image", Source: "/in/a.png", SHA256: strings.Repeat("cd", 32)}}
	offer := catalog.Offer{
		Provider: "kling", Model: "kling-v2-1", Kind: kling.ImageToVideo, Title: "Kling 2.1", Endpoint: "image2video",
		Notes: []string{"std and pro only"}, Origin: "kling-v2-1-image2video.yaml",
		Expect: map[string]catalog.Span{"5": {Low: time.Minute, High: 4 * time.Minute}, "10": {Low: 2 * time.Minute, High: 8 * time.Minute}},
	}
	problem := &fault.Error{
		Kind: fault.Ambiguous, Op: "submit to", Subject: "kling", Detail: "no answer\nin time", Code: "5000",
		Charged: fault.MayBeCharged, Hint: "klingctl wait 3f2a9c1d7e5b", RetryAfter: 1500 * time.Millisecond,
		RequestID: "req\x07", Job: "3f2a9c1d7e5b",
	}
	price := &view.Price{Amount: "0.35", Currency: "USD", Source: "price list", AsOf: "2026-02-01"}
	headers := http.Header{"Authorization": {"Bearer [hidden]"}, "Accept": {"application/json", "*/*"}}
	all := map[string]any{
		"job":          view.NewJob(fullJob(), fault.Charged),
		"job_bare":     view.NewJob(kling.Job{ID: "0000abcdefgh", Ref: kling.Ref{Provider: "kie"}, State: kling.Draft}, fault.NotCharged),
		"job_failed":   left,
		"failure":      view.NewFailure(problem, string(problem.Kind), &left),
		"failure_bare": view.NewFailure(&fault.Error{Kind: fault.Usage, Op: "read", Subject: "flags"}, "usage", nil),
		"dryrun":       view.NewDryRun("POST", "https://api.example.com/v1/videos", headers, json.RawMessage(`{"b":1,"a":[true]}`), price),
		"dryrun_bare":  view.NewDryRun("GET", "https://api.example.com/", nil, nil, nil),
		"offer":        view.NewOffer(offer),
		"model": view.NewModel(offer, []catalog.Param{
			{Property: "image", Flag: "--image", Type: "string", Allowed: "an image", Required: true, Description: "first picture"},
			{Property: "callback_url", Type: "string", Default: "\"\"", Envelope: true},
		}),
		"model_bare":   view.NewModel(catalog.Offer{Provider: "kie", Model: "m", Kind: kling.TextToVideo}, nil),
		"model_check":  view.ModelCheck{SchemaVersion: view.SchemaVersion, Offers: 34, Problems: []string{}},
		"scenario":     view.Scenario{Marker: "[[slow:30s]]", What: "takes its time"},
		"sidecar":      sidecar,
		"sidecar_bare": view.NewSidecar("devel", kling.Job{Ref: kling.Ref{Provider: "kie", Task: "t1"}}, kling.Artifact{Kind: kling.Video, Path: "b.mp4", SHA256: "ef", Bytes: 1}),
		"version":      view.Version{SchemaVersion: view.SchemaVersion, Version: "v1.0.0", Go: "go1.26", OS: "linux", Arch: "amd64"},
	}
	maps.Copy(all, eventRecords())
	maps.Copy(all, settingsRecords())
	return all
}

// encoded is a record as --json prints it.
func encoded(t *testing.T, record any) []byte {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(record); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// TestRecordsKeepTheirShape: the golden files are the promise to scripts. A
// key may come to them, and none may change or go.
func TestRecordsKeepTheirShape(t *testing.T) {
	t.Parallel()
	all := records()
	for name, record := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", name+".json")
			got := encoded(t, record)
			if *update {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("the record changed (-want +got):\n%s", diff)
			}
		})
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if _, known := all[strings.TrimSuffix(filepath.Base(file), ".json")]; !known {
			t.Errorf("%s is the record of nothing", file)
		}
	}
}

// TestRecordsAreSnakeCase holds for keys of ours, wherever they stand.
func TestRecordsAreSnakeCase(t *testing.T) {
	t.Parallel()
	for name, record := range records() {
		var tree any
		if err := json.Unmarshal(encoded(t, record), &tree); err != nil {
			t.Fatal(err)
		}
		if request, ok := tree.(map[string]any)["request"].(map[string]any); ok {
			delete(request, "headers") // those are HTTP's
		}
		for _, key := range keys(tree) {
			if strings.ToLower(key) != key || strings.ContainsAny(key, "- ") {
				t.Errorf("%s: the key %q is not snake_case", name, key)
			}
		}
	}
}

func keys(tree any) []string {
	var found []string
	switch node := tree.(type) {
	case map[string]any:
		for key, value := range node {
			found = append(append(found, key), keys(value)...)
		}
	case []any:
		for _, value := range node {
			found = append(found, keys(value)...)
		}
	}
	return found
}

func TestTimesAreUTC(t *testing.T) {
	t.Parallel()
	text := string(encoded(t, view.NewJob(fullJob(), fault.Charged)))
	for _, want := range []string{
		`"created_at": "2026-03-02T04:00:05Z"`, `"submitted_at": "2026-03-02T04:01:05Z"`, `"finished_at": "2026-03-02T04:03:05Z"`,
		`"updated_at": "2026-03-02T04:04:05Z"`, `"expires_at": "2026-03-02T04:59:05Z"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
}

// TestAPromptComesBackUnchanged: it is the user's own.
func TestAPromptComesBackUnchanged(t *testing.T) {
	t.Parallel()
	job := fullJob()
	job.Prompt = "tab\there, \x1b, \u202e and " + strings.Repeat("long ", 500)
	var back view.Job
	if err := json.Unmarshal(encoded(t, view.NewJob(job, fault.Charged)), &back); err != nil {
		t.Fatal(err)
	}
	if back.Prompt != job.Prompt {
		t.Errorf("the prompt came back as %q", back.Prompt)
	}
}

func TestRetryAfterIsRoundedUp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		after time.Duration
		want  int64
	}{{0, 0}, {1, 1}, {time.Second, 1}, {1001 * time.Millisecond, 2}, {time.Hour, 3600}} {
		if got := view.NewProblem(&fault.Error{RetryAfter: test.after}, "busy", nil).RetryAfter; got != test.want {
			t.Errorf("%v is %d seconds, want %d", test.after, got, test.want)
		}
	}
}

func TestDryRunForPeople(t *testing.T) {
	t.Parallel()
	dry := view.NewDryRun("POST", "u", nil, json.RawMessage(`{"b":1,"a":[true]}`), nil)
	if got, want := string(dry.PrettyBody()), "{\n  \"b\": 1,\n  \"a\": [\n    true\n  ]\n}"; got != want {
		t.Errorf("the body is\n%s\nwant\n%s", got, want)
	}
	if got := view.NewDryRun("POST", "u", nil, json.RawMessage(`{"cut`), nil).PrettyBody(); string(got) != `{"cut` {
		t.Errorf("a body that is no JSON becomes %q", got)
	}
	for want, price := range map[string]*view.Price{
		"not known":                     nil,
		"3 credits":                     {Amount: "3", Currency: "credits"},
		"3 credits (list)":              {Amount: "3", Currency: "credits", Source: "list"},
		"3 credits (list, 2026-02-01)":  {Amount: "3", Currency: "credits", Source: "list", AsOf: "2026-02-01"},
		"0.35 USD (price, as of today)": {Amount: "0.35", Currency: "USD", Source: "price", AsOf: "as of today"},
	} {
		if got := price.Text(); got != want {
			t.Errorf("the price reads %q, want %q", got, want)
		}
	}
}
