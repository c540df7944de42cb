package klingapi

import (
	"maps"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// Create encodes an order as one flat object. Fields of the envelope stand
// beside those of the input, for this API makes no difference between them.
func (c codec) Create(req dialect.Request) (dialect.Call, error) {
	if req.Endpoint == "" {
		return dialect.Call{}, unusable("the offer names no endpoint such as image2video")
	}
	if req.Model == "" {
		return dialect.Call{}, unusable("the offer names no model")
	}
	body := map[string]any{"model_name": req.Model}
	if c.variant.RepeatInMetadata {
		body["model"] = req.Model
	}
	for _, fields := range []map[string]any{req.Input, req.Envelope} {
		if err := add(body, fields); err != nil {
			return dialect.Call{}, err
		}
	}
	if c.variant.RepeatInMetadata {
		inner := maps.Clone(body)
		if err := add(body, map[string]any{"metadata": inner}); err != nil {
			return dialect.Call{}, err
		}
	}
	return dialect.PostJSON(c.path(req.Endpoint), body)
}

// add puts fields into the body. A name that is there already is a mistake of
// the order: one of the two values would be lost.
func add(body, fields map[string]any) error {
	for name, value := range fields {
		if _, taken := body[name]; taken {
			return unusable("the field " + fault.SafeText(name) + " is given twice")
		}
		body[name] = value
	}
	return nil
}

// unusable is an order or a reference that cannot be encoded; nothing is sent.
func unusable(detail string) error { return &fault.Error{Kind: fault.Usage, Detail: detail} }

// Created decodes the answer to a create. Gateways answer with Kling's
// envelope, with a video object in OpenAI's manner, or with a bare task id.
func (codec) Created(reply dialect.Reply) (kling.Snapshot, error) {
	a, err := read(reply, creating)
	if err != nil {
		return kling.Snapshot{}, err
	}
	task, err := dialect.TaskID(a.task())
	if err != nil {
		if e := fault.Of(err); e != nil {
			e.RequestID = a.requestID(reply)
		}
		return kling.Snapshot{}, err
	}
	snapshot := a.snapshot(reply)
	snapshot.Task = task
	return snapshot, nil
}
