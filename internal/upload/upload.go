// Package upload makes a local image reachable by URL for providers that take
// nothing else.
//
// It knows the places that can host an image (a provider's own upload API, an
// S3 bucket of the user's), that images are streamed to them, and that the
// same image is sent once. It must not know jobs, models, settings, or which
// provider wants what. Uploads are free and change nothing at a provider: a
// failed one leaves no job and no charge behind.
package upload

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/klingctl/klingctl/internal/media"
)

// The values of Link.Method.
const (
	// MethodKIE is KIE's own upload API.
	MethodKIE = "kie"
	// MethodS3 is a bucket of the user's.
	MethodS3 = "s3"
)

// Link is where a hosted image can be fetched, by anybody who has the URL.
type Link struct {
	// URL may be presigned and is then as good as a password: it goes to the
	// provider, never into a message, a log or the ledger.
	URL string
	// Expires is when the URL stops working, as far as anybody said.
	Expires time.Time
	// Method is MethodKIE or MethodS3.
	Method string
	// Key is bucket/key of a presigned link, which is stored instead of its
	// URL and signed again; "" where the URL itself may be stored.
	Key string
	// Image is the local file behind the link; the zero Image when the link
	// comes out of a Memory. It is for this process and is not stored.
	Image media.Image
}

// Format implements fmt.Formatter: no verb shows the URL, which may be signed.
func (l Link) Format(state fmt.State, _ rune) {
	name := l.Key
	if name == "" {
		name = redacted(l.URL)
	}
	_, _ = io.WriteString(state, l.Method+" link to "+name)
}

// Host is a place that makes local images reachable. It is safe for concurrent
// use.
type Host interface {
	// Host uploads an image, unless it is there already, and links to it.
	Host(ctx context.Context, img media.Image) (Link, error)
	// Renew gives a fresh link, without a second upload where that is
	// possible. A NotFound fault means that the image must be hosted again.
	Renew(ctx context.Context, link Link) (Link, error)
	// Delete tells that the image is not needed any more. Whether it is
	// removed is for the place to decide.
	Delete(ctx context.Context, link Link) error
	// Name is the stable identity of the place, safe to store and print.
	Name() string
}

// Memory keeps links between runs, by place and by the SHA-256 of the image in
// lower-case hex.
type Memory interface {
	// Recall returns what was remembered last, if anything was.
	Recall(ctx context.Context, place, sha256 string, now time.Time) (Link, bool, error)
	// Remember keeps a link. One that has a Key comes without its URL.
	Remember(ctx context.Context, place, sha256 string, link Link, now time.Time) error
}
