package sandbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// The operations of a journal line.
const (
	opCreate   = "create"
	opStatus   = "status"
	opList     = "list"
	opBalance  = "balance"
	opUpload   = "upload"
	opDownload = "download"
	opCallback = "callback"
)

// Entry is one line of the journal: a request and what became of it. It never
// holds a key.
type Entry struct {
	Time       time.Time       `json:"time"`
	Provider   string          `json:"provider"`
	Method     string          `json:"method"`
	Path       string          `json:"path"`
	Op         string          `json:"op"`     // create, status, list, balance, upload, download or callback
	Status     int             `json:"status"` // HTTP status of the answer, also of one that was lost
	Code       string          `json:"code,omitempty"`
	Task       string          `json:"task,omitempty"`
	Charged    bool            `json:"charged"` // a paid job was made
	Scenario   string          `json:"scenario,omitempty"`
	ExternalID string          `json:"external_id,omitempty"`
	Body       json.RawMessage `json:"body,omitempty"` // of a create; long texts elided
	Bytes      int64           `json:"bytes,omitempty"`
	Problem    string          `json:"problem,omitempty"` // why it was refused, or what looked odd
}

// Journal is every request since the last reset, newest last.
type Journal struct {
	Creates int     `json:"creates"` // create requests received
	Charged int     `json:"charged"` // jobs made
	Entries []Entry `json:"entries"`
}

func (s *Server) journalPath() string { return filepath.Join(s.dir, "journal.jsonl") }

// append adds a line with one write, so that processes never mix their lines.
func (s *Server) append(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	f, err := os.OpenFile(s.journalPath(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// Journal reads the whole journal of the folder, the lines of other processes
// included.
func (s *Server) Journal() (Journal, error) {
	j := Journal{Entries: []Entry{}}
	f, err := os.Open(s.journalPath())
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err != nil {
		return j, fmt.Errorf("read journal: %w", err)
	}
	defer f.Close()
	lines := bufio.NewReader(f)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return j, nil // the end, or a line still being written
		}
		if err != nil {
			return j, fmt.Errorf("read journal: %w", err)
		}
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return j, fmt.Errorf("read journal: %w", err)
		}
		if e.Op == opCreate {
			j.Creates++
		}
		if e.Charged {
			j.Charged++
		}
		j.Entries = append(j.Entries, e)
	}
}

// Reset forgets all tasks, counters and the journal; uploads and clips stay.
func (s *Server) Reset() error {
	for _, name := range []string{tasksDir, externalDir, countsDir} {
		path := filepath.Join(s.dir, name)
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("reset sandbox: %w", err)
		}
		if err := os.MkdirAll(path, 0o700); err != nil {
			return fmt.Errorf("reset sandbox: %w", err)
		}
	}
	if err := os.Remove(s.journalPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reset sandbox: %w", err)
	}
	return nil
}
