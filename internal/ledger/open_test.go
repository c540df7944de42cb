package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

func TestTheSchemaVersionIsTheNewestMigration(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(migrations("sqlite"), "*.sql")
	if err != nil || len(files) != schemaVersion {
		t.Fatalf("migrations are %q (%v), want %d", files, err, schemaVersion)
	}
	if want := fmt.Sprintf("%05d_", schemaVersion); !strings.HasPrefix(files[len(files)-1], want) {
		t.Errorf("the newest migration is %q, want it to begin with %q", files[len(files)-1], want)
	}
}

func TestANewerLedgerIsRefusedAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	path := closedLedger(t, 3)
	db := plain(t, path)
	if _, err := db.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, 1)", schemaVersion+1); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	wantUntouched(t, path, "newer klingctl")
}

// closedLedger makes a ledger of some jobs, with nothing left in its log.
func closedLedger(t *testing.T, jobs int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s := openAt(t, path)
	for i := range jobs {
		job := draft(fmt.Sprintf("aaaa%08d", i), epoch())
		job.Prompt = strings.Repeat("a boat ", 300)
		add(t, s, job)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func plain(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// wantUntouched is a file that is refused in both ways of opening, keeping
// every byte.
func wantUntouched(t *testing.T, path, detail string) {
	t.Helper()
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		s, err := Open(t.Context(), Options{Path: path, ReadOnly: readOnly})
		if err == nil {
			_ = s.Close()
			t.Errorf("a file of %d bytes was opened (read only: %v), want it refused", len(before), readOnly)
			continue
		}
		wantLocal(t, err, path)
		if !strings.Contains(err.Error(), detail) {
			t.Errorf("the error is %q, want it to say %q", err, detail)
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the refused file changed (%v), want every byte kept", err)
	}
}

func TestWhatIsNoLedgerIsRefusedAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{
		"one byte":               []byte("x"),
		"text":                   []byte("id,state\nabc,running\n"),
		"a page of noise":        bytes.Repeat([]byte{0xa5, 0x00, 0xff}, pageSize),
		"a header and no more":   []byte("SQLite format 3\x00"),
		"a header and then text": append([]byte("SQLite format 3\x00"), bytes.Repeat([]byte("zz"), 3*pageSize)...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "ledger.db")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			wantUntouched(t, path, "left untouched")
		})
	}
}

func TestAForeignDatabaseIsRefusedAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	db := plain(t, path)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE bookmarks (url TEXT)"); err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	wantUntouched(t, path, "no ledger")
}

func TestALedgerCutAnywhereIsRefusedAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(closedLedger(t, 20))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	for length := 1; length < len(whole); length += 509 {
		cutTo(t, path, whole[:length])
	}
	for length := pageSize; length < len(whole); length += pageSize {
		cutTo(t, path, whole[:length])
	}
}

func cutTo(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	wantUntouched(t, path, "left untouched")
}

func TestGarbageInsideIsNoticedByWhoReadsIt(t *testing.T) {
	t.Parallel()
	path := closedLedger(t, 50)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 40 * pageSize; i < len(whole); i++ {
		whole[i] = byte(i * 31)
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	s := openAt(t, path)
	_, err = s.List(t.Context(), Filter{})
	wantLocal(t, err, path)
	wantLocal(t, s.Check(t.Context()), path)
}

func TestAMissingLedger(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deep", "er", "a b?c#d%20e'.db")
	_, err := Open(t.Context(), Options{Path: path, ReadOnly: true})
	wantKind(t, err, fault.NotFound)
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("looking made the file (%v), want nothing made", err)
	}
	add(t, openAt(t, path), draft("aaaabbbbcccc", epoch()))

	reader, err := Open(t.Context(), Options{Path: path, ReadOnly: true})
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
}

func TestAPlaceThatCannotBeWrittenIsNamed(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, path := range []string{filepath.Join(file, "ledger.db"), folder} {
		_, err := Open(t.Context(), Options{Path: path})
		wantLocal(t, err, path)
	}
	_, err := Open(t.Context(), Options{})
	wantKind(t, err, fault.Local)
}

func TestALedgerIsBroughtUpToDateOnce(t *testing.T) {
	t.Parallel()
	path := closedLedger(t, 3)
	later := upTo(t, schemaVersion)
	later[fmt.Sprintf("%05d_more.sql", schemaVersion+1)] = &fstest.MapFile{
		Data: []byte("-- +goose Up\nALTER TABLE jobs ADD COLUMN more TEXT;\n"),
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := migrate(t.Context(), path, later); err != nil {
				t.Errorf("one of eight migrations: %v", err)
			}
		})
	}
	group.Wait()
	version, err := readVersion(t.Context(), plain(t, path))
	if err != nil || version != schemaVersion+1 {
		t.Errorf("the version is %d (%v), want %d", version, err, schemaVersion+1)
	}
	wantUntouched(t, path, "newer klingctl")
}

// upTo are the migrations that an earlier klingctl knew.
func upTo(t *testing.T, version int) fstest.MapFS {
	t.Helper()
	names, err := fs.Glob(migrations("sqlite"), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, name := range names[:version] {
		content, err := fs.ReadFile(migrations("sqlite"), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: content}
	}
	return files
}

func TestTheJournalFitsALocalDisk(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	mode, level := "", 0
	ctx := t.Context()
	if err := inFile(s).writer.conn.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
		t.Errorf("journal_mode = %q (%v), want wal", mode, err)
	}
	if err := inFile(s).writer.conn.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&level); err != nil || level != 2 {
		t.Errorf("synchronous = %d (%v), want 2, which is FULL", level, err)
	}
	if err := inFile(s).writer.conn.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&level); err != nil || level != lockPause {
		t.Errorf("busy_timeout = %d (%v), want %d", level, err, lockPause)
	}
}

func TestAFullDiskIsSaid(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	add(t, s, draft("aaaabbbbcccc", epoch()))
	if _, err := inFile(s).writer.conn.ExecContext(t.Context(), "PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	big := draft("bbbbbbbbcccc", epoch())
	big.Prompt = strings.Repeat("secret ", 1<<16)
	err := s.Add(t.Context(), big)
	wantLocal(t, err, s.place)
	if err != nil && (!strings.Contains(err.Error(), "full") || strings.Contains(err.Error(), "secret")) {
		t.Errorf("the error is %q, want it to say that the disk is full and no stored value", err)
	}
	update(t, s, "aaaabbbbcccc", to(kling.Failed))
}

func TestALockThatIsNeverGivenBackIsSaid(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	other := plain(t, s.place)
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if _, err := inFile(s).writer.conn.ExecContext(t.Context(), "PRAGMA busy_timeout = 1"); err != nil {
		t.Fatal(err)
	}
	err = s.Add(t.Context(), draft("aaaabbbbcccc", epoch()))
	wantLocal(t, err, s.place)
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	add(t, s, draft("aaaabbbbcccc", epoch()))
}

func TestWhoWaitsForTheLockCanGiveUp(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	add(t, s, draft("aaaabbbbcccc", epoch()), draft("bbbbbbbbcccc", epoch()))
	other, err := plain(t, s.place).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	giveUp, cancel := impatient(t, s)
	var group sync.WaitGroup
	group.Go(func() {
		if err := giveUp("aaaabbbbcccc"); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v, want that it was cancelled", err)
		}
	})
	busy(t, s)
	group.Go(func() { update(t, s, "bbbbbbbbcccc", to(kling.Running)) })
	waiters(t, s, 1)
	cancel()
	waiters(t, s, 0) // the other one leads now
	if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	if got := mustGet(t, s, "aaaabbbbcccc").State; got != kling.Draft {
		t.Errorf("who gave up made the job %s, want draft", got)
	}
}

// busy lets time pass until somebody leads.
func busy(t *testing.T, s *Store) {
	t.Helper()
	q := inFile(s).writer.group
	for leads := false; !leads && t.Context().Err() == nil; runtime.Gosched() {
		q.mu.Lock()
		leads = q.busy
		q.mu.Unlock()
	}
}
