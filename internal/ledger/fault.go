package ledger

import (
	"errors"

	"github.com/klingctl/klingctl/internal/fault"
)

var errReadOnly = errors.New("the ledger was opened for reading only")

// nothingYet is a ledger that nobody has written to.
func nothingYet(place string) error {
	return &fault.Error{Kind: fault.NotFound, Op: opening, Subject: place, Detail: "no job has been submitted yet"}
}

func tooNew(place string) error {
	return &fault.Error{
		Kind: fault.Local, Op: opening, Subject: place,
		Detail: "it was written by a newer klingctl; it was left untouched",
		Hint:   "a newer klingctl is needed for it; or name another file with --ledger FILE",
	}
}

// tooOld is a ledger that may be looked at but not migrated.
func tooOld(place string) error {
	return &fault.Error{
		Kind: fault.Local, Op: opening, Subject: place, Detail: "it was written by an older klingctl",
		Hint: "run klingctl status once where the ledger may be written",
	}
}
