package upload

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/smithy-go/aws-http-auth/credentials"
	"github.com/aws/smithy-go/aws-http-auth/sigv4"
	v4 "github.com/aws/smithy-go/aws-http-auth/v4"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
)

// visit is one call's dealings with a bucket.
type visit struct {
	wire

	s3   *S3
	keys Keys
}

// keyOf is the object behind a link. Objects outside our prefix are not ours.
func (v *visit) keyOf(link Link) (string, error) {
	key, ok := strings.CutPrefix(link.Key, v.s3.config.Bucket+"/")
	if !ok || link.Method != MethodS3 || !strings.HasPrefix(key, v.s3.config.Prefix) || key == v.s3.config.Prefix {
		return "", v.failed(fault.NotFound, "the link is not one of ours into this bucket", nil)
	}
	return key, nil
}

// head asks for an object. Only failures that may pass are errors.
func (v *visit) head(ctx context.Context, key string) (reply, error) {
	got, err := v.exchange(ctx, http.MethodHead, key, nil, nil)
	if err == nil && (got.status == http.StatusTooManyRequests || got.status >= http.StatusInternalServerError) {
		return got, v.named(got)
	}
	return got, err
}

// put streams the image, with its length and digest announced: a service that
// receives something else keeps nothing.
func (v *visit) put(ctx context.Context, key string, img media.Image) (reply, error) {
	file, err := img.Open()
	if err != nil {
		return reply{}, v.local(err)
	}
	got, err := v.exchange(ctx, http.MethodPut, key, &img, file)
	if err == nil && got.status != http.StatusOK {
		return got, v.named(got)
	}
	return got, err
}

func (v *visit) remove(ctx context.Context, key string) (reply, error) {
	got, err := v.exchange(ctx, http.MethodDelete, key, nil, nil)
	if err == nil && got.status/100 != 2 && got.status != http.StatusNotFound {
		return got, v.named(got)
	}
	return got, err
}

// readable makes sure that the keys may read what they have written: a link
// can do no more than they can.
func (v *visit) readable(ctx context.Context, key string) error {
	look, err := again(ctx, func() (reply, error) { return v.head(ctx, key) })
	if err == nil && look.status == http.StatusForbidden {
		failure := v.failed(fault.Auth, "the keys may write to it but not read, so a link made with them would not work", nil)
		failure.Hint = "allow s3:GetObject as well as s3:PutObject"
		return failure
	}
	return err
}

// exchange signs and sends one request, with the image as its body when there
// is one.
func (v *visit) exchange(ctx context.Context, method, key string, img *media.Image, file io.ReadCloser) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, method, v.address(key).String(), nil)
	sum := sha256.Sum256(nil)
	if img != nil && err == nil {
		request.ContentLength = img.Bytes
		request.Header.Set("Content-Type", img.Type)
		_, err = hex.Decode(sum[:], []byte(img.SHA256))
	}
	if err == nil {
		err = v.sign(request, sum[:], v4.SignatureTypeHeader)
	}
	if err != nil {
		if file != nil {
			_ = file.Close()
		}
		return reply{}, v.failed(fault.Internal, "the request could not be signed", err)
	}
	return v.send(request, file)
}

// presign makes a link that anybody can GET. It is built apart from our own
// requests and carries no header of theirs.
func (v *visit) presign(key string, img media.Image) (Link, error) {
	target := v.address(key)
	target.RawQuery = url.Values{"X-Amz-Expires": {strconv.FormatInt(int64(v.s3.config.Expires/time.Second), 10)}}.Encode()
	request := &http.Request{Method: http.MethodGet, URL: target, Host: target.Host, Header: http.Header{}}
	signed := v.now()
	if err := v.signAt(request, nil, v4.SignatureTypeQueryString, signed); err != nil {
		return Link{}, v.failed(fault.Internal, "the link could not be signed", err)
	}
	return Link{
		URL: request.URL.String(), Expires: signed.Truncate(time.Second).Add(v.s3.config.Expires.Truncate(time.Second)),
		Method: MethodS3, Key: v.s3.config.Bucket + "/" + key, Image: img,
	}, nil
}

func (v *visit) sign(request *http.Request, sum []byte, how v4.SignatureType) error {
	return v.signAt(request, sum, how, v.now())
}

func (v *visit) signAt(request *http.Request, sum []byte, how v4.SignatureType, at time.Time) error {
	return sigv4.New().SignRequest(&sigv4.SignRequestInput{
		Request: request, PayloadHash: sum, Service: "s3", Region: v.s3.config.Region, Time: at, SignatureType: how,
		Credentials: credentials.Credentials{
			AccessKeyID: v.keys.Access.Reveal(), SecretAccessKey: v.keys.Secret.Reveal(), SessionToken: v.keys.Session.Reveal(),
		},
	}, func(o *v4.SignerOptions) {
		o.DisableDoublePathEscape = true
		o.AddPayloadHashHeader = how == v4.SignatureTypeHeader
	})
}

// address is the URL of an object. Its path is escaped as S3 signs it, which
// is more than net/url would by itself.
func (v *visit) address(key string) *url.URL {
	target := *v.s3.base
	path := strings.TrimRight(target.Path, "/") + "/"
	if v.s3.config.PathStyle {
		path += v.s3.config.Bucket + "/"
	} else {
		target.Host = v.s3.config.Bucket + "." + target.Host
	}
	target.Path = path + key
	target.RawPath = escaped(target.Path)
	return &target
}

// escaped is a path with every byte but slashes and RFC 3986's unreserved ones
// escaped.
func escaped(path string) string {
	var out strings.Builder
	for i := range len(path) {
		if c := path[i]; isLetter(c) || c >= '0' && c <= '9' || strings.IndexByte("-._~/", c) >= 0 {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}
