package dialecttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/kling"
)

// Reply is an answer in the corpus: a status (200 when it is left out), headers
// with canonical names, and a body as JSON or as text.
type Reply struct {
	Status int               `json:"status,omitempty"`
	Header map[string]string `json:"header,omitempty"`
	Body   json.RawMessage   `json:"body,omitempty"`
	Text   string            `json:"text,omitempty"`
	// Cut is why the body is not whole.
	Cut string `json:"cut,omitempty"`
}

// Dialect is the reply as a dialect gets it.
func (r Reply) Dialect() dialect.Reply {
	out := dialect.Reply{Status: r.Status, Body: r.Body, Header: map[string][]string{}}
	if out.Status == 0 {
		out.Status = 200
	}
	if r.Text != "" {
		out.Body = []byte(r.Text)
	}
	for name, value := range r.Header {
		out.Header[name] = []string{value}
	}
	if r.Cut != "" {
		out.Cut = errors.New(r.Cut)
	}
	return out
}

// op is what a body answers.
type op string

const (
	opCreate   op = "create"
	opLook     op = "look"
	opList     op = "list"
	opCallback op = "callback"
	// opBalance is answered by several replies, see balances.
	opBalance op = "balance"
)

// decode reads a reply as the answer to an operation; ok is false when the
// dialect has no such operation.
func decode(d dialect.Dialect, o op, reply dialect.Reply) (snapshots []kling.Snapshot, ok bool, err error) {
	one := func(s kling.Snapshot, err error) ([]kling.Snapshot, bool, error) {
		if err != nil {
			return nil, true, err
		}
		return []kling.Snapshot{s}, true, nil
	}
	switch o {
	case opCreate:
		return one(d.Created(reply))
	case opLook:
		return one(d.Looked(reply))
	case opList:
		if lister, is := d.(dialect.Lister); is {
			many, err := lister.Listed(reply)
			return many, true, err
		}
	case opCallback:
		if reader, is := d.(dialect.CallbackReader); is {
			return one(reader.Callback(reply.Body))
		}
	case opBalance:
	}
	return nil, false, nil
}

// stored is a reply of the corpus with what it answers.
type stored struct {
	name  string
	op    op
	reply Reply
}

// replies reads the folder replies, but for those of an account.
func replies(tb testing.TB, dir string) []stored {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "replies", "*.json"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("no replies in %s (error %v)", dir, err)
	}
	var out []stored
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		kind, _, _ := strings.Cut(name, "_")
		s := stored{name: name, op: op(kind)}
		if s.op == opBalance {
			continue
		}
		readJSON(tb, file, &s.reply)
		out = append(out, s)
	}
	return out
}

// testReplies compares what each stored answer is read as.
func testReplies(tb testing.TB, s Suite) {
	tb.Helper()
	d := s.New()
	kept := map[string]bool{}
	for _, r := range replies(tb, s.Dir) {
		snapshots, ok, err := decode(d, r.op, r.reply.Dialect())
		if !ok {
			tb.Errorf("%s: the dialect has no operation %q", r.name, r.op)
			continue
		}
		checkOutcome(tb, r.op, r.reply.Dialect(), snapshots, err)
		golden(tb, filepath.Join(s.Dir, "replies", r.name+".golden"), indented(tb, outcomeOf(snapshots, err)))
		kept[r.name+".golden"] = true
	}
	files, err := os.ReadDir(filepath.Join(s.Dir, "replies"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, file := range files {
		ofAccount := strings.HasPrefix(file.Name(), string(opBalance)+"_")
		if strings.HasSuffix(file.Name(), ".golden") && !ofAccount && !kept[file.Name()] {
			tb.Errorf("%s has no reply beside it", file.Name())
		}
	}
}

func (s stored) String() string { return fmt.Sprintf("%s (%s)", s.name, s.op) }
