package apixo

import (
	"encoding/json"
	"net/url"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

const lookPath = "/api/v1/statusTask"

// Look implements dialect.Dialect. The path of the reference is the slug of the
// create.
func (codec) Look(ref kling.Ref) (dialect.Call, error) {
	switch {
	case ref.Task == "":
		return dialect.Call{}, &fault.Error{Kind: fault.Usage, Detail: "there is no task to ask for"}
	case ref.Path == "":
		return dialect.Call{}, &fault.Error{Kind: fault.Usage, Subject: ref.String(), Detail: "names no model, as in " + ref.Provider + ":kling-2-1/TASK"}
	}
	return dialect.Get(dialect.Path(lookPath, ref.Path), url.Values{"taskId": {ref.Task}}), nil
}

// Looked implements dialect.Dialect.
func (codec) Looked(reply dialect.Reply) (kling.Snapshot, error) {
	var answer envelope
	if err := dialect.Decode(reply, &answer); err != nil {
		return kling.Snapshot{}, dialect.Unreadable(reply, err)
	}
	if !answer.success(reply) {
		return kling.Snapshot{}, answer.fault(reply)
	}
	var data record
	if err := json.Unmarshal(answer.Data, &data); err != nil || data.TaskID == "" && data.State == "" {
		return kling.Snapshot{}, dialect.AnswerFault(reply, "the answer says nothing of the task", nil)
	}
	return data.snapshot(reply)
}

// snapshot reads a record, of a look or of a callback.
func (r record) snapshot(reply dialect.Reply) (kling.Snapshot, error) {
	state, known := stateOf(string(r.State))
	seen := kling.Snapshot{
		Task: dialect.SeenTask(r.TaskID), State: state, Word: fault.SafeText(string(r.State)), Recognised: known,
		RequestID: dialect.RequestID(reply), CreatedAt: dialect.Millis(r.CreateTime.Whole()),
	}
	if state.Terminal() {
		seen.FinishedAt = dialect.Millis(r.CompleteTime.Whole())
	}
	if state == kling.Failed {
		seen.Code, seen.Message = fault.SafeText(string(r.FailCode)), fault.SafeText(string(r.FailMsg))
	}
	if state == kling.Succeeded {
		var videos result
		if err := r.ResultJSON.Decode(&videos); err != nil {
			return kling.Snapshot{}, dialect.AnswerFault(reply, "", err)
		}
		seen.Artifacts = dialect.Artifacts(videos.links()...)
	}
	return seen, nil
}
