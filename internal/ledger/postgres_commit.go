package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// inquiry bounds the search for the outcome of a COMMIT.
const inquiry = 45 * time.Second

// errBroken is a transaction that was refused by the database and went on.
var errBroken = errors.New("the transaction went on after an error")

// begin signs the transaction first of all: from here on whoever asks for the
// row of the signature waits until it is decided. One request does all of it.
// Each statement must see what was committed before it, above all behind the
// lock, so the level of isolation is not left to the settings of the database.
func (d *database) begin(ctx context.Context, conn *sql.Conn, by *signer, alone bool) error {
	by.serial++
	query := fmt.Sprintf(`BEGIN ISOLATION LEVEL READ COMMITTED;
		INSERT INTO signatures (writer, serial, at) VALUES ('%s', %d, now())
		ON CONFLICT (writer) DO UPDATE SET serial = excluded.serial, at = excluded.at`, by.name, by.serial)
	if by.serial == 1 {
		query += `; DELETE FROM signatures WHERE writer IN (SELECT writer FROM signatures
			WHERE at < now() - interval '1 hour' FOR UPDATE SKIP LOCKED)`
	}
	if alone {
		query += fmt.Sprintf("; SELECT pg_advisory_xact_lock(%d)", d.lock("decide"))
	}
	_, err := conn.ExecContext(ctx, query)
	if err != nil {
		_, _ = conn.ExecContext(ctx, "ROLLBACK")
	}
	return err
}

// commit refuses to end a transaction that PostgreSQL has given up: it would
// answer that with no error, and roll back.
func commit(ctx context.Context, conn *sql.Conn) error {
	const open = 'T'
	err := conn.Raw(func(driver any) error {
		if under, ok := driver.(*stdlib.Conn); !ok || under.Conn().PgConn().TxStatus() != open {
			return errBroken
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

// settled finds out, on another connection, whether a transaction was stored
// whose COMMIT was not answered. Its own connection may be dead while the server
// still works for it: writing the row of its signature waits until that is
// decided, and then the row tells which.
func (d *database) settled(ctx context.Context, by *signer) (stored, known bool) {
	const question = `INSERT INTO signatures (writer, serial, at) VALUES ($1, 0, now())
		ON CONFLICT (writer) DO UPDATE SET at = excluded.at RETURNING serial`
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), inquiry)
	defer cancel()
	for ctx.Err() == nil {
		serial := int64(0)
		if err := d.db.QueryRowContext(ctx, question, by.name).Scan(&serial); err == nil {
			return serial == by.serial, true
		}
		rest(ctx, pause)
	}
	return false, false
}
