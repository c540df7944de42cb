package createtask

import (
	"encoding/json"

	"github.com/klingctl/klingctl/internal/dialect"
)

// envelope is around every answer. Its data is read only once the code is
// known: beside an error it may be anything.
type envelope struct {
	Code dialect.Text `json:"code"`
	Msg  dialect.Text `json:"msg"`
	// Message is what some pages and mirrors write instead of msg.
	Message dialect.Text    `json:"message"`
	Data    json.RawMessage `json:"data"`
}

func (e envelope) text() string {
	if e.Msg != "" {
		return string(e.Msg)
	}
	return string(e.Message)
}

// created is the data of a successful create.
type created struct {
	TaskID dialect.Text `json:"taskId"`
}

// record is the data of a look and of a callback.
type record struct {
	TaskID dialect.Text `json:"taskId"`
	// OldTaskID is how the page on callbacks spells it.
	OldTaskID dialect.Text `json:"task_id"`
	State     dialect.Text `json:"state"`
	// ResultJSON may be filled before the task has ended.
	ResultJSON   dialect.Embedded `json:"resultJson"`
	FailCode     dialect.Text     `json:"failCode"`
	FailMsg      dialect.Text     `json:"failMsg"`
	CreateTime   dialect.Text     `json:"createTime"`
	CompleteTime dialect.Text     `json:"completeTime"`
	// CreditsConsumed is the price in looks, ConsumeCredits in callbacks.
	CreditsConsumed dialect.Text `json:"creditsConsumed"`
	ConsumeCredits  dialect.Text `json:"consumeCredits"`
}

func (r record) task() dialect.Text {
	if r.TaskID != "" {
		return r.TaskID
	}
	return r.OldTaskID
}

func (r record) credits() dialect.Text {
	if r.CreditsConsumed != "" {
		return r.CreditsConsumed
	}
	return r.ConsumeCredits
}

// result is what resultJson holds.
type result struct {
	ResultURLs []dialect.Text `json:"resultUrls"`
	// SnakeURLs is a spelling that clients have met.
	SnakeURLs []dialect.Text `json:"result_urls"`
}

func (r result) links() []dialect.Text {
	if len(r.ResultURLs) > 0 {
		return r.ResultURLs
	}
	return r.SnakeURLs
}
