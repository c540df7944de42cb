package createtask

import (
	"encoding/json"
	"maps"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

const createPath = "/api/v1/jobs/createTask"

// Create implements dialect.Dialect: the envelope, callBackUrl among it, stands
// beside model and input.
func (codec) Create(req dialect.Request) (dialect.Call, error) {
	body := maps.Clone(req.Envelope)
	if body == nil {
		body = map[string]any{}
	}
	for name, value := range map[string]any{"model": req.Model, "input": req.Input} {
		if _, taken := body[name]; taken {
			return dialect.Call{}, &fault.Error{Kind: fault.Usage, Subject: name, Detail: "stands beside the input already"}
		}
		body[name] = value
	}
	return dialect.PostJSON(createPath, body)
}

// Created implements dialect.Dialect.
func (codec) Created(reply dialect.Reply) (kling.Snapshot, error) {
	var answer envelope
	if err := dialect.Decode(reply, &answer); err != nil {
		return kling.Snapshot{}, ofCreate(envelope{}, dialect.Unreadable(reply, err), reply.Status)
	}
	if !answer.success(reply) {
		return kling.Snapshot{}, ofCreate(answer, answer.fault(reply), reply.Status)
	}
	var data created
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
