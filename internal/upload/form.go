package upload

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"path"
	"path/filepath"
	"strings"

	"github.com/klingctl/klingctl/internal/media"
)

// kieFolder is the uploadPath of our files.
const kieFolder = "images/klingctl"

// form is the multipart body around the file, with its exact length, so that
// the file is streamed.
func form(img media.Image) (body io.ReadCloser, contentType string, length int64, err error) {
	var frame bytes.Buffer
	writer := multipart.NewWriter(&frame)
	if err := writer.WriteField("uploadPath", kieFolder); err != nil {
		return nil, "", 0, err
	}
	// The name is the content's: names that repeat are overwritten there, and
	// caches keep what they had.
	name := img.SHA256[:min(32, len(img.SHA256))] + extension(img)
	if err := writer.WriteField("fileName", name); err != nil {
		return nil, "", 0, err
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", fmt.Sprintf(`form-data; name="file"; filename=%q`, name))
	header.Set("Content-Type", img.Type)
	if _, err := writer.CreatePart(header); err != nil {
		return nil, "", 0, err
	}
	head := bytes.Clone(frame.Bytes())
	frame.Reset()
	if err := writer.Close(); err != nil {
		return nil, "", 0, err
	}
	file, err := img.Open()
	if err != nil {
		return nil, "", 0, err
	}
	body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), file, bytes.NewReader(frame.Bytes())), file}
	return body, writer.FormDataContentType(), int64(len(head)+frame.Len()) + img.Bytes, nil
}

// extension follows the content, not the file's name.
func extension(img media.Image) string {
	if _, sub, ok := strings.Cut(img.Type, "/"); ok {
		return "." + strings.TrimPrefix(path.Base(sub), "x-")
	}
	return filepath.Ext(img.Source)
}
