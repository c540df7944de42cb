package aimlapi

import (
	"net/url"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// Look implements dialect.Dialect.
func (codec) Look(ref kling.Ref) (dialect.Call, error) {
	if ref.Task == "" {
		return dialect.Call{}, &fault.Error{Kind: fault.Usage, Detail: "there is no task to ask for"}
	}
	return dialect.Get(path, url.Values{"generation_id": {ref.Task}}), nil
}

// Looked implements dialect.Dialect.
func (codec) Looked(reply dialect.Reply) (kling.Snapshot, error) {
	var answer generation
	if err := dialect.Decode(reply, &answer); err != nil {
		return kling.Snapshot{}, dialect.Unreadable(reply, err)
	}
	switch {
	case reply.Status < 200 || reply.Status >= 300:
		return kling.Snapshot{}, answer.fault(reply)
	case answer.ID == "" && answer.Status == "":
		return kling.Snapshot{}, dialect.AnswerFault(reply, "the answer says nothing of the task", nil)
	}
	return answer.snapshot(reply), nil
}

// snapshot reads the one object that creates and looks are answered with.
func (g generation) snapshot(reply dialect.Reply) kling.Snapshot {
	state, known := stateOf(string(g.Status))
	seen := kling.Snapshot{
		Task: dialect.SeenTask(g.ID), State: state, Word: fault.SafeText(string(g.Status)), Recognised: known,
		RequestID: g.requestID(reply),
	}
	if state.Terminal() {
		seen.Cost = dialect.Cost(g.credits(), "credits")
	}
	if state == kling.Succeeded {
		seen.Artifacts = dialect.Artifacts(g.link())
	}
	if state == kling.Failed {
		name, text := g.problem()
		if text == "" {
			text = string(g.Message)
		}
		seen.Code, seen.Message = fault.SafeText(name), fault.SafeText(text)
	}
	return seen
}

func (g generation) requestID(reply dialect.Reply) string {
	if g.RequestID != "" {
		return fault.SafeText(string(g.RequestID))
	}
	return dialect.RequestID(reply)
}
