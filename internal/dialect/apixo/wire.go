package apixo

import (
	"encoding/json"

	"github.com/klingctl/klingctl/internal/dialect"
)

// envelope is around every answer. Its data is read only once the code is
// known: beside an error it has another form.
type envelope struct {
	Code    dialect.Text    `json:"code"`
	Message dialect.Text    `json:"message"`
	Data    json.RawMessage `json:"data"`
}

// problem is the data beside an error.
type problem struct {
	Error    dialect.Text `json:"error"`
	FailCode dialect.Text `json:"failCode"`
}

// problem reads the data of an error; anything unexpected gives nothing.
func (e envelope) problem() problem {
	var p problem
	if json.Unmarshal(e.Data, &p) != nil {
		return problem{}
	}
	return p
}

// record is the data of a create, a look and a callback.
type record struct {
	TaskID       dialect.Text     `json:"taskId"`
	State        dialect.Text     `json:"state"`
	ResultJSON   dialect.Embedded `json:"resultJson"`
	FailCode     dialect.Text     `json:"failCode"`
	FailMsg      dialect.Text     `json:"failMsg"`
	CreateTime   dialect.Text     `json:"createTime"`
	CompleteTime dialect.Text     `json:"completeTime"`
}

// result is what resultJson holds.
type result struct {
	ResultURLs []dialect.Text `json:"resultUrls"`
	// SnakeURLs is a spelling of the sibling API that this one may share.
	SnakeURLs []dialect.Text `json:"result_urls"`
}

func (r result) links() []dialect.Text {
	if len(r.ResultURLs) > 0 {
		return r.ResultURLs
	}
	return r.SnakeURLs
}
