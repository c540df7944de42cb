package sandbox

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// serveFile hands out a result: /files/<task file>-<number>[-watermark].mp4.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	e := Entry{Time: s.now().UTC(), Method: r.Method, Path: "/files/" + name, Op: opDownload}
	seen := &watcher{ResponseWriter: w, status: http.StatusOK}
	defer func() {
		e.Status, e.Bytes = seen.status, seen.bytes
		_ = s.append(e) // the answer is out already
	}()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(seen, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	t, ok := s.taskOfFile(name)
	if !ok {
		storeError(seen, http.StatusNotFound, "NoSuchKey", "The file does not exist.")
		return
	}
	e.Provider, e.Task, e.Scenario = string(t.Provider), t.ID, t.Scenario.String()
	if t.Scenario.Name == "expired" && linkIsDead(t, r) {
		storeError(seen, http.StatusForbidden, "AccessDenied", "Request has expired")
		return
	}
	path, err := s.clip(t)
	if err != nil {
		http.Error(seen, err.Error(), http.StatusInternalServerError)
		return
	}
	f, err := os.Open(path)
	if err != nil {
		http.Error(seen, err.Error(), http.StatusInternalServerError)
		return
	}
	defer f.Close()
	s.sendClip(seen, r, t, f)
}

// linkIsDead tells the links that the scenario let expire: the first ones, or
// all where they carry no number.
func linkIsDead(t *task, r *http.Request) bool {
	issue, err := strconv.Atoi(r.URL.Query().Get("issue"))
	return err != nil || issue <= t.Scenario.count(1)
}

func (s *Server) taskOfFile(name string) (*task, bool) {
	stem, ok := strings.CutSuffix(name, ".mp4")
	if !ok {
		return nil, false
	}
	stem = strings.TrimSuffix(stem, "-watermark")
	cut := strings.LastIndexByte(stem, '-')
	if cut < 0 {
		return nil, false
	}
	t, err := s.load(stem[:cut])
	if err != nil || t.phase(s.now()) != succeeded {
		return nil, false
	}
	return t, true
}

// storeError is how S3 says no.
func storeError(w http.ResponseWriter, status int, code, words string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message></Error>\n", code, words)
}

// clip is the path of the task's video, made when it is first asked for. One
// at a time is made: a picture in memory is larger than its file.
func (s *Server) clip(t *task) (string, error) {
	what := t.Image
	if what == "" {
		what = digest([]byte("card " + t.Seed))
	}
	name := fmt.Sprintf("%s-%gs.mp4", what[:32], t.Seconds)
	if s.clipSide != mostSide {
		name = strconv.Itoa(s.clipSide) + "-" + name
	}
	path := filepath.Join(s.dir, clipsDir, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	s.rendering.Lock()
	defer s.rendering.Unlock()
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return "", fmt.Errorf("make clip: %w", err)
	}
	err = renderClip(f, s.pictureBytes(t.Image), t.Seed, t.Seconds, s.clipSide)
	if err := keep(f, path, err); err != nil {
		return "", fmt.Errorf("make clip: %w", err)
	}
	return path, nil
}

// sendClip sends the clip, or what the scenario makes of it.
func (s *Server) sendClip(w http.ResponseWriter, r *http.Request, t *task, f *os.File) {
	info, err := f.Stat()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	size := info.Size()
	h := w.Header()
	h.Set("Content-Type", "video/mp4")
	ranged := r.Header.Get("Range") != ""
	switch t.Scenario.Name {
	case "html-file":
		h.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html>\n<html><body>Sign in to see this file</body></html>\n")
		return
	case "short":
		_, _ = io.CopyN(w, f, size/2)
		flush(w)
		return
	case "wrong-range":
		if ranged {
			wrongRange(w, f, size)
			return
		}
	case "no-range":
		n, err := s.tick("file " + t.file())
		if err != nil || n > 1 {
			h.Set("Content-Length", strconv.FormatInt(size, 10))
			_, _ = io.Copy(w, f)
			return
		}
		ranged = false
	}
	h.Set("ETag", `"`+strings.TrimSuffix(filepath.Base(f.Name()), ".mp4")+`"`)
	if !ranged && r.Method == http.MethodGet {
		switch t.Scenario.Name {
		case "truncated", "wrong-range", "no-range":
			half(w, f, size)
			breakConnection(w, closed)
			return
		case "stall":
			half(w, f, size)
			<-r.Context().Done()
			breakConnection(w, closed)
			return
		}
	}
	http.ServeContent(w, r, "", time.Time{}, f)
}

// half sends half a file under the length of the whole.
func half(w http.ResponseWriter, f io.Reader, size int64) {
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	w.Header().Set("Accept-Ranges", "bytes")
	w.WriteHeader(http.StatusOK)
	_, _ = io.CopyN(w, f, size/2)
	flush(w)
}

// wrongRange answers a range with the start of the file and says so.
func wrongRange(w http.ResponseWriter, f io.Reader, size int64) {
	w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", size-1, size))
	w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	w.WriteHeader(http.StatusPartialContent)
	_, _ = io.Copy(w, f)
}

// watcher sees status and size of an answer for the journal.
type watcher struct {
	http.ResponseWriter

	status int
	bytes  int64
}

func (w *watcher) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *watcher) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets a response controller reach the connection.
func (w *watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watcher) breakOff(f wireFault) { breakConnection(w.ResponseWriter, f) }
