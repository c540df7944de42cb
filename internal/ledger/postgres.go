package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// connections is how many a process has at most; one is left for reading
	// while all writers are busy.
	connections = 4
	writers     = connections - 1
)

// database is a ledger in a schema of a PostgreSQL database, which any number
// of machines share.
//
// A transaction locks the rows that it replaces. Those that decide by looking
// at the rows of others (an intent at twins, sums, the pace and what is in
// flight) run one at a time in the whole schema, behind an advisory lock. So
// each of them sees all that those before it did. What happens to other jobs
// meanwhile might as well have happened a moment later.
type database struct {
	address

	db       *sql.DB
	readOnly bool
	// idle are the writers that nobody uses. deciding lets one goroutine at a
	// time wait for the advisory lock, so that the others keep connections.
	idle     chan *signer
	deciding chan struct{}
}

// signer writes transactions that can be told apart afterwards: each stores its
// serial number under a name that no other process has.
type signer struct {
	name   string
	serial int64
}

func newSigner() *signer { return &signer{name: rand.Text()} }

// openDatabase opens the ledger of a URL, making its schema when it may be
// written.
func openDatabase(ctx context.Context, place string, readOnly bool) (*database, error) {
	a, err := parseAddress(place, readOnly)
	if err != nil {
		return nil, err
	}
	d := &database{
		address: a, readOnly: readOnly,
		db:   a.open(connections),
		idle: make(chan *signer, writers), deciding: make(chan struct{}, 1),
	}
	for range writers {
		d.idle <- newSigner()
	}
	if err := d.fit(ctx); err != nil {
		_ = d.close()
		return nil, err
	}
	return d, nil
}

func (a address) open(most int) *sql.DB {
	db := stdlib.OpenDB(*a.config, stdlib.OptionAfterConnect(durable))
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db
}

// fit sees to it that the schema is the one this program knows.
func (d *database) fit(ctx context.Context) error {
	version, err := d.version(ctx)
	switch {
	case err != nil:
		return d.explain(opening, err)
	case version > schemaVersion:
		return tooNew(d.place)
	case version == schemaVersion:
		return nil
	case d.readOnly && version == 0:
		return nothingYet(d.place)
	case d.readOnly:
		return tooOld(d.place)
	}
	if err := migrateDatabase(ctx, d.address, migrations("postgres")); err != nil {
		return d.explain(opening, err)
	}
	return nil
}

// version tells the schema: 0 where there is none.
func (d *database) version(ctx context.Context) (version int64, err error) {
	found, err := d.query(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version")
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok && refused.Code == undefinedTable {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		if err := found.Scan(&version); err != nil {
			return 0, err
		}
	}
	return version, found.Err()
}

// query asks a second time where the connection turned out to be lost.
func (d *database) query(ctx context.Context, query string, args ...any) (cursor, error) {
	query, args = numbered(query), packedAll(args)
	found, err := d.db.QueryContext(ctx, query, args...) //nolint:rowserrcheck // by who asked
	if isLost(err) && !isUnreachable(err) {
		found, err = d.db.QueryContext(ctx, query, args...) //nolint:rowserrcheck // by who asked
	}
	if err != nil {
		return nil, err
	}
	return unpacking{found}, nil
}

// check has nothing to do: a database looks after its own structure.
func (d *database) check(ctx context.Context, _ string) error {
	_, err := d.version(ctx)
	return err
}

func (d *database) close() error { return d.db.Close() }
