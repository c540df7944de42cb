package klingapi_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
)

// A paid job is lost when an answer that names a task is called a plain no.
func TestNoAnswerThatNamesATaskIsAPlainNo(t *testing.T) {
	t.Parallel()
	d := plain()
	rapid.Check(t, func(rt *rapid.T) {
		status := rapid.SampledFrom([]int{200, 201, 400, 401, 402, 403, 404, 422, 429, 500, 503}).Draw(rt, "status")
		code := rapid.SampledFrom([]any{0, 200, "success", "", nil, 1000, 1004, 1102, 1203, 1301, 1303, 1999, 5000, 429, 402, "task_failed", "model_not_found", "x"}).Draw(rt, "code")
		text := rapid.SampledFrom([]string{"", "SUCCEED", "quota", "parallel task over resource pack limit"}).Draw(rt, "message")
		body := map[string]any{"code": code, "message": text}
		if rapid.Bool().Draw(rt, "inside") {
			body["data"] = map[string]any{"task_id": "881"}
		} else {
			body["task_id"] = "881"
		}
		data, err := json.Marshal(body)
		if err != nil {
			rt.Fatal(err)
		}
		snapshot, err := d.Created(dialect.Reply{Status: status, Body: data})
		switch e := fault.Of(err); {
		case err == nil && snapshot.Task != "881":
			rt.Errorf("HTTP %d %s: task %q, want 881", status, data, snapshot.Task)
		case err != nil && (e == nil || e.Spent() != fault.MayBeCharged):
			rt.Errorf("HTTP %d %s: %v says that nothing was bought", status, data, err)
		case err != nil && status < 300 && (code == 0 || code == 200 || code == "success" || code == "" || code == nil):
			rt.Errorf("HTTP %d %s: %v, want the task", status, data, err)
		}
	})
}
