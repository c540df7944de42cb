package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
)

// serveJournal answers with the journal: its counts, and the entries behind
// ?since=, which takes the next of an earlier answer; all of them without it.
// The lines go out as they stand in the file, so that a long journal takes no
// memory.
func (s *Server) serveJournal(w http.ResponseWriter, r *http.Request) {
	counts, next, err := s.tally.count(s.journalPath())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	f, err := os.Open(s.journalPath())
	var all io.ReaderAt = f
	switch {
	case errors.Is(err, fs.ErrNotExist):
		all, next = bytes.NewReader(nil), 0
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	default:
		defer f.Close()
	}
	requests, err := json.Marshal(counts.Requests)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	since := lineStart(all, r.URL.Query().Get("since"), next)
	out := bufio.NewWriter(w)
	_, _ = fmt.Fprintf(out, `{"creates":%d,"charged":%d,"requests":%s,"next":%d,"entries":[`,
		counts.Creates, counts.Charged, requests, next)
	if err := joinLines(out, io.NewSectionReader(all, since, next-since)); err != nil {
		breakConnection(w, closed) // the head of the answer is out already
		return
	}
	_, _ = out.WriteString("]}\n")
	_ = out.Flush() // the client may be gone
}

// lineStart is the position to read from: what the client was given, or the
// start where the journal has begun anew since.
func lineStart(all io.ReaderAt, given string, end int64) int64 {
	since, err := strconv.ParseInt(given, 10, 64)
	if err != nil || since <= 0 || since > end {
		return 0
	}
	before := make([]byte, 1)
	if _, err := all.ReadAt(before, since-1); err != nil || before[0] != '\n' {
		return 0
	}
	return since
}

// joinLines writes lines with commas between them. A line of the journal holds
// no line feed but the one at its end.
func joinLines(w *bufio.Writer, lines io.Reader) error {
	in := bufio.NewReaderSize(lines, 64<<10)
	for comma := false; ; {
		piece, err := in.ReadSlice('\n')
		if comma && len(piece) > 0 {
			_ = w.WriteByte(',') // a failure is told again by Flush
		}
		_, _ = w.Write(bytes.TrimSuffix(piece, []byte("\n")))
		switch {
		case err == nil:
			comma = true
		case errors.Is(err, bufio.ErrBufferFull):
			comma = false // the rest of the line follows
		case errors.Is(err, io.EOF):
			return nil
		default:
			return err
		}
	}
}
