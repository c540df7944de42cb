package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/transport"
)

// peekBytes is enough to tell a type by content.
const peekBytes = 512

// Peeked is what a server says of a file, and what its first bytes look like.
type Peeked struct {
	// Type is the content type by content, as in "image/png".
	Type string
	// Bytes is the size, -1 when the server does not say.
	Bytes int64
}

// Peek looks at the beginning of the file behind a link, under the same rules
// as Fetch and with one small request. Errors are fault.Download.
func (f *Fetcher) Peek(ctx context.Context, link string) (Peeked, error) {
	address, err := f.options.parse(link)
	if err != nil {
		return Peeked{}, refusedFault(err)
	}
	ctx, w := watch(ctx, f.options.Idle)
	defer w.stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), http.NoBody)
	if err != nil {
		return Peeked{}, refusedFault(hush(err))
	}
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("Accept", "image/*, */*")
	request.Header.Set("Range", "bytes=0-"+strconv.Itoa(peekBytes-1))
	response, err := f.client.Do(request)
	if err != nil {
		return Peeked{}, peekFault(transport.Redact(address), hush(err))
	}
	defer func() { _ = response.Body.Close() }()
	size := response.ContentLength
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusPartialContent:
		size = totalOf(response.Header.Get("Content-Range"))
	default:
		return Peeked{}, peekFault(transport.Redact(address), errors.New("HTTP "+strconv.Itoa(response.StatusCode)))
	}
	start, err := io.ReadAll(io.LimitReader(response.Body, peekBytes))
	if err != nil {
		return Peeked{}, peekFault(transport.Redact(address), hush(err))
	}
	kind, _, _ := strings.Cut(http.DetectContentType(start), ";")
	return Peeked{Type: kind, Bytes: size}, nil
}

// totalOf is the size of the whole file in a Content-Range, -1 when unknown.
func totalOf(contentRange string) int64 {
	_, total, found := strings.Cut(contentRange, "/")
	size, err := strconv.ParseInt(total, 10, 64)
	if !found || err != nil || size < 0 {
		return -1
	}
	return size
}

func peekFault(shown string, err error) error {
	return &fault.Error{Kind: fault.Download, Op: "look at", Subject: shown, Charged: fault.NotCharged, Err: err}
}
