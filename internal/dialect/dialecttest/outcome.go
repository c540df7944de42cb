package dialecttest

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// outcome is what an answer was read as, for golden files.
type outcome struct {
	Fault     *faultRecord     `json:"fault,omitempty"`
	Snapshots []snapshotRecord `json:"snapshots,omitempty"`
}

type faultRecord struct {
	Kind      fault.Kind   `json:"kind"`
	Charged   fault.Charge `json:"charged"`
	Code      string       `json:"code,omitempty"`
	Text      string       `json:"text"`
	Hint      string       `json:"hint,omitempty"`
	RequestID string       `json:"request_id,omitempty"`
}

type snapshotRecord struct {
	Task       string           `json:"task"`
	ExternalID string           `json:"external_id,omitempty"`
	State      kling.State      `json:"state"`
	Word       string           `json:"word"`
	Recognised bool             `json:"recognised"`
	Code       string           `json:"code,omitempty"`
	Message    string           `json:"message,omitempty"`
	Artifacts  []kling.Artifact `json:"artifacts,omitempty"`
	Cost       *kling.Cost      `json:"cost,omitempty"`
	RequestID  string           `json:"request_id,omitempty"`
	CreatedAt  time.Time        `json:"created_at,omitzero"`
	FinishedAt time.Time        `json:"finished_at,omitzero"`
}

func outcomeOf(snapshots []kling.Snapshot, err error) outcome {
	if err != nil {
		e := fault.Of(err)
		if e == nil {
			return outcome{Fault: &faultRecord{Kind: "no fault.Error", Text: err.Error()}}
		}
		return outcome{Fault: &faultRecord{
			Kind: e.Kind, Charged: e.Spent(), Code: e.Code, Text: e.Error(), Hint: e.Hint, RequestID: e.RequestID,
		}}
	}
	var out outcome
	for _, s := range snapshots {
		out.Snapshots = append(out.Snapshots, snapshotRecord(s))
	}
	return out
}

// checkOutcome checks what holds for every answer there is.
func checkOutcome(tb testing.TB, o op, reply dialect.Reply, snapshots []kling.Snapshot, err error) {
	tb.Helper()
	if err != nil {
		checkFault(tb, o, reply, err)
		return
	}
	for _, s := range snapshots {
		checkSnapshot(tb, o, reply, s)
	}
}

func checkFault(tb testing.TB, o op, reply dialect.Reply, err error) {
	tb.Helper()
	e := fault.Of(err)
	if e == nil {
		tb.Errorf("%s: error %v is no *fault.Error", describe(o, reply), err)
		return
	}
	if !slices.Contains(fault.Kinds(), e.Kind) || !slices.Contains([]fault.Charge{fault.NotCharged, fault.Charged, fault.MayBeCharged}, e.Spent()) {
		tb.Errorf("%s: kind %q and charged %q, want declared ones", describe(o, reply), e.Kind, e.Charged)
	}
	if o == opCreate {
		if e.Kind == fault.NotFound {
			tb.Errorf("%s: kind not_found, want refused: a create looks for no task", describe(o, reply))
		}
		if (e.Kind == fault.Busy || e.Kind == fault.Stale) && e.Spent() != fault.NotCharged {
			tb.Errorf("%s: kind %s and charged %q, want no: such answers are tried again", describe(o, reply), e.Kind, e.Spent())
		}
		if (e.Kind == fault.Unavailable || e.Kind == fault.Ambiguous) && e.Spent() != fault.MayBeCharged {
			tb.Errorf("%s: kind %s and charged %q, want unknown", describe(o, reply), e.Kind, e.Spent())
		}
	}
	for name, text := range map[string]string{"error": err.Error(), "detail": e.Detail, "code": e.Code, "hint": e.Hint, "request id": e.RequestID} {
		checkText(tb, o, reply, "the fault's "+name, text)
	}
}

func checkSnapshot(tb testing.TB, o op, reply dialect.Reply, s kling.Snapshot) {
	tb.Helper()
	if o == opCreate {
		if _, err := dialect.TaskID(s.Task); err != nil {
			tb.Errorf("%s: success with task %q: %v", describe(o, reply), s.Task, err)
		}
	}
	switch s.State {
	case kling.Queued, kling.Running, kling.Succeeded, kling.Failed:
	case kling.Draft, kling.Submitting, kling.Unknown, kling.Refused, kling.Lost:
		tb.Errorf("%s: state %q, which no provider can say", describe(o, reply), s.State)
	default:
		tb.Errorf("%s: state %q is not declared", describe(o, reply), s.State)
	}
	if !s.Recognised && s.State != kling.Running {
		tb.Errorf("%s: the word %q is not recognised and means %s, want running", describe(o, reply), s.Word, s.State)
	}
	if s.State != kling.Succeeded && len(s.Artifacts) > 0 {
		tb.Errorf("%s: %s with results", describe(o, reply), s.State)
	}
	if s.Cost != nil && !s.State.Terminal() {
		tb.Errorf("%s: %s with a cost, which would be kept for good", describe(o, reply), s.State)
	}
	for _, a := range s.Artifacts {
		if a.URL == "" || a.Path != "" || a.SHA256 != "" || a.Bytes != 0 || (a.Kind != kling.Video && a.Kind != kling.Watermarked) {
			tb.Errorf("%s: result %+v, want a link and a kind and nothing of ours", describe(o, reply), a)
		}
	}
	texts := map[string]string{"word": s.Word, "code": s.Code, "message": s.Message, "request id": s.RequestID}
	if s.Cost != nil {
		texts["cost"] = s.Cost.Amount
		if s.Cost.Amount == "" || strings.Trim(s.Cost.Amount, "0123456789.") != "" {
			tb.Errorf("%s: cost %q is not plain decimal text", describe(o, reply), s.Cost.Amount)
		}
	}
	for name, text := range texts {
		checkText(tb, o, reply, "the snapshot's "+name, text)
	}
}

// checkText checks that text of a server is safe to print as one line.
func checkText(tb testing.TB, o op, reply dialect.Reply, what, text string) {
	tb.Helper()
	if safe := fault.SafeText(text); safe != text && utf8.RuneCountInString(text) <= fault.MaxText {
		tb.Errorf("%s: %s is not safe to print: %q", describe(o, reply), what, text)
	}
	if n := utf8.RuneCountInString(text); n > 8*fault.MaxText {
		tb.Errorf("%s: %s has %d characters", describe(o, reply), what, n)
	}
}

// describe names an answer shortly.
func describe(o op, reply dialect.Reply) string {
	body := string(reply.Body)
	if len(body) > 200 {
		body = body[:200] + "..."
	}
	return string(o) + " answered " + strconv.Itoa(reply.Status) + " " + fault.SafeText(body)
}
