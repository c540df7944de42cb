package batch

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/jackc/pgx/v5/pgxpool"
)

// lockNumber is the number of an advisory lock of this queue.
func (q *Queue) lockNumber(purpose string) int64 {
	sum := sha256.Sum256([]byte("klingctl queue " + q.schema + " " + purpose))
	return int64(binary.BigEndian.Uint64(sum[:])) //nolint:gosec // any number will do
}

// locked runs do while no other process runs the same.
func (q *Queue) locked(ctx context.Context, purpose string, do func() error) error {
	conn, err := q.pool.Acquire(ctx)
	if err != nil {
		return queueFault("lock the queue", err)
	}
	defer conn.Release()
	number := q.lockNumber(purpose)
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", number); err != nil {
		return queueFault("lock the queue", err)
	}
	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", number) }()
	return do()
}

// tryLock takes a lock for as long as a connection lives; false says that
// somebody else has it.
func (q *Queue) tryLock(ctx context.Context, conn *pgxpool.Conn, purpose string) (bool, error) {
	taken := false
	err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", q.lockNumber(purpose)).Scan(&taken)
	return taken, err
}
