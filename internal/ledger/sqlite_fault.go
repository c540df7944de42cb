package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/klingctl/klingctl/internal/fault"
)

var (
	errCut       = errors.New("the file ends in the middle of a page")
	errStructure = errors.New("the check of its structure failed")
)

// explain names an error of the driver or of the file system. SQLite's own texts
// name tables and columns, never values.
func (f *file) explain(op string, err error) error {
	if ok, err := understood(op, err); ok {
		return err
	}
	if errors.Is(err, errForeign) || errors.Is(err, errCut) {
		return f.damaged(op, err)
	}
	local := &fault.Error{Kind: fault.Local, Op: op, Subject: f.path, Err: err}
	switch primary(err) {
	case codes.SQLITE_CORRUPT, codes.SQLITE_NOTADB:
		return f.damaged(op, err)
	case codes.SQLITE_FULL:
		local.Detail, local.Hint = "the disk is full", "make room, then run the command again"
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		local.Detail = "another process has held it for 30 seconds"
		local.Hint = "see whether another klingctl hangs, then run the command again"
	case codes.SQLITE_READONLY, codes.SQLITE_PERM, codes.SQLITE_CANTOPEN, codes.SQLITE_AUTH:
		local.Detail = "it cannot be written here"
		local.Hint = "give this user the right to write the file and its folder, or name another file with --ledger FILE"
	case codes.SQLITE_IOERR:
		local.Detail, local.Hint = "reading or writing it failed", "see whether the disk is full or broken"
	default:
		if _, known := errors.AsType[*fs.PathError](err); !known {
			local.Kind = fault.Internal
		}
	}
	return local
}

// damaged is a file that is left as it is.
func (f *file) damaged(op string, err error) error {
	return &fault.Error{
		Kind: fault.Local, Op: op, Subject: f.path, Err: err,
		Detail: "it is no ledger, or a damaged one; it was left untouched",
		Hint: fmt.Sprintf("set it aside with: mv %s %s (and its -wal and -shm files with it); the next command begins a new one",
			quoted(f.path), quoted(f.path+".damaged")),
	}
}

// primary is SQLite's result code without its extension, 0 for other errors.
func primary(err error) int {
	found, _ := errors.AsType[*sqlite.Error](err)
	if found == nil {
		return 0
	}
	return found.Code() & 0xff
}

func isBusy(err error) bool {
	code := primary(err)
	return code == codes.SQLITE_BUSY || code == codes.SQLITE_LOCKED
}

// quoted makes a path one word for a shell.
func quoted(path string) string {
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
