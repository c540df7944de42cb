package cmd

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
	"github.com/klingctl/klingctl/internal/sandbox"
	"github.com/klingctl/klingctl/internal/view"
)

// sample is one kind of record with a word on where it comes from.
type sample struct {
	title, where string
	record       any
}

// samples have every key of every record set.
func samples() []sample {
	begun := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	after := func(seconds int) time.Time { return begun.Add(time.Duration(seconds) * time.Second) }
	bought := kling.Job{
		ID: "3f2a9c1d7e5b", Ref: kling.Ref{Provider: "kling", Path: "image2video", Task: "881234567890123456"},
		Model: "kling-v2-1-master", Kind: kling.ImageToVideo, State: kling.Succeeded, Word: "succeed",
		Prompt: "slow pan", Seconds: 5, ExternalID: "klingctl-3f2a9c1d7e5b", RequestID: "e87914ce-c4b1-4bbe-8e51-008c9957c96f",
		Cost: &kling.Cost{Amount: "10", Unit: "units"},
		Artifacts: []kling.Artifact{{
			Kind: kling.Video, URL: "https://cdn.example.com/881234567890123456.mp4", Seconds: 5.1, ExpiresAt: after(30 * 86400),
			Path: "/home/me/clip.mp4", SHA256: strings.Repeat("0123456789abcdef", 4), Bytes: 4194304,
		}},
		CreatedAt: begun, SubmittedAt: after(1), UpdatedAt: after(190), FinishedAt: after(187),
	}
	job := view.NewJob(bought, fault.Charged)
	sidecar := view.NewSidecar("v1.0.0", bought, bought.Artifacts[0])
	sidecar.Sandbox = true
	sidecar.Input = map[string]any{"mode": "std", "image": "/home/me/photo.png", "prompt": "slow pan", "duration": "5"}
	sidecar.Envelope = map[string]any{"set": "where the provider has properties beside its input"}
	sidecar.Images = []view.SidecarImage{{Property: "image", Source: "/home/me/photo.png", SHA256: strings.Repeat("fedcba9876543210", 4)}}
	failed := view.NewJob(kling.Job{
		ID: "7c1d0b9a4e2f", Ref: kling.Ref{Provider: "apixo", Path: "kling-2-1", Task: "3f2a44d0"}, Model: "kling-2-1",
		Kind: kling.ImageToVideo, Sandbox: true, State: kling.Failed, Word: "failed",
		Batch: "spring", Row: "sea/boat.png", Code: "CONTENT_VIOLATION", Message: "Content violates safety guidelines", Prompt: "slow pan", Seconds: 5,
		CreatedAt: begun, SubmittedAt: after(1), UpdatedAt: after(60), FinishedAt: after(59),
	}, fault.MayBeCharged)
	unknown := view.NewJob(kling.Job{
		ID: "9d8e7f6a5b4c", Ref: kling.Ref{Provider: "kie"}, Model: "kling/v2-1-standard", Kind: kling.ImageToVideo,
		State: kling.Unknown, Message: "submit to kie: the request was sent and no answer came: EOF", Prompt: "slow pan", Seconds: 5,
		CreatedAt: begun, UpdatedAt: after(2),
	}, fault.MayBeCharged)
	unsettled := view.NewProblem(&fault.Error{
		Kind: fault.Ambiguous, Op: "find out what became of job", Subject: "9d8e7f6a5b4c", Charged: fault.MayBeCharged, Job: "9d8e7f6a5b4c",
		Detail: "the create got no clear answer",
	}, string(fault.Ambiguous), nil)
	stopped := view.NewFailure(&fault.Error{
		Kind: fault.Ambiguous, Op: "submit to", Subject: "kie", Detail: "the server failed after the request was sent", Code: "500",
		Charged: fault.MayBeCharged, Hint: "klingctl jobs show 9d8e7f6a5b4c", RetryAfter: 30 * time.Second,
		RequestID: "req-7", Job: "9d8e7f6a5b4c",
	}, string(fault.Ambiguous), &unknown)
	stopped.Error.Bought = []view.Job{failed}
	listed := unknown
	listed.Error = &unsettled
	offer := catalog.Offer{
		Provider: "apikley", Model: "kling-2.6/image-to-video", Kind: kling.ImageToVideo, Title: "Kling 2.6 image to video",
		Notes: []string{"Takes exactly one image, by address."}, Origin: "apikley-kling-2.6-image-to-video.yaml",
		Expect: map[string]catalog.Span{"5": {Low: time.Minute, High: 4 * time.Minute}},
	}
	settings, files, check := settingsSamples()
	return []sample{
		{"A job", "`submit`, `status REF`, `wait REF`, `download REF`.", job},
		{"Several jobs", "Two references or more, `-`, and `status` without one: an array. A job that could not be looked at or saved carries its own error.", []view.Job{failed, listed}},
		{
			"An error", "Every verb. `job` is the job that was left behind, `ref` names it where its record is not known, `retry_after` is in seconds, `bought` are earlier takes of the same command.",
			stopped,
		},
		{
			"A request that was not sent", "`submit --dry-run`. The key is hidden, images stand as notes; `price` is null when none is known.",
			view.NewDryRun("POST", "https://api.kie.ai/api/v1/jobs/createTask", http.Header{
				"Authorization": {"Bearer [hidden]"}, "Content-Type": {"application/json"},
			}, json.RawMessage(`{"model":"kling-2.6/image-to-video","input":{"prompt":"slow pan","image_urls":["https://example.com/a.png"],"sound":true,"duration":"5"}}`),
				&view.Price{Amount: "110", Currency: "credits", Source: "KIE.AI price list, 1 credit = USD 0.005", AsOf: "2026-06-09"}),
		},
		{"The models", "`models`. `expect` is the usual time in seconds, by the length that was asked for.", []view.Offer{view.NewOffer(offer)}},
		{"A model", "`models MODEL`. (`models MODEL --schema` prints its JSON Schema.)", view.NewModel(offer, []catalog.Param{{
			Property: "callBackUrl", Flag: "--callback-url", Type: "string", Allowed: "an http or https address", Default: "none",
			Description: "address that is told when the task ends", Required: true, Envelope: true,
		}})},
		{"A sidecar", "`clip.mp4.json` beside `clip.mp4`, left by `--sidecar`; `submit --from clip.mp4.json` orders the same again. An image is named by its address or its absolute path.", sidecar},
		{"A check of the models", "`models --check`.", view.ModelCheck{SchemaVersion: view.SchemaVersion, Offers: 52, Problems: []string{"mine.yaml: maxLenght is no keyword"}}},
		{"An image", "`image check FILE...`: an array.", []view.ImageCheck{{
			SchemaVersion: view.SchemaVersion, File: "photo.webp", Problem: "set when it is no usable image",
			Image: &view.Image{Type: "image/webp", Width: 3000, Height: 2000, Bytes: 11000000, SHA256: strings.Repeat("0123456789abcdef", 4), Orientation: 6, Animated: true},
			Models: []view.ImageVerdict{{
				Provider: "kling", Model: "kling-v2-1-master", Kind: "image-to-video", Taken: true, Fixable: true, Problems: []string{"why it is not taken"},
			}},
		}}},
		{"The scenarios", "`sandbox scenarios`.", []view.Scenario{{Marker: "[[slow:duration]]", What: "the generation takes this long"}}},
		{"The journal", "`sandbox journal`, and `GET /_sandbox/journal` of a served sandbox. Newest last.", sandbox.Journal{Creates: 1, Charged: 1, Entries: []sandbox.Entry{{
			Time: begun, Provider: "kling", Method: "POST", Path: "/v1/videos/image2video", Op: "create", Status: 200, Code: "0",
			Task: "sbx821617265968289744", Charged: true, Scenario: "succeed", ExternalID: "klingctl-3f2a9c1d7e5b",
			Body: json.RawMessage(`{"model_name":"kling-v2-1-master"}`), Bytes: 1024, Problem: "what looked odd",
		}}}},
		{"Events", eventsWhere, events(bought, after)},
		settings, files, check, authSample(),
		{"The version", "`version`.", view.Version{SchemaVersion: view.SchemaVersion, Version: "v1.0.0", Go: "go1.26.8", OS: "linux", Arch: "amd64"}},
	}
}

// eventLog is a sample of lines.
type eventLog []any

const eventsWhere = "`submit --events`, `wait --events`, `download --events`: one line an event, written at once, while prose " +
	"and bars stay on standard error. Every line has `schema_version`, `event` and `at`, in milliseconds. " +
	"`job` names the job; in `job.submitted` and `job.ended` it is the whole record, with the job's own `error` where it was given up " +
	"or not saved. `job.state` comes when the state or the provider's word for it changes, `file.progress` at most once a second a file, " +
	"`file.saved` for each file that this command brought, `exec.done` when the command of `--exec` has ended for it; `usual` is in seconds. " +
	"`error` is an error of the command itself, as under `--json`. The last line is `summary`; `open` jobs go on. " +
	"New events and keys may be added: pass over what you do not know."

// events have every key of every event set.
func events(bought kling.Job, after func(seconds int) time.Time) eventLog {
	head := func(seconds int, kind string) view.EventHead { return view.NewEventHead(after(seconds), kind) }
	sent, running := bought, bought
	sent.Ref.Task, sent.State, sent.Word = "", kling.Submitting, ""
	running.State, running.Word, running.Artifacts, running.Cost, running.FinishedAt = kling.Running, "processing", nil, nil, time.Time{}
	about, path, digest := view.NewEventJob(bought), bought.Artifacts[0].Path, bought.Artifacts[0].SHA256
	return eventLog{
		view.JobEvent{EventHead: head(0, view.EventHosting), Job: view.NewEventJob(sent), Path: "/home/me/photo.png"},
		view.JobEvent{EventHead: head(0, view.EventSubmitting), Job: view.NewEventJob(sent)},
		view.RecordEvent{EventHead: head(1, view.EventSubmitted), Job: view.NewJob(running, fault.Charged)},
		view.JobEvent{EventHead: head(1, view.EventState), Job: view.NewEventJob(running), Usual: &view.Span{Low: 60, High: 240}},
		view.NoticeEvent{EventHead: head(9, view.EventNotice), Job: &about, Text: "what a person should read; job is absent where none is concerned"},
		view.FileEvent{EventHead: head(188, view.EventProgress), Job: about, File: view.EventFile{Path: path, Bytes: 65536, Total: 4194304}},
		view.FileEvent{EventHead: head(189, view.EventSaved), Job: about, File: view.EventFile{Path: path, Bytes: 4194304, Total: 4194304, SHA256: digest}},
		view.ExecEvent{EventHead: head(190, view.EventExec), Job: about, Path: path, ExitCode: 3, Error: "exit status 3"},
		view.RecordEvent{EventHead: head(190, view.EventEnded), Job: view.NewJob(bought, fault.Charged)},
		view.ErrorEvent{EventHead: head(190, view.EventError), Error: view.NewProblem(&fault.Error{
			Kind: fault.Usage, Op: "read references", Detail: "standard input holds none",
		}, string(fault.Usage), nil)},
		view.SummaryEvent{
			EventHead: head(190, view.EventSummary), ExitCode: exitPartial, Files: 3,
			Jobs: view.EventCounts{Total: 8, Succeeded: 3, Failed: 2, Open: 1, Unknown: 1, Refused: 1},
		},
	}
}

func jsonPage(t *testing.T) string {
	t.Helper()
	p := newPage("JSON")
	p.text(`
Under ` + "`--json`" + ` standard output holds exactly one document, also when something goes wrong; standard error stays prose.
Keys may be added, never changed or taken away; ` + "`schema_version`" + ` would grow if one ever changed its meaning. Times are
RFC 3339 in UTC. Characters that a terminal could obey are written as ` + "`\\u`" + ` escapes.

` + "`charged`" + ` is ` + "`yes`, `no` or `unknown`" + `: whether money was spent, ` + "`unknown`" + ` also for a job that failed at a
provider that does not tell what it cost. Kinds of errors and states stand with the
[exit codes](exit-codes.md).`)
	for _, s := range samples() {
		var text bytes.Buffer
		if lines, ok := s.record.(eventLog); ok {
			for _, record := range lines {
				line, err := view.EventLine(record)
				if err != nil {
					t.Fatalf("encode %s: %v", s.title, err)
				}
				text.Write(line)
			}
			p.printf("\n## %s\n", s.title)
			p.text(s.where)
			p.code("json", text.String())
			continue
		}
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(s.record); err != nil {
			t.Fatalf("encode %s: %v", s.title, err)
		}
		p.printf("\n## %s\n", s.title)
		p.text(s.where)
		p.code("json", text.String())
	}
	return p.String()
}

// The page shows every key there is: a field that some sample does not set is
// a field that nobody told.
func TestSamplesAreComplete(t *testing.T) {
	t.Parallel()
	set, known := map[string]bool{}, map[string]bool{}
	for _, s := range samples() {
		fill(reflect.ValueOf(s.record), set, known)
	}
	for name := range known {
		if !set[name] {
			t.Errorf("no sample in docs/json.md sets %s", name)
		}
	}
}

// fill notes the fields of a record, and those that are not zero.
func fill(value reflect.Value, set, known map[string]bool) {
	switch value.Kind() { //nolint:exhaustive // the kinds that hold others
	case reflect.Pointer, reflect.Interface:
		if !value.IsNil() {
			fill(value.Elem(), set, known)
		}
	case reflect.Slice:
		for i := range value.Len() {
			fill(value.Index(i), set, known)
		}
	case reflect.Struct:
		if _, isTime := reflect.TypeAssert[time.Time](value); isTime {
			return
		}
		for i := range value.NumField() {
			field := value.Type().Field(i)
			if !field.Anonymous {
				name := value.Type().String() + "." + field.Name
				known[name] = true
				set[name] = set[name] || !value.Field(i).IsZero()
			}
			fill(value.Field(i), set, known)
		}
	default:
	}
}
