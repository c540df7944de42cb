package ledger

import (
	"context"
	"errors"
	"io/fs"

	"github.com/pressly/goose/v3"
	codes "modernc.org/sqlite/lib"
)

var errForeign = errors.New("it is a database, but no ledger of klingctl")

// readVersion tells the schema of the file: 0 for a database with no table.
func readVersion(ctx context.Context, db querier) (int64, error) {
	const question = "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version"
	var version int64
	if err := db.QueryRowContext(ctx, question).Scan(&version); err == nil {
		return version, nil
	}
	// No such table, or no such database: the schema tells which.
	tables := 0
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return 0, err
	}
	if tables == 0 {
		return 0, nil
	}
	// Another process may have made the tables between the two questions.
	err := db.QueryRowContext(ctx, question).Scan(&version)
	if primary(err) == codes.SQLITE_ERROR {
		return 0, errForeign // there is still no such table
	}
	return version, err
}

// migrate brings an empty or older file up to date in one transaction: of
// several processes one migrates, the others wait and then find nothing to do,
// and a process killed halfway leaves the schema that was there. The
// transaction is ours and goose works inside it, on the only connection;
// IsolateDDL keeps it from beginning its own.
func migrate(ctx context.Context, path string, files fs.FS) (err error) {
	db, err := openOne(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := fitJournal(ctx, db, path); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithIsolateDDL(true))
	if err != nil {
		return err // closing the connection rolls back
	}
	if _, err := provider.Up(ctx); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "COMMIT")
	return err
}

// fitJournal gives the file the journal that its file system can bear. The
// mode is kept in the file, so that there is almost never anything to change.
// When others hold the file the change is left to a later opening: both
// journals are safe, WAL only needs memory shared by all processes, which a
// network file system does not give.
func fitJournal(ctx context.Context, db querier, path string) error {
	want, mode := "wal", ""
	if onNetwork(path) {
		want = "delete"
	}
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode == want {
		return nil
	}
	err := db.QueryRowContext(ctx, "PRAGMA journal_mode = "+want).Scan(&mode)
	if isBusy(err) {
		return nil
	}
	return err
}
