// Package upload makes a local image reachable by URL for providers that take
// nothing else.
//
// It knows upload APIs and that an image is streamed to them. It must not know
// jobs, models, or which provider wants what. Uploads are free and change
// nothing at a provider, so a failed one leaves nothing behind.
package upload

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/media"
	"github.com/klingctl/klingctl/internal/secret"
)

// maxAnswer caps the answer of an upload API.
const maxAnswer = 1 << 20

// KIE uploads through KIE's file-stream-upload (docs.kie.ai, file upload API).
// Files live for a day by one of its pages and three by another.
type KIE struct {
	base   string
	key    secret.Text
	client http.RoundTripper
}

// NewKIE makes an uploader for the API below a base URL.
func NewKIE(base string, key secret.Text, client http.RoundTripper) *KIE {
	return &KIE{base: strings.TrimRight(base, "/"), key: key, client: client}
}

// Host uploads an image and returns its URL.
func (k *KIE) Host(ctx context.Context, image media.Image) (string, error) {
	body, contentType, length, err := form(image)
	if err != nil {
		return "", failed(fault.Local, "", err)
	}
	defer func() { _ = body.Close() }()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, k.base+"/api/file-stream-upload", body)
	if err != nil {
		return "", failed(fault.Usage, "", err)
	}
	request.ContentLength = length
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Authorization", "Bearer "+k.key.Reveal())
	response, err := k.client.RoundTrip(request)
	if err != nil {
		return "", failed(fault.Unavailable, "no answer", err)
	}
	defer func() { _ = response.Body.Close() }()
	return read(response)
}

// answer is KIE's reply; pages show the link under either of two names.
type answer struct {
	Success bool        `json:"success"`
	Code    json.Number `json:"code"`
	Msg     string      `json:"msg"`
	Data    *struct {
		DownloadURL string `json:"downloadUrl"` //nolint:tagliatelle // the vendor's name
		FileURL     string `json:"fileUrl"`     //nolint:tagliatelle // the vendor's name
	} `json:"data"`
}

func read(response *http.Response) (string, error) {
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return "", failed(fault.Unavailable, "the answer broke off", err)
	}
	var said answer
	if err := json.Unmarshal(text, &said); err != nil {
		return "", failed(kindOf(response.StatusCode), fmt.Sprintf("HTTP %d, not JSON", response.StatusCode), nil)
	}
	if response.StatusCode != http.StatusOK || said.Data == nil || said.Code != "" && said.Code != "200" {
		return "", failed(kindOf(response.StatusCode), said.Msg, nil)
	}
	link := said.Data.DownloadURL
	if link == "" {
		link = said.Data.FileURL
	}
	if parsed, err := url.Parse(link); err != nil || parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http" {
		return "", failed(fault.Answer, "the upload was accepted but no link came back", nil)
	}
	return link, nil
}

func kindOf(status int) fault.Kind {
	switch {
	case status == http.StatusUnauthorized:
		return fault.Auth
	case status == http.StatusTooManyRequests:
		return fault.Busy
	case status >= http.StatusInternalServerError:
		return fault.Unavailable
	case status >= http.StatusBadRequest:
		return fault.Refused
	}
	return fault.Answer
}

func failed(kind fault.Kind, detail string, err error) error {
	return &fault.Error{Kind: kind, Op: "upload the image", Detail: fault.SafeText(detail), Charged: fault.NotCharged, Err: err}
}

// form is the multipart body around the file, with its exact length, so that
// the file is streamed.
func form(image media.Image) (io.ReadCloser, string, int64, error) {
	var frame bytes.Buffer
	writer := multipart.NewWriter(&frame)
	if err := writer.WriteField("uploadPath", "images/klingctl"); err != nil {
		return nil, "", 0, err
	}
	name := image.SHA256[:min(16, len(image.SHA256))] + extension(image)
	if err := writer.WriteField("fileName", name); err != nil {
		return nil, "", 0, err
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", fmt.Sprintf(`form-data; name="file"; filename=%q`, name))
	header.Set("Content-Type", image.Type)
	if _, err := writer.CreatePart(header); err != nil {
		return nil, "", 0, err
	}
	head := bytes.Clone(frame.Bytes())
	frame.Reset()
	if err := writer.Close(); err != nil {
		return nil, "", 0, err
	}
	file, err := image.Open()
	if err != nil {
		return nil, "", 0, err
	}
	body := struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), file, bytes.NewReader(frame.Bytes())), file}
	return body, writer.FormDataContentType(), int64(len(head)+frame.Len()) + image.Bytes, nil
}

// extension follows the content, not the file's name.
func extension(image media.Image) string {
	if _, sub, ok := strings.Cut(image.Type, "/"); ok {
		return "." + strings.TrimPrefix(path.Base(sub), "x-")
	}
	return filepath.Ext(image.Source)
}
