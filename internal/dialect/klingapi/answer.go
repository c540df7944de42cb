package klingapi

import (
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/dialect"
)

// maxLevels bounds how many objects one inside the other are looked at. A
// gateway in front of a gateway in front of Kling needs six.
const maxLevels = 8

// answer is a decoded answer: the object itself, what stands in its "data",
// what stands in the "data" of that, and so on.
type answer struct {
	levels []level
	// at is the level that tells the state, -1 when none does.
	at int
}

// unfold follows "data" inward and finds the level that tells the state: the
// first inside the envelope, else the object itself, else one further in. An
// outer state wins over an inner one because the inner is a gateway's copy of
// what its upstream last said.
func unfold(top level) answer {
	levels := []level{top}
	for len(levels) < maxLevels {
		data := levels[len(levels)-1].Data
		var next level
		if len(data) == 0 || data[0] != '{' || data.Decode(&next) != nil {
			break
		}
		levels = append(levels, next)
	}
	return answer{levels: levels, at: tells(levels)}
}

func tells(levels []level) int {
	if len(levels) > 1 && levels[1].tells() {
		return 1
	}
	return slices.IndexFunc(levels, level.tells)
}

func (l level) tells() bool { return l.TaskStatus.said || l.Status.said }

func (l level) word() string {
	if l.TaskStatus.said {
		return l.TaskStatus.text
	}
	return l.Status.text
}

// told reports whether the answer names a state.
func (a answer) told() bool { return a.at >= 0 }

// state is the level that tells the state, else an empty one.
func (a answer) state() level {
	if !a.told() {
		return level{}
	}
	return a.levels[a.at]
}

// task is the task's id: in the envelope, beside it, or further in. A task_id
// goes before an id, which at new-api is a row of its own database.
func (a answer) task() string {
	order := []level{}
	if len(a.levels) > 1 {
		order = append(order, a.levels[1])
	}
	order = append(order, a.levels[0])
	for _, l := range order {
		if id := identifier(l.TaskID, l.ID); id != "" {
			return id
		}
	}
	for _, l := range a.levels {
		if id := identifier(l.TaskID); id != "" {
			return id
		}
	}
	return ""
}

// identifier is the first text that can be an id. A boolean or the number 0
// stands for none.
func identifier(ids ...dialect.Text) string {
	for _, id := range ids {
		switch id {
		case "", "0", "true", "false":
		default:
			return string(id)
		}
	}
	return ""
}

// success reports whether a code of an envelope says success: 0 at Kling, 200
// or a word at gateways, none at all in objects without an envelope.
func success(code dialect.Text) bool {
	switch strings.ToLower(string(code)) {
	case "", "0", "200", "success", "succeed", "ok":
		return true
	default:
		return false
	}
}

// quoted reads JSON out of a text, such as an upstream's answer that a gateway
// repeats in its message.
func quoted(text string) (level, bool) {
	var l level
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return level{}, false
	}
	return l, dialect.Embedded(text).Decode(&l) == nil
}
