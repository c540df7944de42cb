package apixo

import (
	"encoding/json"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/kling"
)

// Callback implements dialect.CallbackReader: the body is that of a look, with
// the code of a success also when the task failed.
func (codec) Callback(body []byte) (kling.Snapshot, error) {
	reply := dialect.Reply{Status: 200, Body: body}
	var answer envelope
	if err := dialect.Decode(reply, &answer); err != nil {
		return kling.Snapshot{}, dialect.Unreadable(reply, err)
	}
	var data record
	if err := json.Unmarshal(answer.Data, &data); err != nil || dialect.SeenTask(data.TaskID) == "" {
		return kling.Snapshot{}, dialect.AnswerFault(reply, "the callback names no task", nil)
	}
	return data.snapshot(reply)
}
