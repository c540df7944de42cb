package upload

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/secret"
)

// kieLifetime is how long an uploaded file is counted on: one page of docs.kie.ai says
// three days, a newer one 24 hours.
const kieLifetime = 24 * time.Hour

// maxLink is the longest link taken from an answer, in bytes.
const maxLink = 2048

// KIE uploads through KIE's file-stream-upload (docs.kie.ai, file upload API).
type KIE struct {
	base   string
	key    secret.Text
	client http.RoundTripper

	// AllowHTTP permits plain http to other machines. The key would travel in
	// the clear.
	AllowHTTP bool
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

var _ Host = (*KIE)(nil)

// NewKIE makes an uploader for the API below a base URL, which may carry a path
// prefix. The key goes there and nowhere else: redirects are not followed.
func NewKIE(base string, key secret.Text, client http.RoundTripper) *KIE {
	return &KIE{base: base, key: key, client: client}
}

// Name implements Host. Links are public, so it does not depend on the key.
func (k *KIE) Name() string { return MethodKIE + " " + redacted(k.base) }

// Host implements Host. Failures that may pass are tried again: the file's
// name is its content's, so a repeated upload overwrites itself.
func (k *KIE) Host(ctx context.Context, img media.Image) (Link, error) {
	base, err := parseBase(k.base, k.AllowHTTP)
	if err != nil {
		return Link{}, unusable("use the upload API", err, "set upload.base_url")
	}
	if k.key.Empty() {
		return Link{}, &fault.Error{
			Kind: fault.Auth, Op: opUpload, Subject: base.Host, Charged: fault.NotCharged,
			Detail: "there is no key for its upload API",
		}
	}
	place := wire{client: k.client, now: clock(k.Now), subject: base.Host, hide: []secret.Text{k.key}}
	return again(ctx, func() (Link, error) { return k.once(ctx, place, base, img) })
}

func (k *KIE) once(ctx context.Context, place wire, base *url.URL, img media.Image) (Link, error) {
	body, contentType, length, err := form(img)
	if err != nil {
		return Link{}, place.local(err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base.JoinPath("api", "file-stream-upload").String(), nil)
	if err != nil {
		_ = body.Close()
		return Link{}, place.local(err)
	}
	request.ContentLength = length
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Authorization", "Bearer "+k.key.Reveal())
	sent := place.now()
	reply, err := place.send(request, body)
	if err != nil {
		return Link{}, err
	}
	data, err := readKIE(place, reply)
	if err != nil {
		return Link{}, err
	}
	link := Link{Method: MethodKIE, URL: data.DownloadURL, Expires: data.expires(sent), Image: img}
	if link.URL == "" {
		link.URL = data.FileURL
	}
	if !goodLink(link.URL, base.Scheme == "http") {
		return Link{}, place.failed(fault.Answer, "the upload was accepted, but no usable link came back", nil)
	}
	return link, nil
}

// Renew implements Host: links live as long as their files, so the image is
// uploaded again.
func (k *KIE) Renew(ctx context.Context, link Link) (Link, error) {
	if link.Image.SHA256 == "" {
		return Link{}, &fault.Error{
			Kind: fault.NotFound, Op: "renew the link to the image", Charged: fault.NotCharged,
			Detail: "the file behind it is not known here; host it again",
		}
	}
	return k.Host(ctx, link.Image)
}

// Delete implements Host. No call for it is documented, and files go by
// themselves.
func (k *KIE) Delete(context.Context, Link) error { return nil }

// kieAnswer is KIE's reply. In-body codes count, whatever the HTTP status says.
type kieAnswer struct {
	Success *bool       `json:"success"`
	Code    json.Number `json:"code"`
	Msg     string      `json:"msg"`
	Data    *kieFile    `json:"data"`
}

// kieFile has the link under either of two names: the reference shows
// downloadUrl, the quick start fileUrl as well.
type kieFile struct {
	DownloadURL string `json:"downloadUrl"` //nolint:tagliatelle // the vendor's name
	FileURL     string `json:"fileUrl"`     //nolint:tagliatelle // the vendor's name
	ExpiresAt   string `json:"expiresAt"`   //nolint:tagliatelle // the vendor's name
}

// expires is a day after the upload began, earlier where the answer says so.
func (f *kieFile) expires(sent time.Time) time.Time {
	end := sent.Add(kieLifetime)
	if said, err := time.Parse(time.RFC3339, f.ExpiresAt); err == nil && said.Before(end) {
		return said
	}
	return end
}

func readKIE(place wire, reply reply) (*kieFile, error) {
	if where := reply.header.Get("Location"); reply.status/100 == 3 {
		failure := place.failed(fault.Answer, fmt.Sprintf("it answered HTTP %d and points to %s, which is not followed", reply.status, elsewhere(where)), nil)
		failure.Hint = "set upload.base_url to the address of the upload API itself"
		return nil, failure
	}
	var said kieAnswer
	if err := json.Unmarshal(reply.body, &said); err != nil {
		return nil, place.answered(reply, kieKind(reply.status), fmt.Sprintf("HTTP %d without the JSON of the upload API", reply.status), "")
	}
	code := reply.status
	if said.Code != "" {
		if number, err := said.Code.Int64(); err == nil && number > 0 && number < 1000 {
			code = int(number)
		} else {
			code = 0
		}
	}
	refused := said.Success != nil && !*said.Success
	if code == http.StatusOK && !refused && reply.status == http.StatusOK {
		if said.Data == nil {
			return nil, place.failed(fault.Answer, "the upload was accepted, but no link came back", nil)
		}
		return said.Data, nil
	}
	if code == http.StatusOK {
		code = reply.status
	}
	kind := kieKind(code)
	if code == http.StatusOK {
		kind = fault.Refused // "success": false without a code of its own
	}
	return nil, place.answered(reply, kind, said.Msg, said.Code.String())
}

// kieKind names a code of KIE's, in the body or as the HTTP status.
func kieKind(code int) fault.Kind {
	switch {
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return fault.Auth
	case code == http.StatusPaymentRequired:
		return fault.Credit
	case code == http.StatusTooManyRequests:
		return fault.Busy
	case code == 455: // maintenance
		return fault.Unavailable
	case code == http.StatusNotImplemented, code == 505: // 505: a feature that is switched off
		return fault.Refused
	case code >= http.StatusInternalServerError:
		return fault.Unavailable
	case code >= http.StatusBadRequest:
		return fault.Refused
	}
	return fault.Answer
}
