package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/transport"
)

// attempt asks once for what is missing of the file, and checks it when it is
// whole.
func (d *download) attempt(ctx context.Context) (media.MP4, *trouble) {
	if d.part.whole() {
		// All bytes came before; whoever fetched them did not get further.
		return d.check()
	}
	ctx, w := watch(ctx, d.options.Idle)
	defer w.stop()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.address.String(), http.NoBody)
	if err != nil {
		return media.MP4{}, &trouble{next: giveUp, err: hush(err)}
	}
	// A range of a compressed answer would be one of other bytes.
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("Accept", "*/*")
	if err := d.askForTheRest(req); err != nil {
		return media.MP4{}, diskTrouble(err)
	}
	res, err := d.client.Do(req)
	if err != nil {
		return media.MP4{}, unreached(ctx, err)
	}
	defer func() { _ = res.Body.Close() }()
	if failed := d.accept(req, res); failed != nil {
		return media.MP4{}, failed
	}
	if failed := d.receive(ctx, w, res); failed != nil {
		return media.MP4{}, failed
	}
	return d.check()
}

// askForTheRest asks to go on from the part's end, if a validator can prove
// that it is the same file; else the part is of no use.
func (d *download) askForTheRest(req *http.Request) error {
	condition := d.part.origin.condition(d.address)
	switch {
	case d.part.size == 0:
		return nil
	case condition == "":
		return d.forget()
	}
	req.Header.Set("Range", "bytes="+strconv.FormatInt(d.part.size, 10)+"-")
	req.Header.Set("If-Range", condition)
	return nil
}

// unreached sorts errors without an answer.
func unreached(ctx context.Context, err error) *trouble {
	if r, ok := errors.AsType[*linkError](err); ok {
		return &trouble{next: giveUp, detail: joined(r.detail, r.shown)}
	}
	if errors.Is(context.Cause(ctx), errIdle) {
		return &trouble{next: tryAgain, err: errIdle}
	}
	t := &trouble{next: tryAgain, err: hush(err)}
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](err); untrusted || errors.Is(err, transport.ErrAddress) {
		t.next = giveUp
	}
	return t
}

// accept decides on the header of an answer. nil means that the body goes to
// the end of the part.
func (d *download) accept(req *http.Request, res *http.Response) *trouble {
	asked := req.Header.Get("Range") != ""
	switch {
	case res.StatusCode == http.StatusOK:
		if failed := d.fits(res, res.ContentLength); failed != nil {
			return failed
		}
		d.resumed = 0
		if err := d.part.begin(newOrigin(d.address, res, d.options.Now())); err != nil {
			return diskTrouble(err)
		}
		return nil
	case res.StatusCode == http.StatusPartialContent && asked:
		return d.acceptRange(res)
	case res.StatusCode == http.StatusRequestedRangeNotSatisfiable && asked:
		return &trouble{next: startOver, detail: "the server refused to go on from where the file was cut"}
	}
	return d.refused(res)
}

// acceptRange makes sure that a partial answer continues the part exactly.
func (d *download) acceptRange(res *http.Response) *trouble {
	r, ok := parseContentRange(res.Header.Get("Content-Range"))
	length := d.part.origin.Length
	wrong := !ok || r.first != d.part.size ||
		length >= 0 && r.total >= 0 && r.total != length ||
		length >= 0 && r.last >= length ||
		res.ContentLength >= 0 && res.ContentLength != r.last-r.first+1 ||
		d.part.origin.contradicts(res.Header)
	if wrong {
		return &trouble{next: startOver, detail: "the server answered with another part of the file than was asked for"}
	}
	if failed := d.fits(res, max(r.total, r.last+1)); failed != nil {
		return failed
	}
	if length < 0 {
		d.part.origin.Length = r.total
	}
	d.part.spliced = true
	return nil
}

// fits checks what holds for every body before a byte of it is written.
func (d *download) fits(res *http.Response, length int64) *trouble {
	if coding := res.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return &trouble{next: giveUp, detail: "the answer is compressed (" + fault.SafeText(coding) + "), which was not asked for"}
	}
	if length > d.options.MaxBytes {
		return d.tooLong(fmt.Sprintf("it says %d bytes, at most %d are taken", length, d.options.MaxBytes))
	}
	return nil
}

func (d *download) tooLong(detail string) *trouble {
	return &trouble{next: giveUp, useless: true, detail: detail, err: errTooLong}
}

// refused sorts the answers that bring no part of a file.
func (d *download) refused(res *http.Response) *trouble {
	status := fmt.Sprintf("HTTP %d", res.StatusCode)
	wait, _ := transport.RetryAfter(res.Header.Get("Retry-After"), d.options.Now())
	switch code := res.StatusCode; code {
	case http.StatusGone:
		return &trouble{next: askAgain, detail: "the link has expired (" + status + ")"}
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		switch start, _ := io.ReadAll(io.LimitReader(res.Body, 4<<10)); {
		case saysExpired(string(start)):
			return &trouble{next: askAgain, detail: "the link has expired (" + status + ")"}
		case code == http.StatusNotFound:
			return &trouble{next: askAgain, detail: "there is no file behind the link (" + status + ")"}
		case code == http.StatusBadRequest:
			return &trouble{next: giveUp, detail: "the server refused the request (" + status + ")"}
		}
		return &trouble{next: askAgain, detail: "the link is not accepted, it may have expired (" + status + ")"}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return &trouble{next: tryAgain, detail: "the server is busy (" + status + ")", wait: wait}
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusPartialContent:
		return &trouble{next: tryAgain, detail: "the server did not send the file (" + status + ")"}
	default:
		t := &trouble{next: giveUp, detail: "the server did not send the file (" + status + ")"}
		if code >= 500 {
			t.next = tryAgain
		}
		return t
	}
}

// saysExpired knows the words of S3 and of the stores that speak like it.
func saysExpired(text string) bool {
	text = strings.ToLower(text)
	for _, words := range []string{"expiredtoken", "request has expired", "expiredrequest", "url has expired", "link has expired", "signature expired"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}
