package klingapi

import (
	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/kling"
)

// Callback decodes what Kling posts when a task changes: the task object by
// itself, without an envelope; one with an envelope is taken as well. Behind a
// gateway the task id is the upstream's, so the external id is what tells
// whose task it is.
func (codec) Callback(body []byte) (kling.Snapshot, error) {
	reply := dialect.Reply{Status: 200, Body: body}
	var top level
	if err := dialect.Decode(reply, &top); err != nil {
		return kling.Snapshot{}, dialect.AnswerFault(reply, "the callback cannot be read", err)
	}
	a := unfold(top)
	snapshot := a.snapshot(reply)
	switch {
	case !a.told():
		return kling.Snapshot{}, dialect.AnswerFault(reply, "the callback names no state", nil)
	case snapshot.Task == "" && snapshot.ExternalID == "":
		return kling.Snapshot{}, dialect.AnswerFault(reply, "the callback names no task", nil)
	}
	return snapshot, nil
}
