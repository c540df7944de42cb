package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// migrateDatabase brings an empty or older schema up to date, behind a lock: of
// several processes one migrates, the others wait and then find nothing to do.
// The lock is that of a connection beside the one goose works on, and goes with
// it. Each migration is one transaction with the number that says it was done.
func migrateDatabase(ctx context.Context, a address, files fs.FS) (err error) {
	db := a.open(2)
	defer func() { err = errors.Join(err, db.Close()) }()
	guard, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = guard.Close() }()
	if _, err := guard.ExecContext(ctx, fmt.Sprintf("SELECT pg_advisory_lock(%d)", a.lock("migrate"))); err != nil {
		return err
	}
	// Asked first: to create what is there takes a right that is not needed.
	there := false
	if err := guard.QueryRowContext(ctx, "SELECT to_regnamespace($1) IS NOT NULL", a.schema).Scan(&there); err != nil {
		return err
	}
	if !there {
		if _, err := guard.ExecContext(ctx, "CREATE SCHEMA "+a.schema); err != nil {
			return err
		}
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}
