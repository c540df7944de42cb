package dialecttest

import (
	"path/filepath"
	"testing"

	"github.com/klingctl/klingctl/internal/fault"
)

// Code is a line of codes.json: an answer that is a fault, and which one.
type Code struct {
	// Op is what it answers: create, look, list.
	Op string `json:"op"`
	Reply
	Kind fault.Kind `json:"kind"`
	// Charged is checked for creates only.
	Charged fault.Charge `json:"charged,omitempty"`
	// Code is the vendor's code in the fault; empty means not checked.
	Code string `json:"code,omitempty"`
	// Why says where the line comes from, if it needs saying.
	Why string `json:"why,omitempty"`
}

// testCodes checks that each documented code is the fault that it should be.
func testCodes(tb testing.TB, s Suite) {
	tb.Helper()
	var lines []Code
	readJSON(tb, filepath.Join(s.Dir, "codes.json"), &lines)
	d := s.New()
	for _, line := range lines {
		reply := line.Dialect()
		o := op(line.Op)
		snapshots, ok, err := decode(d, o, reply)
		if !ok {
			tb.Errorf("codes.json has the operation %q, which the dialect has not", line.Op)
			continue
		}
		if err == nil {
			tb.Errorf("%s gives %+v, want a fault of kind %s", describe(o, reply), snapshots, line.Kind)
			continue
		}
		checkFault(tb, o, reply, err)
		got := fault.Of(err)
		if got == nil {
			continue
		}
		if got.Kind != line.Kind {
			tb.Errorf("%s: kind %s, want %s", describe(o, reply), got.Kind, line.Kind)
		}
		if o == opCreate && (line.Charged == "" || got.Spent() != line.Charged) {
			tb.Errorf("%s: charged %q, want %q", describe(o, reply), got.Spent(), line.Charged)
		}
		if line.Code != "" && got.Code != line.Code {
			tb.Errorf("%s: code %q, want %q", describe(o, reply), got.Code, line.Code)
		}
	}
}
