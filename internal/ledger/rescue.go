package ledger

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// rescueSuffix names the file beside the ledger that takes task ids when the
// ledger itself cannot be written after a job was bought.
const rescueSuffix = ".rescued"

var errNoFolder = errors.New("there is no folder for it")

// Rescued is a task that was bought and could not be put into the ledger.
type Rescued struct {
	ID  string    `json:"id"`
	Ref string    `json:"ref"`
	At  time.Time `json:"at"`
}

// Rescue writes a bought task into a file beside the ledger, for a database
// into Options.Folder, and returns the file's name. It is the last resort: one
// line, appended and synced, without the ledger.
func (s *Store) Rescue(job kling.Job, now time.Time) (string, error) {
	path := s.rescue
	if path == "" {
		return "", rescueFault(s.place, errNoFolder)
	}
	line, err := json.Marshal(Rescued{ID: job.ID, Ref: job.Ref.String(), At: now.UTC()})
	if err != nil {
		return path, rescueFault(path, err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return path, rescueFault(path, err)
	}
	_, err = file.Write(append(line, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return path, rescueFault(path, err)
	}
	return path, nil
}

// Rescued reads what Rescue wrote; a torn line is passed over.
func (s *Store) Rescued() ([]Rescued, error) {
	path := s.rescue
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, rescueFault(path, err)
	}
	var found []Rescued
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var one Rescued
		if json.Unmarshal(lines.Bytes(), &one) == nil && one.ID != "" && one.Ref != "" {
			found = append(found, one)
		}
	}
	return found, nil
}

// ForgetRescued removes the file once everything in it is in the ledger.
func (s *Store) ForgetRescued() error {
	path := s.rescue
	if path == "" {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return rescueFault(path, err)
	}
	return nil
}

func rescueFault(path string, err error) error {
	return &fault.Error{Kind: fault.Local, Op: "write beside the ledger", Subject: path, Err: err}
}
