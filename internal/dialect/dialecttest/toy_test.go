package dialecttest

import (
	"net/url"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// sin is a way for the toy to break the contract.
type sin string

// toy is a small dialect that keeps the contract unless it is told to sin.
type toy struct{ sin sin }

func (toy) Name() string { return "toy" }

func (d toy) Traits() dialect.Traits {
	return dialect.Traits{Lists: d.sin == "claims to list", Accounts: d.sin == "claims an account"}
}

func (d toy) Create(req dialect.Request) (dialect.Call, error) {
	body := map[string]any{"model": req.Model, "input": req.Input, "more": req.Envelope}
	switch d.sin {
	case "drops a field":
		body["input"] = map[string]any{"prompt": req.Input["prompt"], "shots": req.Input["shots"]}
	case "drops the envelope":
		delete(body, "more")
	case "drops a nested field":
		shots, _ := req.Input["shots"].([]any)
		body["input"] = map[string]any{"prompt": req.Input["prompt"], "image": req.Input["image"], "shots": len(shots)}
	case "changes its argument":
		req.Input["prompt"] = "mine"
	case "answers by the clock":
		body["now"] = time.Now().UnixNano()
	}
	return dialect.PostJSON("/create", body)
}

func (d toy) Look(ref kling.Ref) (dialect.Call, error) {
	switch {
	case ref.Task == "":
		return dialect.Call{}, &fault.Error{Kind: fault.Usage, Detail: "no task"}
	case d.sin == "does not escape":
		return dialect.Get("/look/"+ref.Task, nil), nil
	}
	return dialect.Get("/look", url.Values{"id": {ref.Task}}), nil
}

func (d toy) Authorize(call *dialect.Call, credential dialect.Credential, _ time.Time) error {
	if err := dialect.AuthorizeBearer(call, credential); err != nil {
		return err
	}
	if d.sin == "puts the key into the query" {
		call.Query = url.Values{"key": {credential.Key.Reveal()}}
	}
	return nil
}

type toyAnswer struct {
	ID, State, Message dialect.Text
}

func (d toy) Created(reply dialect.Reply) (kling.Snapshot, error) {
	var answer toyAnswer
	if err := dialect.Decode(reply, &answer); err != nil {
		f := dialect.ForCreate(dialect.Unreadable(reply, err))
		if d.sin == "says that nothing was charged" {
			f.Charged = fault.NotCharged
		}
		return kling.Snapshot{}, f
	}
	if reply.Status >= 300 {
		f := dialect.StatusFault(reply, string(answer.Message), "")
		if d.sin == "looks for a task in a create" {
			return kling.Snapshot{}, f
		}
		return kling.Snapshot{}, dialect.ForCreate(f)
	}
	if d.sin == "accepts an answer without a task" {
		return kling.Snapshot{State: kling.Queued, Recognised: true}, nil
	}
	task, err := dialect.TaskID(string(answer.ID))
	if err != nil {
		return kling.Snapshot{}, err
	}
	return kling.Snapshot{Task: task, State: kling.Queued, Recognised: true}, nil
}

func (d toy) Looked(reply dialect.Reply) (kling.Snapshot, error) {
	var answer toyAnswer
	if err := dialect.Decode(reply, &answer); err != nil {
		return kling.Snapshot{}, dialect.Unreadable(reply, err)
	}
	if reply.Status >= 300 {
		return kling.Snapshot{}, dialect.StatusFault(reply, string(answer.Message), "")
	}
	if answer.State == "" {
		return kling.Snapshot{}, dialect.AnswerFault(reply, "no state", nil)
	}
	seen := kling.Snapshot{Task: dialect.SeenTask(answer.ID), State: kling.Running, Word: fault.SafeText(string(answer.State))}
	switch {
	case answer.State == "done" || answer.State == "DONE":
		seen.State, seen.Recognised = kling.Succeeded, true
	case d.sin == "ends a job on any word":
		seen.State, seen.Recognised = kling.Failed, true
	case d.sin == "prints what a server says":
		seen.Message = string(answer.Message)
	}
	return seen, nil
}
