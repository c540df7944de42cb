package apixo

import (
	"encoding/json"
	"maps"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

const createPath = "/api/v1/generateTask"

// Create implements dialect.Dialect. The endpoint is the model's slug; the
// request type follows callback_url unless the envelope sets it.
func (codec) Create(req dialect.Request) (dialect.Call, error) {
	if req.Endpoint == "" {
		return dialect.Call{}, &fault.Error{Kind: fault.Usage, Subject: req.Model, Detail: "has no endpoint, which this provider needs in the path"}
	}
	body := maps.Clone(req.Envelope)
	if body == nil {
		body = map[string]any{}
	}
	if _, taken := body["input"]; taken {
		return dialect.Call{}, &fault.Error{Kind: fault.Usage, Subject: "input", Detail: "stands beside the input already"}
	}
	if _, set := body["request_type"]; !set {
		body["request_type"] = requestType(body)
	}
	body["input"] = req.Input
	return dialect.PostJSON(dialect.Path(createPath, req.Endpoint), body)
}

func requestType(envelope map[string]any) string {
	if target, _ := envelope["callback_url"].(string); target != "" {
		return "callback"
	}
	return "async"
}

// Created implements dialect.Dialect.
func (codec) Created(reply dialect.Reply) (kling.Snapshot, error) {
	var answer envelope
	if err := dialect.Decode(reply, &answer); err != nil {
		return kling.Snapshot{}, dialect.ForCreate(dialect.Unreadable(reply, err))
	}
	if !answer.success(reply) {
		return kling.Snapshot{}, dialect.ForCreate(answer.fault(reply))
	}
	var data record
	if err := json.Unmarshal(answer.Data, &data); err != nil && len(answer.Data) > 0 {
		return kling.Snapshot{}, dialect.AnswerFault(reply, "the answer says success in an unknown form", nil)
	}
	task, err := dialect.TaskID(string(data.TaskID))
	if err != nil {
		return kling.Snapshot{}, err
	}
	return kling.Snapshot{
		Task: task, State: kling.Queued, Recognised: true,
		RequestID: dialect.RequestID(reply),
	}, nil
}
