package ledger

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/klingctl/klingctl/internal/fault"
)

// What PostgreSQL calls the refusals that mean something here.
const (
	undefinedTable    = "42P01"
	serialization     = "40001"
	deadlock          = "40P01"
	lockNotAvailable  = "55P03"
	diskFull          = "53100"
	tooMany           = "53300"
	insufficient      = "42501"
	readOnlyDatabase  = "25006"
	noSuchDatabase    = "3D000"
	noSuchUser        = "28000"
	wrongPassword     = "28P01"
	adminShutdown     = "57P01"
	crashShutdown     = "57P02"
	cannotConnectNow  = "57P03"
	idleInTransaction = "25P03"
)

// explain names an error of the driver. PostgreSQL's messages name tables and
// columns; the details, which have values, are left out by the driver.
func (d *database) explain(op string, err error) error {
	if isUnreachable(err) {
		return &fault.Error{
			Kind: fault.Local, Op: op, Subject: d.place,
			Detail: "the database cannot be reached: " + plainly{err}.Error(),
			Hint:   "see whether it runs, and whether the address given with --ledger is right",
		}
	}
	if ok, err := understood(op, err); ok {
		return err
	}
	local := &fault.Error{Kind: fault.Local, Op: op, Subject: d.place, Err: plainly{err}}
	const right = "give this user the right to write, or name another database with --ledger"
	refused, _ := errors.AsType[*pgconn.PgError](err)
	switch {
	case errors.Is(err, errUncertain), errors.Is(err, errSlow):
		local.Hint = "see whether the database runs, then klingctl status"
	case refused == nil && isLost(err):
		local.Detail = "the connection to the database was lost"
		local.Hint = "see whether it runs, then run the command again"
	case refused == nil:
		local.Kind = fault.Internal
	default:
		switch refused.Code {
		case diskFull:
			local.Detail, local.Hint = "the disk of the database is full", "make room, then run the command again"
		case lockNotAvailable:
			local.Detail = "another process has held it for 30 seconds"
			local.Hint = "see whether another klingctl hangs, then run the command again"
		case tooMany:
			local.Detail = "the database takes no more connections"
			local.Hint = "run fewer commands at once, or raise max_connections"
		case insufficient, readOnlyDatabase:
			local.Detail, local.Hint = "it cannot be written by this user", right
		case noSuchDatabase, noSuchUser, wrongPassword:
			local.Detail = "the database does not let this user in"
			local.Hint = "see the user and the database in the URL, and PGPASSWORD"
		case adminShutdown, crashShutdown, cannotConnectNow, idleInTransaction:
			local.Detail, local.Hint = "the database is being stopped or started", "run the command again in a moment"
		default:
			local.Kind = fault.Internal
		}
	}
	return local
}

// isLost reports an error of the connection rather than of the statement.
func isLost(err error) bool {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch refused.Code {
		case adminShutdown, crashShutdown, cannotConnectNow, idleInTransaction:
			return true
		}
		return false
	}
	if isUnreachable(err) {
		return true
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false // it looks like one of the network
	}
	_, network := errors.AsType[net.Error](err)
	return network || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// isUnreachable reports that there was no connection to lose, and no caller who
// gave up; the timeout of an attempt is not the caller's.
func isUnreachable(err error) bool {
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, refused := errors.AsType[*pgconn.PgError](err)
	return connecting && !refused && !errors.Is(err, context.Canceled)
}

// isConflict reports a transaction that has to be run again.
func isConflict(err error) bool {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (refused.Code == serialization || refused.Code == deadlock)
}

// plainly says an error in one line, safe for a terminal.
type plainly struct{ error }

func (p plainly) Error() string {
	return fault.SafeText(strings.Join(strings.Fields(p.error.Error()), " "))
}

func (p plainly) Unwrap() error { return p.error }
