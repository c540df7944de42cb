package aimlapi

import (
	"encoding/json"
	"strings"

	"github.com/klingctl/klingctl/internal/dialect"
)

// generation is the answer to a create and to a look, and, with other fields
// filled, every error. What varies in type is read when it is needed.
type generation struct {
	ID     dialect.Text    `json:"id"`
	Status dialect.Text    `json:"status"`
	Video  json.RawMessage `json:"video"`
	Error  json.RawMessage `json:"error"`
	Meta   json.RawMessage `json:"meta"`

	Message   dialect.Text `json:"message"`
	RequestID dialect.Text `json:"requestId"`
}

// link is the URL of the video, "" when there is none.
func (g generation) link() dialect.Text {
	var video struct {
		URL dialect.Text `json:"url"`
	}
	if json.Unmarshal(g.Video, &video) != nil {
		return ""
	}
	return video.URL
}

// credits is what was charged, "" when it is not said.
func (g generation) credits() dialect.Text {
	var meta struct {
		Usage struct {
			CreditsUsed dialect.Text `json:"credits_used"`
		} `json:"usage"`
	}
	if json.Unmarshal(g.Meta, &meta) != nil {
		return ""
	}
	return meta.Usage.CreditsUsed
}

// problem is the name and the text of an error. Three forms are published:
// name and message, a list of details, and a bare text.
func (g generation) problem() (name, text string) {
	var plain string
	if json.Unmarshal(g.Error, &plain) == nil {
		return "", plain
	}
	var object struct {
		Name    dialect.Text    `json:"name"`
		Message dialect.Text    `json:"message"`
		Detail  json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(g.Error, &object) != nil {
		return "", ""
	}
	text = string(object.Message)
	if text == "" {
		text = details(object.Detail)
	}
	return string(object.Name), text
}

func details(raw json.RawMessage) string {
	var items []struct {
		Msg dialect.Text `json:"msg"`
	}
	if json.Unmarshal(raw, &items) != nil {
		return ""
	}
	var texts []string
	for _, item := range items {
		if item.Msg != "" {
			texts = append(texts, string(item.Msg))
		}
	}
	return strings.Join(texts, "; ")
}
