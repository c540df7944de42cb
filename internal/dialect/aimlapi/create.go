package aimlapi

import (
	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// Create implements dialect.Dialect: model, input and envelope stand side by
// side.
func (codec) Create(req dialect.Request) (dialect.Call, error) {
	body := map[string]any{"model": req.Model}
	for _, fields := range []map[string]any{req.Input, req.Envelope} {
		for name, value := range fields {
			if _, taken := body[name]; taken {
				return dialect.Call{}, &fault.Error{Kind: fault.Usage, Subject: name, Detail: "is set twice, and the request has one place for it"}
			}
			body[name] = value
		}
	}
	return dialect.PostJSON(path, body)
}

// Created implements dialect.Dialect.
func (codec) Created(reply dialect.Reply) (kling.Snapshot, error) {
	var answer generation
	if err := dialect.Decode(reply, &answer); err != nil {
		return kling.Snapshot{}, dialect.ForCreate(dialect.Unreadable(reply, err))
	}
	if reply.Status < 200 || reply.Status >= 300 {
		return kling.Snapshot{}, answer.createFault(reply)
	}
	task, err := dialect.TaskID(string(answer.ID))
	if err != nil {
		return kling.Snapshot{}, err
	}
	seen := answer.snapshot(reply)
	seen.Task = task
	return seen, nil
}
