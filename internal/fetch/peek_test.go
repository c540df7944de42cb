package fetch

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

func TestPeekTellsTypeAndSize(t *testing.T) {
	t.Parallel()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 300, 300))); err != nil {
		t.Fatal(err)
	}
	ranged := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "named.jpg", time.Time{}, bytes.NewReader(picture.Bytes()))
	})
	whole := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(picture.Bytes()) })
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>no</html>")) })
	gone := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	tests := map[string]struct {
		handler http.Handler
		want    Peeked
		kind    fault.Kind
	}{
		"a server with ranges":           {ranged, Peeked{Type: "image/png", Bytes: int64(picture.Len())}, ""},
		"a server without ranges":        {whole, Peeked{Type: "image/png", Bytes: int64(picture.Len())}, ""},
		"a page in the place of a photo": {page, Peeked{Type: "text/html", Bytes: 15}, ""},
		"nothing there":                  {gone, Peeked{}, fault.Download},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.handler)
			t.Cleanup(server.Close)
			fetcher := New(Options{AllowPrivate: true})
			t.Cleanup(fetcher.Close)
			got, err := fetcher.Peek(t.Context(), server.URL+"/x?sig=secret")
			if fault.KindOf(err) != test.kind || got != test.want {
				t.Errorf("Peek() = %+v, %v; want %+v and kind %q", got, err, test.want, test.kind)
			}
		})
	}
}
