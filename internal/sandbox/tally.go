package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"sync"
)

// Counts is what stands in the journal, in numbers.
type Counts struct {
	Creates int `json:"creates"` // create requests received
	Charged int `json:"charged"` // jobs made
	// Requests is how often each provider was asked for each operation.
	Requests map[string]map[string]int `json:"requests"`
}

// tally counts the journal. It goes on where it stopped, so that counts cost
// as much as what was written since they were asked for last.
type tally struct {
	mu     sync.Mutex
	counts Counts
	head   []byte // begins the file that was counted: a reset makes another
	next   int64  // bytes counted, always whole lines
}

// Counts counts every request since the last reset, those of other processes
// included.
func (s *Server) Counts() (Counts, error) {
	counts, _, err := s.tally.count(s.journalPath())
	return counts, err
}

// count takes in what is new and tells how many bytes of the journal the
// counts cover.
func (y *tally) count(path string) (Counts, int64, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	err := y.read(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Counts{}, 0, fmt.Errorf("count journal: %w", err)
	}
	if err != nil || y.counts.Requests == nil {
		y.restart(nil)
	}
	counts := y.counts
	counts.Requests = make(map[string]map[string]int, len(y.counts.Requests))
	for provider, ops := range y.counts.Requests {
		counts.Requests[provider] = maps.Clone(ops)
	}
	return counts, y.next, nil
}

func (y *tally) restart(head []byte) {
	y.counts, y.head, y.next = Counts{Requests: map[string]map[string]int{}}, head, 0
}

// headSize is enough of a journal to know it again: its first line begins with
// the time, to the nanosecond.
const headSize = 256

func (y *tally) read(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if head = head[:n]; len(y.head) == 0 || !bytes.HasPrefix(head, y.head) {
		y.restart(head)
	}
	lines := bufio.NewReader(io.NewSectionReader(f, y.next, 1<<62))
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // the end, or a line still being written
		}
		if err != nil {
			return err
		}
		if err := y.add(line); err != nil {
			return err
		}
	}
}

func (y *tally) add(line []byte) error {
	var e struct {
		Provider string `json:"provider"`
		Op       string `json:"op"`
		Charged  bool   `json:"charged"`
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	y.next += int64(len(line))
	if e.Op == opCreate {
		y.counts.Creates++
	}
	if e.Charged {
		y.counts.Charged++
	}
	ops := y.counts.Requests[e.Provider]
	if ops == nil {
		ops = map[string]int{}
		y.counts.Requests[e.Provider] = ops
	}
	ops[e.Op]++
	return nil
}
