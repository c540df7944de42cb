package ledger

import (
	"database/sql"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// wantHushed is an error that tells no part of the password "hush".
func wantHushed(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Error("no error, want one")
		return
	}
	if text := err.Error() + fault.Of(err).Hint; strings.Contains(text, "hush") {
		t.Errorf("the error %q tells the password", text)
	}
}

func TestAURLThatCannotBeUsedIsNotRepeated(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]string{
		"a slash in the password":  "postgres://me:hu/hush@127.0.0.1/db",
		"a colon behind a slash":   "postgres://me:hush/x@127.0.0.1/db",
		"an escape that is none":   "postgres://me:%zzhush@127.0.0.1/db",
		"a port that is none":      "postgres://me:hush@127.0.0.1:hush/db",
		"a mode that is none":      "postgres://me:hush@127.0.0.1/db?sslmode=hush",
		"a certificate not there":  "postgres://me:hush@127.0.0.1/db?sslmode=verify-full&sslrootcert=/nowhere/x.pem&password=hush",
		"a schema that is several": "postgres://me:hush@127.0.0.1/db?search_path=a,hush",
		"a schema with a quote":    "postgres://me:hush@127.0.0.1/db?search_path=a%22hush",
	} {
		_, err := Open(t.Context(), Options{Path: place})
		wantHushed(t, err)
		if !fault.Is(err, fault.Usage) || fault.Of(err).Hint == "" {
			t.Errorf("%s: %v is %q, want a mistake in the usage with a hint", name, err, fault.KindOf(err))
		}
	}
}

func TestADatabaseOfANewerKlingctlIsRefused(t *testing.T) {
	t.Parallel()
	place := newSchema(t)
	_, err := Open(t.Context(), Options{Path: place, ReadOnly: true})
	wantKind(t, err, fault.NotFound)
	s := openAt(t, place)
	add(t, s, draft("aaaabbbbcccc", epoch()))

	reader, err := Open(t.Context(), Options{Path: place, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	if got := mustGet(t, reader, "aaaabbbbcccc").Prompt; got != "a boat" {
		t.Errorf("the reader sees %q, want the job", got)
	}
	if err := reader.Add(t.Context(), draft("bbbbbbbbcccc", epoch())); err == nil {
		t.Error("a ledger opened for reading took a job")
	}

	inSQL(t, place, fmt.Sprintf("INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, true)", schemaVersion+1))
	for _, readOnly := range []bool{false, true} {
		_, err := Open(t.Context(), Options{Path: place, ReadOnly: readOnly})
		wantLocal(t, err, "postgres://")
		if !strings.Contains(err.Error(), "newer klingctl") {
			t.Errorf("the error is %q, want that a newer klingctl wrote it", err)
		}
	}
}

// Whoever adds a migration adds it to both.
func TestBothSchemasAreTheSame(t *testing.T) {
	t.Parallel()
	shape := func(s *Store, query string) map[string]string {
		t.Helper()
		found, err := s.engine.query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = found.Close() }()
		columns := map[string]string{}
		for found.Next() {
			var table, column, kind string
			if err := found.Scan(&table, &column, &kind); err != nil {
				t.Fatal(err)
			}
			columns[table+"."+column] = kind
		}
		if err := found.Err(); err != nil {
			t.Fatal(err)
		}
		return columns
	}
	inFile := shape(openNew(t), `SELECT m.name, c.name, LOWER(c.type) || ' ' || (c."notnull" = 1)
		FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
		UNION ALL SELECT name, 'index', '' FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`)
	s := openAt(t, newSchema(t))
	inServer := shape(s, `SELECT table_name, column_name, data_type || ' ' || CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END
		FROM information_schema.columns WHERE table_schema = current_schema()
		UNION ALL SELECT indexname, 'index', '' FROM pg_indexes WHERE schemaname = current_schema() AND indexname NOT LIKE '%pkey'`)
	own := func(name, _ string) bool {
		return strings.HasPrefix(name, "goose") || strings.HasPrefix(name, "signatures")
	}
	maps.DeleteFunc(inFile, own)
	maps.DeleteFunc(inServer, own)
	if diff := cmp.Diff(inFile, inServer); diff != "" {
		t.Errorf("the schema of PostgreSQL is another than that of SQLite (-file +server):\n%s", diff)
	}
	found := shape(s, `SELECT table_name, column_name, COALESCE(collation_name, 'none') FROM information_schema.columns
		WHERE table_schema = current_schema() AND data_type = 'text' AND table_name <> 'goose_db_version'`)
	for column, collation := range found {
		if collation != "C" {
			t.Errorf("%s is ordered by %s, want C: by bytes, as in a file", column, collation)
		}
	}
}

func TestAnyTextComesBackFromADatabase(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.SampledFrom([]byte("ab01\x00\x1a\xff\xc3\xa9"))).Draw(t, "text"))
		kept := packed(text)
		if strings.ToValidUTF8(kept, "") != kept || strings.Contains(kept, "\x00") {
			t.Fatalf("%q is kept as %q, which PostgreSQL refuses", text, kept)
		}
		if got := unpacked(kept); got != text {
			t.Fatalf("%q came back as %q", text, got)
		}
	})
	value := sql.NullString{String: "a\x00b", Valid: true}
	if got := packedAll([]any{value, 7})[0].(sql.NullString); got.String != "a\x1a00b" || !got.Valid { //nolint:errcheck // it panics
		t.Errorf("a text that may be missing is kept as %q", got.String)
	}
	// What is cut or forged is no reason to panic.
	for _, broken := range []string{"\x1a", "a\x1a0", "\x1azz\x1a"} {
		_ = unpacked(broken)
	}
}

func TestNothingIsCommittedWhereNothingIsWritten(t *testing.T) {
	t.Parallel()
	s := openAt(t, newSchema(t))
	add(t, s, draft("aaaabbbbcccc", epoch()))
	for range 2 * writers { // each writer has its turn
		update(t, s, "aaaabbbbcccc", to(kling.Draft))
	}
	var signed int64
	err := inDatabase(s).db.QueryRowContext(t.Context(), "SELECT SUM(serial) FROM signatures").Scan(&signed)
	if err != nil || signed != 1 {
		t.Errorf("the serial numbers make %d (%v), want the one of the first transaction", signed, err)
	}
}

// Many pools reserve and settle at the same time; the sums must be those of the
// entries, and no cap passed.
func TestSumsHoldWhileManyPoolsMoveThem(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, place string) {
		t.Helper()
		const pools, each = 5, 12
		first := openAt(t, place)
		var group sync.WaitGroup
		for pool := range pools {
			s := openAt(t, place)
			for i := range each {
				group.Go(func() { moveMoney(t, s, fmt.Sprintf("aaaa%04d%04d", pool, i), i) })
			}
		}
		group.Wait()
		for _, unit := range []string{"USD", "credits"} {
			var booked, entered, count int64
			err := first.change(t.Context(), "add up", func(tx tx) error {
				if err := tx.row("SELECT COALESCE(SUM(reserved + settled), 0) FROM totals WHERE scope = 'day' AND unit = ?", []any{unit}, &booked); err != nil {
					return err
				}
				return tx.row(`SELECT COALESCE(SUM(CASE WHEN standing = 'settled' AND actual_unit = ? THEN actual ELSE 0 END +
					CASE WHEN unit = ? AND (standing = 'reserved' OR standing = 'settled' AND actual_unit <> unit) THEN amount ELSE 0 END), 0),
					COUNT(*) FROM spend`, []any{unit, unit}, &entered, &count)
			})
			if err != nil || booked != entered || booked == 0 || booked > 60*micro {
				t.Errorf("%s: the sum is %d, its %d entries make %d (%v), want them equal and within the cap", unit, booked, count, entered, err)
			}
		}
	})
}

// moveMoney intends a job under a cap and lets it end in one of several ways.
func moveMoney(t *testing.T, s *Store, id string, i int) {
	t.Helper()
	add(t, s, draft(id, epoch()))
	unit := []string{"USD", "credits"}[i%2]
	granted := mustIntend(t, s, id, guarded(epoch(), 0, Budget{
		Day: "d", Batch: "b", Price: price(3, unit),
		Caps: []Cap{{Scope: ScopeDay, Unit: "USD", Micros: 60 * micro}, {Scope: ScopeDay, Unit: "credits", Micros: 60 * micro}},
	}))
	if granted.Job.State != kling.Submitting {
		return
	}
	switch i % 5 {
	case 0:
		update(t, s, id, to(kling.Refused))
	case 1:
		update(t, s, id, ended(kling.Succeeded, "2", unit))
	case 2:
		update(t, s, id, ended(kling.Failed, "0", "credits"))
	case 3:
		if err := s.Settle(t.Context(), id, unit, micro, epoch()); err != nil {
			t.Error(err)
		}
	}
}
