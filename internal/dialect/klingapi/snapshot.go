package klingapi

import (
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// snapshot is what the answer says of its task. An answer without a state, as
// some gateways give to a create, means a task that has just been queued.
func (a answer) snapshot(reply dialect.Reply) kling.Snapshot {
	told := a.state()
	state, recognised := stateOf(told.word())
	snapshot := kling.Snapshot{
		Task:       dialect.SeenTask(dialect.Text(a.task())),
		ExternalID: a.externalID(),
		State:      state,
		Word:       fault.SafeText(told.word()),
		Recognised: recognised,
		RequestID:  a.requestID(reply),
		CreatedAt:  moment(told.CreatedAt, told.SubmitTime),
	}
	if !state.Terminal() {
		return snapshot
	}
	snapshot.FinishedAt = moment(told.FinishTime, told.CompletedAt, told.UpdatedAt)
	snapshot.Cost = dialect.Cost(told.FinalUnitDeduction, "units")
	if state == kling.Failed {
		snapshot.Code, snapshot.Message = fault.SafeText(string(told.Error.Code)), fault.SafeText(a.reason())
		return snapshot
	}
	snapshot.Artifacts = a.videos()
	return snapshot
}

// requestID is the envelope's id of the exchange, else that of the headers.
func (a answer) requestID(reply dialect.Reply) string {
	if id := fault.SafeText(string(a.levels[0].RequestID)); id != "" {
		return id
	}
	return dialect.RequestID(reply)
}

// externalID is our own id where any level repeats it.
func (a answer) externalID() string {
	for _, l := range a.levels {
		if id := first(l.TaskInfo.value.ExternalTaskID, l.ExternalID); id != "" {
			return fault.SafeText(id)
		}
	}
	return ""
}

// reason is why a task failed. Kling's own words go first, wherever they
// stand: early new-api builds say SUCCEED in fail_reason and keep the truth
// inside their copy of the upstream's answer. Newer ones repeat the reason in
// result_url.
func (a answer) reason() string {
	for i := len(a.levels) - 1; i >= a.at; i-- {
		l := a.levels[i]
		if state, _ := stateOf(l.word()); state == kling.Failed && !hollow(l.TaskStatusMsg) {
			return string(l.TaskStatusMsg)
		}
	}
	told := a.state()
	for _, text := range []dialect.Text{told.FailReason, told.Error.Message, told.ResultURL, told.Message, told.Msg} {
		if !hollow(text) {
			return string(text)
		}
	}
	return ""
}

// hollow reports a text that gives no reason: nothing, a word of success, or a
// link.
func hollow(text dialect.Text) bool {
	return text == "" || success(text) || strings.EqualFold(string(text), "succeeded") || link(text)
}

// videos are the results: Kling's own list, innermost first, for it alone has
// durations and watermarked twins; else the one link of a gateway.
func (a answer) videos() []kling.Artifact {
	for i := len(a.levels) - 1; i >= a.at; i-- {
		if listed := artifacts(a.levels[i].TaskResult.value.Videos); len(listed) > 0 {
			return listed
		}
	}
	for _, l := range a.levels[a.at:] {
		url := first(onlyLink(l.ResultURL), onlyLink(l.FailReason), l.Metadata.value.URL, l.URL, l.Output.value.VideoURL)
		if url != "" {
			seconds := dialect.Text(first(l.Seconds, l.Metadata.value.Duration)).Float()
			return []kling.Artifact{{Kind: kling.Video, URL: url, Seconds: seconds}}
		}
	}
	return nil
}

func artifacts(videos []loose[video]) []kling.Artifact {
	var results []kling.Artifact
	for _, entry := range videos {
		v := entry.value
		if v.URL != "" {
			results = append(results, kling.Artifact{Kind: kling.Video, URL: string(v.URL), Seconds: v.Duration.Float()})
		}
		if v.WatermarkURL != "" {
			results = append(results, kling.Artifact{Kind: kling.Watermarked, URL: string(v.WatermarkURL), Seconds: v.Duration.Float()})
		}
	}
	return results
}

// link reports whether a field that may also hold prose holds a link.
func link(text dialect.Text) bool {
	lower := strings.ToLower(string(text[:min(len(text), len("https://"))]))
	return strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "http://")
}

func onlyLink(text dialect.Text) dialect.Text {
	if link(text) {
		return text
	}
	return ""
}

// moment is the first time that is given. Kling counts milliseconds, gateways
// mostly seconds, and some copy the one into the other's place, so the
// magnitude decides: 1e11 seconds is the year 5138.
func moment(stamps ...dialect.Text) time.Time {
	for _, stamp := range stamps {
		n := stamp.Whole()
		switch {
		case n <= 0:
		case n >= 1e11:
			return dialect.Millis(n)
		default:
			return dialect.Seconds(n)
		}
	}
	return time.Time{}
}

// first is the first text that is not empty.
func first(texts ...dialect.Text) string {
	for _, text := range texts {
		if text != "" {
			return string(text)
		}
	}
	return ""
}
