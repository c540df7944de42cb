package ledger

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
)

// dsn names the file to the driver. busy_timeout is applied first, whatever
// its place. mode=rw: the file is made by ensureFile, never by SQLite.
func dsn(path string, pragmas ...string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/... becomes /C:/...
	}
	query := url.Values{
		"mode":    {"rw"},
		"_pragma": append([]string{"busy_timeout(30000)", "synchronous(FULL)"}, pragmas...),
	}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: query.Encode()}).String()
}

// openOne opens the file for one connection.
func openOne(path string, pragmas ...string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, pragmas...))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// readers is the pool for looking; nothing can be written through it. It is
// opened when it is first needed.
type readers struct {
	path string

	mu    sync.Mutex
	db    *sql.DB
	stmts map[string]*sql.Stmt
}

func newReaders(path string) *readers {
	return &readers{path: path, stmts: map[string]*sql.Stmt{}}
}

func (r *readers) open() (*sql.DB, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.locked()
}

func (r *readers) locked() (*sql.DB, error) {
	if r.db != nil {
		return r.db, nil
	}
	db, err := sql.Open("sqlite", dsn(r.path, "query_only(1)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	r.db = db
	return db, nil
}

// query runs a statement that is prepared once and kept until close.
func (r *readers) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := r.prepared(ctx, query) //nolint:sqlclosecheck // kept
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

func (r *readers) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if stmt := r.stmts[query]; stmt != nil {
		return stmt, nil
	}
	db, err := r.locked()
	if err != nil {
		return nil, err
	}
	stmt, err := db.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept
	if err != nil {
		return nil, err
	}
	r.stmts[query] = stmt
	return stmt, nil
}

func (r *readers) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, stmt := range r.stmts {
		_ = stmt.Close()
	}
	clear(r.stmts)
	if r.db == nil {
		return nil
	}
	return r.db.Close()
}
