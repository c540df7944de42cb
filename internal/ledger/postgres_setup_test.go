package ledger

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// postgresVariable holds the URL of a database in which tests make schemas of
// their own.
const postgresVariable = "KLINGCTL_TEST_POSTGRES"

// inDatabase is the PostgreSQL schema of a store.
func inDatabase(s *Store) *database {
	kept, _ := s.engine.(*database)
	return kept
}

// newSchema is a place for a ledger of the test's own, gone when it ends.
func newSchema(tb testing.TB) string {
	tb.Helper()
	place := os.Getenv(postgresVariable)
	if place == "" {
		tb.Skip(postgresVariable + " is not set: nothing was tried on PostgreSQL")
	}
	parsed, err := url.Parse(place)
	if err != nil {
		tb.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	query := parsed.Query()
	query.Set("search_path", name)
	parsed.RawQuery = query.Encode()
	tb.Cleanup(func() { inSQL(tb, place, "DROP SCHEMA IF EXISTS "+name+" CASCADE") })
	return parsed.String()
}

// inSQL runs one statement on a connection of its own.
func inSQL(tb testing.TB, place, statement string) {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context()) // a cleanup comes after its end
	conn, err := pgx.Connect(ctx, place)
	if err != nil {
		tb.Error(err)
		return
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		tb.Errorf("%s: %v", statement, err)
	}
}

// newFile is a place for a ledger in a file.
func newFile(tb testing.TB) string {
	tb.Helper()
	return filepath.Join(tb.TempDir(), "ledger.db")
}

// alone lets no other such test run at the same time, in any process: many
// with twenty processes each would need more connections than a server has.
func alone(tb testing.TB) {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context())
	conn, err := pgx.Connect(ctx, os.Getenv(postgresVariable))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(ctx) })
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(hashtext('tests of the ledger'))"); err != nil {
		tb.Fatal(err)
	}
}

// everywhere tries a promise in each kind of place.
func everywhere(t *testing.T, try func(t *testing.T, place string)) {
	t.Helper()
	for name, at := range map[string]func(testing.TB) string{"SQLite": newFile, "PostgreSQL": newSchema} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := at(t)
			if IsURL(place) {
				alone(t)
			}
			try(t, place)
		})
	}
}
