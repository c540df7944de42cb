package batch

import (
	"context"
	"errors"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/klingctl/klingctl/internal/fault"
)

const (
	// queueSchema is where the tables are unless the URL has a search_path: the
	// ledger's own.
	queueSchema = "klingctl"
	// queueConnections bounds those of one process: River's, one for the locks
	// of those who look, and a few for what is put into the queue.
	queueConnections = 8
)

// Queue is the rows that wait for workers, in the database of a ledger: River's
// tables beside the ledger's own.
type Queue struct {
	pool   *pgxpool.Pool
	schema string
	client *river.Client[pgx.Tx]
}

// OpenQueue opens the queue beside a ledger that is open, and makes it where
// there is none. One of an older River is brought up to date only when migrate
// says so: workers of the older version may be at work.
func OpenQueue(ctx context.Context, place string, migrate bool) (*Queue, error) {
	config, err := pgxpool.ParseConfig(place)
	if err != nil {
		// What cannot be read may hold a password.
		return nil, queueFault("open the queue", errors.New("the URL of the database cannot be understood"))
	}
	config.MaxConns = queueConnections
	params := config.ConnConfig.RuntimeParams
	if params["search_path"] == "" {
		params["search_path"] = queueSchema
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, queueFault("open the queue", err)
	}
	q := &Queue{pool: pool, schema: params["search_path"]}
	if err := q.fit(ctx, migrate); err != nil {
		pool.Close()
		return nil, err
	}
	q.client, err = river.NewClient(riverpgxv5.New(pool), &river.Config{Schema: q.schema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		pool.Close()
		return nil, queueFault("open the queue", err)
	}
	return q, nil
}

// Close gives the connections back.
func (q *Queue) Close() { q.pool.Close() }

// fit sees to it that River's tables are those that this program knows.
func (q *Queue) fit(ctx context.Context, migrate bool) error {
	migrator, err := rivermigrate.New(riverpgxv5.New(q.pool), &rivermigrate.Config{Schema: q.schema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return queueFault("open the queue", err)
	}
	known := migrator.AllVersions()
	missing := func() (int, error) {
		there, err := migrator.ExistingVersions(ctx)
		if err != nil {
			return 0, queueFault("read the version of the queue", err)
		}
		if len(there) > 0 && len(there) < len(known) && !migrate {
			return 0, &fault.Error{
				Kind: fault.Usage, Op: "open the queue", Charged: fault.NotCharged,
				Detail: "it was made by an older klingctl", Hint: "stop the older workers, then: klingctl worker --migrate",
			}
		}
		return len(known) - len(there), nil
	}
	if n, err := missing(); err != nil || n <= 0 {
		return err
	}
	return q.locked(ctx, "migrate", func() error {
		n, err := missing() // another process may have been first
		if err != nil || n <= 0 {
			return err
		}
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return queueFault("make the queue", err)
	})
}

// queueFault names an error of the queue; nil stays nil, and so does what is a
// fault already.
func queueFault(op string, err error) error {
	if err == nil || fault.Of(err) != nil {
		return err
	}
	return &fault.Error{Kind: fault.Local, Op: op, Charged: fault.NotCharged, Err: err}
}
