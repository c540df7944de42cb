package klingapi

import (
	"bytes"
	"encoding/json"

	"github.com/klingctl/klingctl/internal/dialect"
)

// level is one object of an answer with the fields of every known shape:
// Kling's envelope and task, new-api's generic task, OpenAI's video object and
// the simple objects of other gateways. Which shape it is shows in which
// fields are there.
type level struct {
	Code      dialect.Text     `json:"code"`
	Message   dialect.Text     `json:"message"`
	Msg       dialect.Text     `json:"msg"`
	RequestID dialect.Text     `json:"request_id"`
	Error     complaint        `json:"error"`
	Data      dialect.Embedded `json:"data"`

	TaskID dialect.Text `json:"task_id"`
	ID     dialect.Text `json:"id"`

	// Kling's task.
	TaskStatus         word              `json:"task_status"`
	TaskStatusMsg      dialect.Text      `json:"task_status_msg"`
	TaskInfo           loose[taskInfo]   `json:"task_info"`
	TaskResult         loose[taskResult] `json:"task_result"`
	FinalUnitDeduction dialect.Text      `json:"final_unit_deduction"`
	ExternalID         dialect.Text      `json:"external_id"`
	CreatedAt          dialect.Text      `json:"created_at"`
	UpdatedAt          dialect.Text      `json:"updated_at"`

	// Gateways' tasks and OpenAI's video object.
	Status      word            `json:"status"`
	FailReason  dialect.Text    `json:"fail_reason"`
	ResultURL   dialect.Text    `json:"result_url"`
	URL         dialect.Text    `json:"url"`
	Metadata    loose[metadata] `json:"metadata"`
	Output      loose[output]   `json:"output"`
	Seconds     dialect.Text    `json:"seconds"`
	SubmitTime  dialect.Text    `json:"submit_time"`
	FinishTime  dialect.Text    `json:"finish_time"`
	CompletedAt dialect.Text    `json:"completed_at"`
}

type taskInfo struct {
	ExternalTaskID dialect.Text `json:"external_task_id"`
}

type taskResult struct {
	Videos []loose[video] `json:"videos"`
}

type video struct {
	URL          dialect.Text `json:"url"`
	WatermarkURL dialect.Text `json:"watermark_url"`
	Duration     dialect.Text `json:"duration"`
}

type metadata struct {
	URL      dialect.Text `json:"url"`
	Duration dialect.Text `json:"duration"`
}

type output struct {
	VideoURL dialect.Text `json:"video_url"`
}

// loose takes a T where one stands and stays empty where something else does:
// servers in some languages write [] or "" for an empty object.
type loose[T any] struct{ value T }

// UnmarshalJSON never fails.
func (l *loose[T]) UnmarshalJSON(data []byte) error {
	var value T
	if json.Unmarshal(data, &value) == nil {
		l.value = value
	}
	return nil
}

// word is a status word; said tells an empty one from none at all.
type word struct {
	text string
	said bool
}

// UnmarshalJSON takes a scalar; null and composites are no word.
func (w *word) UnmarshalJSON(data []byte) error {
	var text dialect.Text
	if err := text.UnmarshalJSON(data); err != nil {
		return err
	}
	*w = word{text: string(text), said: text != "" || bytes.Equal(bytes.TrimSpace(data), []byte(`""`))}
	return nil
}

// complaint is an error object, or just its text.
type complaint struct{ Code, Type, Message dialect.Text }

// UnmarshalJSON takes an object or a string and nothing else.
func (c *complaint) UnmarshalJSON(data []byte) error {
	*c = complaint{}
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '"' {
		return c.Message.UnmarshalJSON(data)
	}
	var object loose[struct {
		Code    dialect.Text `json:"code"`
		Type    dialect.Text `json:"type"`
		Message dialect.Text `json:"message"`
	}]
	if err := object.UnmarshalJSON(data); err != nil {
		return err
	}
	*c = complaint(object.value)
	return nil
}

func (c complaint) empty() bool { return c == complaint{} }

// costs is what stands in the envelope of an answer about resource packs. The
// list is left out where an account has none.
type costs struct {
	Code  dialect.Text  `json:"code"`
	Msg   dialect.Text  `json:"msg"`
	Packs []loose[pack] `json:"resource_pack_subscribe_infos"`
}

type pack struct {
	Name      dialect.Text `json:"resource_pack_name"`
	Remaining dialect.Text `json:"remaining_quantity"`
	// InvalidTime is in milliseconds.
	InvalidTime dialect.Text `json:"invalid_time"`
	// Status is toBeOnline, online, expired or runOut.
	Status dialect.Text `json:"status"`
}

// subscription is new-api's limit of a token.
type subscription struct {
	HardLimit dialect.Text `json:"hard_limit_usd"`
	// AccessUntil is in seconds, 0 for a token that stays.
	AccessUntil dialect.Text `json:"access_until"`
}

// usage is what was used of it, in hundredths.
type usage struct {
	Total dialect.Text `json:"total_usage"`
}
