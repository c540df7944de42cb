package createtask

import (
	"encoding/json"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/kling"
)

// Callback implements dialect.CallbackReader. The body is built like the
// answer to a look; the task's id is also looked for where the page on
// signatures has it, and at the top.
func (codec) Callback(body []byte) (kling.Snapshot, error) {
	reply := dialect.Reply{Status: 200, Body: body}
	var answer struct {
		Data json.RawMessage `json:"data"`
		record
	}
	if err := dialect.Decode(reply, &answer); err != nil {
		return kling.Snapshot{}, dialect.Unreadable(reply, err)
	}
	var data record
	if err := json.Unmarshal(answer.Data, &data); err != nil && len(answer.Data) > 0 {
		return kling.Snapshot{}, dialect.AnswerFault(reply, "the callback's data has an unknown form", nil)
	}
	if len(answer.Data) == 0 {
		data = answer.record
	}
	if data.task() == "" {
		data.TaskID = answer.task()
	}
	if dialect.SeenTask(data.task()) == "" {
		return kling.Snapshot{}, dialect.AnswerFault(reply, "the callback names no task", nil)
	}
	return data.snapshot(reply)
}
