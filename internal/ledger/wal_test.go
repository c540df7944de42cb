package ledger

import (
	"encoding/binary"
	"os"
	"testing"
)

// keepLog keeps every commit in the log, so that they can be counted.
func keepLog(tb testing.TB, s *Store) {
	tb.Helper()
	if _, err := inFile(s).writer.conn.ExecContext(tb.Context(), "PRAGMA wal_autocheckpoint = 0"); err != nil {
		tb.Fatal(err)
	}
}

// commitsOf counts the transactions in the log: the last frame of each tells
// the size of the database, the others 0. Each costs one wait for the disk.
func commitsOf(tb testing.TB, s *Store) int {
	tb.Helper()
	const header, frameHeader = 32, 24
	log, err := os.ReadFile(s.place + "-wal")
	if err != nil {
		tb.Fatal(err)
	}
	commits := 0
	for at := header; at+frameHeader <= len(log); at += frameHeader + pageSize {
		if binary.BigEndian.Uint32(log[at+4:]) != 0 {
			commits++
		}
	}
	return commits
}
