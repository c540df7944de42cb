package upload

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/secret"
)

// S3 keeps images in a bucket of the user's and links to them with presigned
// GET requests. The keys of objects come from the images' content, so that an
// image that is there already is not sent again. A presigned link answers GET
// and no other method.
type S3 struct {
	config S3Config
	base   *url.URL
	keys   func() (Keys, error)
	client http.RoundTripper
	now    func() time.Time
}

var _ Host = (*S3)(nil)

// NewS3 makes a host out of a bucket. keys is asked for every exchange, as in
// Chain.Keys; a nil now is time.Now. It fails with a Usage fault for settings
// that cannot be used.
func NewS3(config S3Config, keys func() (Keys, error), client http.RoundTripper, now func() time.Time) (*S3, error) {
	settled, base, err := config.settle()
	if err != nil {
		return nil, err
	}
	return &S3{config: settled, base: base, keys: keys, client: client, now: clock(now)}, nil
}

// Name implements Host.
func (s *S3) Name() string {
	return MethodS3 + " " + redacted(s.base.String()) + "/" + s.config.Bucket + "/" + s.config.Prefix
}

// Host implements Host: it looks whether the image is there, streams it into
// the bucket when it is not, and signs a link.
func (s *S3) Host(ctx context.Context, img media.Image) (Link, error) {
	if sum, err := hex.DecodeString(img.SHA256); err != nil || len(sum) != 32 {
		return Link{}, &fault.Error{Kind: fault.Internal, Op: "upload the image", Subject: img.Source, Detail: "it was not inspected"}
	}
	visit, err := s.visit()
	if err != nil {
		return Link{}, err
	}
	key := s.config.Prefix + img.SHA256 + extension(img)
	look, err := again(ctx, func() (reply, error) { return visit.head(ctx, key) })
	if err != nil {
		return Link{}, err
	}
	if look.status != http.StatusOK || look.header.Get("Content-Length") != strconv.FormatInt(img.Bytes, 10) {
		// Whatever else the look brought (without the right to list, a missing
		// object is forbidden), the upload tells what is wrong.
		if _, err := again(ctx, func() (reply, error) { return visit.put(ctx, key, img) }); err != nil {
			return Link{}, err
		}
		if look.status == http.StatusForbidden {
			if err := visit.readable(ctx, key); err != nil {
				return Link{}, err
			}
		}
	}
	return visit.presign(key, img)
}

// Renew implements Host: it signs again, when the object is still there.
func (s *S3) Renew(ctx context.Context, link Link) (Link, error) {
	visit, err := s.visit()
	if err != nil {
		return Link{}, err
	}
	key, err := visit.keyOf(link)
	if err != nil {
		return Link{}, err
	}
	look, err := again(ctx, func() (reply, error) { return visit.head(ctx, key) })
	switch {
	case err != nil:
		return Link{}, err
	case look.status == http.StatusOK:
		return visit.presign(key, link.Image)
	case look.status == http.StatusNotFound, look.status == http.StatusForbidden:
		// Without the right to list, a missing object is forbidden.
		return Link{}, visit.failed(fault.NotFound, "the image is not in the bucket any more", nil)
	}
	return Link{}, visit.named(look)
}

// Delete implements Host: with DeleteAfter it removes the object, else it does
// nothing. An object that is gone is no error.
func (s *S3) Delete(ctx context.Context, link Link) error {
	if !s.config.DeleteAfter {
		return nil
	}
	visit, err := s.visit()
	if err != nil {
		return err
	}
	key, err := visit.keyOf(link)
	if err != nil {
		return err
	}
	_, err = again(ctx, func() (reply, error) { return visit.remove(ctx, key) })
	return err
}

// visit is one call's dealings with the bucket, under one set of keys.
func (s *S3) visit() (*visit, error) {
	keys, err := s.keys()
	if err != nil {
		return nil, err
	}
	return &visit{keys: keys, s3: s, wire: wire{
		client: s.client, now: s.now, subject: "bucket " + s.config.Bucket,
		hide: []secret.Text{keys.Secret, keys.Session, keys.Access},
	}}, nil
}
