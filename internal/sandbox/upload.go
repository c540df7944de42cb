package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// maxUpload is the largest file an upload may hold, in bytes (A.7).
const maxUpload = 100 << 20

// uploaded is what is kept of one hosted file.
type uploaded struct {
	Path  string `json:"path"`
	Image string `json:"image"` // digest in the image store
	Type  string `json:"type"`
	Size  int64  `json:"size"`
}

// upload answers the three upload endpoints of KIE (A.7), for Apikley too: a
// local picture is always accepted here. An uploadPath that holds the word
// quickstart gets the reply of the quick-start page, with fileUrl only.
func (c *call) upload() reply {
	c.entry.Op = opUpload
	var h func() (uploaded, string, reply)
	switch c.at.path {
	case "/api/file-stream-upload":
		h = c.uploadStream
	case "/api/file-base64-upload":
		h = c.uploadBase64
	case "/api/file-url-upload":
		h = c.uploadURL
	default:
		return uploadError(http.StatusNotFound, "no such endpoint")
	}
	if c.r.Method != http.MethodPost {
		return uploadError(http.StatusMethodNotAllowed, "method not allowed")
	}
	up, folder, out := h()
	if out.status != 0 {
		return out
	}
	if err := c.s.saveUpload(up); err != nil {
		return uploadError(http.StatusInternalServerError, err.Error())
	}
	link := c.base + "/uploads/" + up.Path
	now := c.now.UTC()
	stamp := now.Format("2006-01-02T15:04:05.000Z")
	data := object{
		"fileName": path.Base(up.Path), "filePath": up.Path, "downloadUrl": link,
		"fileSize": up.Size, "mimeType": up.Type, "uploadedAt": stamp,
	}
	if strings.Contains(folder, "quickstart") { // the shape of the quick-start page
		data = object{
			"fileId": "sbx_file_" + hexText(8), "fileName": path.Base(up.Path), "originalName": path.Base(up.Path),
			"fileSize": up.Size, "mimeType": up.Type, "uploadPath": folder, "fileUrl": link,
			"uploadTime": stamp, "expiresAt": now.Add(72 * time.Hour).Format("2006-01-02T15:04:05.000Z"),
		}
	}
	return answerWith(http.StatusOK, "200", object{
		"success": true, "code": 200, "msg": "File uploaded successfully", "data": data,
	})
}

func uploadError(status int, words string) reply {
	out := answerWith(status, strconv.Itoa(status), object{"success": false, "code": status, "msg": words})
	out.problem = words
	return out
}

// uploadStream reads a multipart body; the file goes to disk as it comes.
func (c *call) uploadStream() (up uploaded, folder string, out reply) {
	parts, err := c.r.MultipartReader()
	if err != nil {
		return up, "", uploadError(http.StatusBadRequest, "a multipart body is required")
	}
	name, sum, size := "", "", int64(-1)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return up, "", uploadError(http.StatusBadRequest, "the multipart body is broken")
		}
		switch part.FormName() {
		case "file":
			if name == "" {
				name = part.FileName()
			}
			if sum, size, err = c.s.keepImage(part); err != nil {
				return up, "", uploadError(http.StatusBadRequest, err.Error())
			}
			c.entry.Bytes = size
		case "uploadPath":
			folder = readShort(part)
		case "fileName":
			name = readShort(part)
		}
	}
	if size < 0 {
		return up, "", uploadError(http.StatusBadRequest, "file is required")
	}
	return c.hosted(folder, name, sum, size)
}

func readShort(r io.Reader) string {
	data, err := io.ReadAll(io.LimitReader(r, 4096))
	if err != nil {
		return ""
	}
	return string(data)
}

func (c *call) uploadBase64() (up uploaded, folder string, out reply) {
	body, n, err := c.s.readJSON(c.r.Body)
	c.entry.Bytes = n
	if err != nil {
		return up, "", uploadError(http.StatusBadRequest, err.Error())
	}
	var sum string
	var size int64
	switch v := body["base64Data"].(type) {
	case string:
		if rest, ok := strings.CutPrefix(v, "data:"); ok {
			_, v, _ = strings.Cut(rest, ";base64,")
		}
		if sum, size, err = c.s.keepImage(base64.NewDecoder(base64.StdEncoding, strings.NewReader(v))); err != nil {
			return up, "", uploadError(http.StatusBadRequest, "base64Data is not base64")
		}
	case *spill:
		if v.err != nil {
			return up, "", uploadError(http.StatusBadRequest, v.err.Error())
		}
		sum, size = v.image, v.bytes
	}
	if size == 0 {
		return up, "", uploadError(http.StatusBadRequest, "base64Data is required")
	}
	return c.hosted(textOf(body, "uploadPath"), textOf(body, "fileName"), sum, size)
}

// uploadURL would fetch a file; the network is never touched, so only links
// into our own uploads have content.
func (c *call) uploadURL() (up uploaded, folder string, out reply) {
	body, _, err := c.s.readJSON(c.r.Body)
	link := textOf(body, "fileUrl")
	if err != nil || !isLink(link) {
		return up, "", uploadError(http.StatusBadRequest, "fileUrl is required")
	}
	p := c.s.linked(link)
	if p.gone {
		return up, "", uploadError(http.StatusBadRequest, "fileUrl cannot be downloaded")
	}
	name := textOf(body, "fileName")
	if name == "" {
		name = path.Base(link)
	}
	up, folder, out = c.hosted(textOf(body, "uploadPath"), name, p.image, p.size)
	if p.image == "" {
		up.Type = "image/png"
	}
	return up, folder, out
}

// hosted names the file. The path is a client's text: it becomes part of a
// link and never of a file name here.
func (c *call) hosted(folder, name, sum string, size int64) (uploaded, string, reply) {
	if folder == "" {
		return uploaded{}, "", uploadError(http.StatusBadRequest, "uploadPath is required")
	}
	if name == "" {
		name = "file-" + hexText(8)
	}
	clean := strings.TrimPrefix(path.Clean("/"+folder+"/"+path.Base("/"+name)), "/")
	return uploaded{
		Path: linkPath(clean), Image: sum, Size: size,
		Type: http.DetectContentType(c.s.firstBytes(sum)),
	}, folder, reply{}
}

// linkPath keeps the characters that need no escape in a link.
func linkPath(p string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(alphanumeric+"/._-", r) {
			return r
		}
		return '-'
	}, p)
}

func (s *Server) firstBytes(sum string) []byte {
	f, err := os.Open(s.imagePath(sum))
	if err != nil {
		return nil
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head) // a short file is fine
	return head[:n]
}

// keepImage streams a file into the image store.
func (s *Server) keepImage(r io.Reader) (sum string, size int64, err error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, imagesDir), ".new-*")
	if err != nil {
		return "", 0, err
	}
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, h), io.LimitReader(r, maxUpload+1))
	if err == nil && size > maxUpload {
		err = errors.New("file is larger than 100 MB")
	}
	sum = hex.EncodeToString(h.Sum(nil))
	return sum, size, keep(f, s.imagePath(sum), err)
}

func (s *Server) saveUpload(up uploaded) error {
	data, err := json.Marshal(up)
	if err != nil {
		return err
	}
	return writeFile(s.uploadName(up.Path), data)
}

func (s *Server) loadUpload(p string) (uploaded, error) {
	var up uploaded
	data, err := os.ReadFile(s.uploadName(p))
	if errors.Is(err, fs.ErrNotExist) {
		return up, errNoUpload
	}
	if err != nil {
		return up, err
	}
	return up, json.Unmarshal(data, &up)
}

// serveUpload hands a hosted file out again.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request, p string) {
	up, err := s.loadUpload(p)
	if err != nil || up.Image == "" { // hosted by a link nobody followed
		http.NotFound(w, r)
		return
	}
	f, err := os.Open(s.imagePath(up.Image))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Type", up.Type)
	w.Header().Set("ETag", `"`+up.Image[:32]+`"`)
	http.ServeContent(w, r, "", time.Time{}, f)
}
