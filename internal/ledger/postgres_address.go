package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/klingctl/klingctl/internal/fault"
)

// IsURL reports whether a place is a database rather than a file.
func IsURL(place string) bool {
	scheme, _, _ := strings.Cut(place, "://")
	return scheme == "postgres" || scheme == "postgresql"
}

const (
	// schemaName is where the tables are unless the URL has a search_path.
	schemaName = "klingctl"

	// dialing bounds a connection attempt, unless the URL has connect_timeout.
	dialing = 10 * time.Second
)

// address is a database, and what may be said of it.
type address struct {
	config *pgx.ConnConfig
	// place is the URL without password and options; schema holds the tables.
	place, schema string
}

var errSchema = errors.New("search_path must name one schema: small letters, digits and _")

// parseAddress reads a URL. No fault of it repeats any part that could be of a
// password: one with an unescaped "/" or "@" ends up where a port is looked for.
func parseAddress(place string, readOnly bool) (address, error) {
	unusable := &fault.Error{
		Kind: fault.Usage, Op: opening, Subject: "postgres://...", Detail: "the URL of the database cannot be understood",
		Hint: "write postgres://USER@HOST:PORT/DATABASE; percent-encode what is special in a password, or set PGPASSWORD",
	}
	config, err := pgx.ParseConfig(place)
	if err != nil {
		if missing, ok := errors.AsType[*fs.PathError](err); ok {
			unusable.Detail, unusable.Err = "a file that the URL names cannot be read", missing
		}
		return address{}, unusable
	}
	shown := url.URL{
		Scheme: "postgres", User: url.User(config.User),
		Host: net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))), Path: "/" + config.Database,
	}
	unusable.Subject = shown.String()
	a := address{config: config, place: shown.String(), schema: schemaName}
	if chosen := config.RuntimeParams["search_path"]; chosen != "" {
		a.schema = chosen
	}
	if !regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`).MatchString(a.schema) {
		unusable.Detail, unusable.Err = "the URL of the database cannot be used", errSchema
		return address{}, unusable
	}
	if config.ConnectTimeout == 0 || config.ConnectTimeout > 2*time.Minute-time.Second {
		config.ConnectTimeout = dialing
	}
	a.tune(readOnly)
	return a, nil
}

// tune sets what holds for every connection. Who vanished in the middle of a
// transaction is thrown out well before those who wait for its locks give up.
func (a address) tune(readOnly bool) {
	params := a.config.RuntimeParams
	params["search_path"] = a.schema
	params["lock_timeout"] = "30s"
	params["idle_in_transaction_session_timeout"] = "15s"
	params["client_encoding"] = "UTF8"
	if params["application_name"] == "" {
		params["application_name"] = "klingctl"
	}
	if readOnly {
		params["default_transaction_read_only"] = "on"
	}
}

// durable makes every commit wait for the disk, whatever the database is set
// to; a stricter setting stays.
func durable(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `SELECT set_config('synchronous_commit', 'on', false)
		WHERE current_setting('synchronous_commit') IN ('off', 'local')`)
	return err
}

// lock is the number of an advisory lock of this schema.
func (a address) lock(purpose string) int64 {
	sum := sha256.Sum256([]byte("klingctl ledger " + a.schema + " " + purpose))
	return int64(binary.BigEndian.Uint64(sum[:]))
}
