package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Upload is a local image that stands where a provider can fetch it.
type Upload struct {
	// URL is a link that may be stored: never a presigned one, which is a key
	// to the object. It is empty where a link is signed anew for each use.
	URL string
	// Method is how it came there, Key what the object is called there.
	Method, Key string
	// Expires is when it is gone from there; the zero time is never.
	Expires time.Time
}

const (
	selectUpload = `SELECT url, method, object_key, expires_at FROM uploads
		WHERE place = ? AND sha256 = ? AND (expires_at IS NULL OR expires_at > ?)`

	upsertUpload = `INSERT INTO uploads (place, sha256, url, method, object_key, expires_at, created_at)
		VALUES (?,?,?,?,?,?,?) ON CONFLICT (place, sha256) DO UPDATE SET url = excluded.url, method = excluded.method,
		object_key = excluded.object_key, expires_at = excluded.expires_at, created_at = excluded.created_at`

	deleteExpired = "DELETE FROM uploads WHERE expires_at <= ?"
)

var errNoUpload = errors.New("an upload needs a place and the hash of what was uploaded")

// Recall finds the upload of an image, by its hex SHA-256, to a place: an
// account, a bucket. An expired one is not found. Who needs it to last asks
// with a time ahead.
func (s *Store) Recall(ctx context.Context, place, sha256 string, now time.Time) (Upload, bool, error) {
	const op = "look for an upload"
	rows, err := s.engine.query(ctx, selectUpload, place, sha256, now.UnixMilli())
	if err != nil {
		return Upload{}, false, s.fault(op, err)
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		return Upload{}, false, s.fault(op, rows.Err())
	}
	var u Upload
	var expires sql.NullInt64
	if err := rows.Scan(&u.URL, &u.Method, &u.Key, &expires); err != nil {
		return Upload{}, false, s.fault(op, err)
	}
	u.Expires = moment(expires)
	return u, true, s.fault(op, rows.Err())
}

// Remember stores an upload, in the place of an earlier one of the same image
// to the same place, and forgets all that have expired.
func (s *Store) Remember(ctx context.Context, place, sha256 string, u Upload, now time.Time) error {
	const op = "remember an upload"
	if place == "" || sha256 == "" {
		return s.fault(op, errNoUpload)
	}
	return s.change(ctx, op, func(t tx) error {
		if err := t.exec(deleteExpired, now.UnixMilli()); err != nil {
			return s.fault(op, err)
		}
		return s.fault(op, t.exec(upsertUpload,
			place, sha256, u.URL, u.Method, u.Key, millis(u.Expires), now.UnixMilli()))
	})
}

// Forget drops an upload that turned out to be gone. There need be none.
func (s *Store) Forget(ctx context.Context, place, sha256 string) error {
	const op = "forget an upload"
	return s.change(ctx, op, func(t tx) error {
		return s.fault(op, t.exec("DELETE FROM uploads WHERE place = ? AND sha256 = ?", place, sha256))
	})
}
