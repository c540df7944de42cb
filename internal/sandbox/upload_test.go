package sandbox_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"
)

// uploadForm sends a file as KIE's multipart form.
func (k *kit) uploadForm(url, folder, name string, data []byte) answer {
	k.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		k.t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		k.t.Fatal(err)
	}
	for field, value := range map[string]string{"uploadPath": folder, "fileName": name} {
		if err := form.WriteField(field, value); err != nil {
			k.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		k.t.Fatal(err)
	}
	req := k.request(http.MethodPost, url, "key", b.String())
	req.Header.Set("Content-Type", form.FormDataContentType())
	a, err := k.try(req)
	if err != nil {
		k.t.Fatal(err)
	}
	return a
}

func TestUploadedPictureComesBack(t *testing.T) {
	t.Parallel()
	everyWay(t, func(k *kit) {
		t := k.t
		file := picturePNG(t, 320, 400)
		a := k.uploadForm(k.base("kie")+"/api/file-stream-upload", "images/klingctl", "a b.png", file)
		link := a.textAt("data.downloadUrl")
		if a.status != http.StatusOK || a.at("success") != true || !strings.HasSuffix(link, "/uploads/images/klingctl/a-b.png") ||
			a.textAt("data.mimeType") != "image/png" || a.at("data.fileSize") != float64(len(file)) {
			t.Fatalf("got %d %s", a.status, a.text)
		}
		if got := k.do(http.MethodGet, link, "", ""); got.text != string(file) {
			t.Errorf("got %d with %d bytes back, want the file", got.status, len(got.text))
		}
		d := dialectOf(t, "kie")
		body := strings.ReplaceAll(d.with("waves"), "https://files.example.net/a.png", link)
		id := k.post("kie", d.create, body).textAt(d.id)
		other := k.make(d, "waves") // the same, but for its picture
		k.clock.pass(11 * time.Second)
		own := k.do(http.MethodGet, d.link(k.look(d, id)), "", "")
		card := k.do(http.MethodGet, d.link(k.look(d, other)), "", "")
		if own.status != http.StatusOK || own.text == card.text {
			t.Errorf("the clip does not show the uploaded picture: %d", own.status)
		}
	})
}

func TestUploadForms(t *testing.T) {
	t.Parallel()
	file := picturePNG(t, 320, 400)
	text := base64.StdEncoding.EncodeToString(file)
	large := base64.StdEncoding.EncodeToString(append(file, make([]byte, 200_000)...))
	for _, c := range []struct{ name, path, body, field string }{
		{"base64", "/api/file-base64-upload", fmt.Sprintf(`{"base64Data":%q,"uploadPath":"x","fileName":"a.png"}`, text), "data.downloadUrl"},
		{"data URI", "/api/file-base64-upload", fmt.Sprintf(`{"base64Data":"data:image/png;base64,%s","uploadPath":"x"}`, text), "data.downloadUrl"},
		{"long base64", "/api/file-base64-upload", fmt.Sprintf(`{"base64Data":%q,"uploadPath":"x"}`, large), "data.downloadUrl"},
		{"quick-start reply", "/api/file-base64-upload", fmt.Sprintf(`{"base64Data":%q,"uploadPath":"quickstart"}`, text), "data.fileUrl"},
		{"link", "/api/file-url-upload", `{"fileUrl":"https://files.example.net/a.png","uploadPath":"x"}`, "data.downloadUrl"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			a := k.do(http.MethodPost, "https://sandbox.invalid"+c.path, "any-key", c.body)
			if link := a.textAt(c.field); a.status != http.StatusOK || !strings.HasPrefix(link, "https://sandbox.invalid/uploads/") {
				t.Errorf("got %d %s", a.status, a.text)
			}
			if e := k.journal().Entries[0]; e.Op != "upload" || e.Status != http.StatusOK {
				t.Errorf("journal: got %+v", e)
			}
		})
	}
}

func TestUploadsAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, method, path, key, body string
		status                        int
	}{
		{"no key", "POST", "/api/file-base64-upload", "", `{"base64Data":"QUJD","uploadPath":"x"}`, 401},
		{"no folder", "POST", "/api/file-base64-upload", "key", `{"base64Data":"QUJD"}`, 400},
		{"not base64", "POST", "/api/file-base64-upload", "key", `{"base64Data":"???","uploadPath":"x"}`, 400},
		{"no form", "POST", "/api/file-stream-upload", "key", `{}`, 400},
		{"wrong method", "GET", "/api/file-stream-upload", "key", "", 405},
		{"no link", "POST", "/api/file-url-upload", "key", `{"uploadPath":"x"}`, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			if a := k.do(c.method, k.base("kie")+c.path, c.key, c.body); a.status != c.status {
				t.Errorf("got %d %s, want %d", a.status, a.text, c.status)
			}
		})
	}
}

func TestUploadPathsStayInside(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for folder, want := range map[string]string{"../../etc": "etc/f.png", "a/../../b": "b/f.png", "/lead/": "lead/f.png", "x y?#": "x-y--/f.png"} {
		a := k.uploadForm(k.base("kie")+"/api/file-stream-upload", folder, "f.png", picturePNG(t, 300, 300))
		if got := a.textAt("data.filePath"); got != want {
			t.Errorf("%q: got %q, want %q", folder, got, want)
		}
	}
}

func TestHostedFilesThatProvidersRefuse(t *testing.T) {
	t.Parallel()
	k, d := setup(t), dialectOf(t, "kie")
	for name, data := range map[string][]byte{
		"a page":    []byte("<!doctype html><html></html>"),
		"too large": append(picturePNG(t, 320, 400), make([]byte, 10<<20)...),
	} {
		link := k.uploadForm("https://kieai.redpandaai.co/api/file-stream-upload", "x", "f.png", data).textAt("data.downloadUrl")
		a := k.post("kie", d.create, strings.ReplaceAll(d.with("waves"), "https://files.example.net/a.png", link))
		if a.at("code") != 500.0 || !strings.Contains(a.text, "File type not supported") {
			t.Errorf("%s: got %d %s", name, a.status, a.text)
		}
	}
}

func TestLinkToAMissingUploadFailsTheJob(t *testing.T) {
	t.Parallel()
	k, d := setup(t), dialectOf(t, "apixo")
	body := strings.ReplaceAll(d.with("waves"), "https://files.example.net/a.png", "https://sandbox.invalid/uploads/none.png")
	id := k.post("apixo", d.create, body).textAt(d.id)
	k.clock.pass(11 * time.Second)
	if got := k.look(d, id).textAt("data.failCode"); got != "INVALID_IMAGE_URL" {
		t.Errorf("got fail code %q, want INVALID_IMAGE_URL", got)
	}
}
