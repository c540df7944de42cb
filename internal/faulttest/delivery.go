package faulttest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// delivery is a request for a video, and ways to serve it.
type delivery struct {
	*Stage

	// n counts the requests of its kind from 1.
	n    int
	w    http.ResponseWriter
	r    *http.Request
	list *[]Request
}

// Write counts what goes out.
func (d *delivery) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	d.sent(d.list, d.n, n)
	return n, err
}

// Header and WriteHeader make a delivery the writer of http.ServeContent.
func (d *delivery) Header() http.Header { return d.w.Header() }

// WriteHeader implements http.ResponseWriter.
func (d *delivery) WriteHeader(status int) { d.w.WriteHeader(status) }

func (d *delivery) film() []byte { return d.server.film.data }

// named is the type of a video and what tells it from another.
func (d *delivery) named() {
	d.Header().Set("Content-Type", "video/mp4")
	d.Header().Set("ETag", d.server.film.etag)
}

// whole serves the film as a good store does, ranges included.
func (d *delivery) whole() {
	d.named()
	http.ServeContent(d, d.r, "", d.server.film.made, bytes.NewReader(d.film()))
}

// plain serves all of the film whatever range was asked for.
func (d *delivery) plain() {
	d.named()
	d.promise(int64(len(d.film())))
	_, _ = d.Write(d.film())
}

// promise sends the head of an answer of a length.
func (d *delivery) promise(length int64) {
	d.Header().Set("Content-Length", strconv.FormatInt(length, 10))
	d.WriteHeader(http.StatusOK)
}

// cut promises the film, sends its first bytes and closes the connection.
func (d *delivery) cut(length int) {
	d.named()
	d.Header().Set("Accept-Ranges", "bytes")
	d.promise(int64(len(d.film())))
	_, _ = d.Write(d.film()[:length])
	d.stop()
}

// half is a cut in the middle.
func (d *delivery) half() { d.cut(len(d.film()) / 2) }

// drip answers a range, or the whole, with so many bytes of what it promised.
func (d *delivery) drip(length int) {
	from := 0
	if _, err := fmt.Sscanf(d.r.Header.Get("Range"), "bytes=%d-", &from); err != nil || from >= len(d.film()) {
		d.cut(length)
		return
	}
	d.named()
	left := d.film()[from:]
	d.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(d.film())-1, len(d.film())))
	d.Header().Set("Content-Length", strconv.Itoa(len(left)))
	d.WriteHeader(http.StatusPartialContent)
	_, _ = d.Write(left[:min(length, len(left))])
	d.stop()
}

// chunked sends half of the film without a length, and closes the connection
// inside a chunk.
func (d *delivery) chunked() {
	d.named()
	d.Header().Set("Accept-Ranges", "bytes")
	_, _ = d.Write(d.film()[:len(d.film())/2])
	d.stop()
}

// raw takes the connection over and writes a head of its own making, some of
// the film, and no more.
func (d *delivery) raw(head string, length int) {
	conn, _, err := http.NewResponseController(d.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = conn.Write(append([]byte(head), d.film()[:length]...)) // the client may be gone
	d.sent(d.list, d.n, length)
	_ = conn.Close()
}

// stop sends what is held back and breaks the connection off.
func (d *delivery) stop() {
	_ = http.NewResponseController(d.w).Flush()
	breakOff(d.w, false)
}

// stall sends half of the film and then nothing, with the connection open.
func (d *delivery) stall() {
	d.named()
	d.promise(int64(len(d.film())))
	_, _ = d.Write(d.film()[:len(d.film())/2])
	_ = http.NewResponseController(d.w).Flush()
	<-d.r.Context().Done()
}

// slowly sends a content in slices, with a pause before each.
func (d *delivery) slowly(content []byte, slice int, pause time.Duration) {
	for len(content) > 0 && rest(d.r.Context(), pause) {
		n := min(slice, len(content))
		if _, err := d.Write(content[:n]); err != nil {
			return
		}
		_ = http.NewResponseController(d.w).Flush()
		content = content[n:]
	}
}

// rest waits, and reports whether the client is still there.
func rest(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// refuse is an answer of the store that brings no film; a header is a name and
// its value.
func (d *delivery) refuse(status int, body string, header ...string) {
	d.Header().Set("Content-Type", "application/xml")
	for i := 0; i+1 < len(header); i += 2 {
		d.Header().Set(header[i], header[i+1])
	}
	d.WriteHeader(status)
	if status != http.StatusNoContent {
		_, _ = io.WriteString(d.w, body)
	}
}

// storeError is how S3 says no.
func storeError(code, message string) string {
	return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>\n"
}

// firstFiles plays one delivery so many times and another afterwards.
func firstFiles(times int, bad, then func(*delivery)) func(*delivery) {
	return func(d *delivery) {
		if d.n <= times {
			bad(d)
			return
		}
		then(d)
	}
}
