package batch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"

	"github.com/klingctl/klingctl/internal/fault"
)

// Log is a file of JSON lines that grows while a batch runs. It is safe for
// concurrent use.
type Log struct {
	path string

	mu   sync.Mutex
	file *os.File
	seen map[string]bool
}

// OpenLog opens a log to go on with it, or to begin it anew. The last line of
// one whose process was killed in the middle of a write is taken away.
func OpenLog(path string, anew bool) (*Log, error) {
	flags := os.O_RDWR | os.O_CREATE
	if anew {
		flags |= os.O_TRUNC
	}
	file, err := os.OpenFile(path, flags, 0o600) // it holds links, which are as good as keys for a while
	if err != nil {
		return nil, logFault(path, err)
	}
	l := &Log{path: path, file: file, seen: map[string]bool{}}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no file") // a device may have no end
	}
	if err == nil {
		err = l.load()
	}
	if err != nil {
		_ = file.Close()
		return nil, logFault(path, err)
	}
	return l, nil
}

// load reads which lines are there, and leaves the file at the end of the last
// whole one.
func (l *Log) load() error {
	whole := int64(0)
	reader := bufio.NewReader(l.file)
	for {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		whole += int64(len(line))
		var key struct {
			Key string `json:"key"`
		}
		if json.Unmarshal(line, &key) == nil && key.Key != "" {
			l.seen[key.Key] = true
		}
	}
	if err := l.file.Truncate(whole); err != nil {
		return err
	}
	_, err := l.file.Seek(whole, io.SeekStart)
	return err
}

// Write appends a record as one line, unless one of the same key is there. The
// key stands in the record as "key"; "" is always written.
func (l *Log) Write(key string, record any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if key != "" && l.seen[key] {
		return nil
	}
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(record); err != nil {
		return logFault(l.path, err)
	}
	if _, err := l.file.Write(line.Bytes()); err != nil {
		return logFault(l.path, err)
	}
	l.seen[key] = true
	return nil
}

// Close brings the log to the disk.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := errors.Join(l.file.Sync(), l.file.Close()); err != nil {
		return logFault(l.path, err)
	}
	return nil
}

func logFault(path string, err error) error {
	return &fault.Error{Kind: fault.Local, Op: "write", Subject: path, Err: err}
}
