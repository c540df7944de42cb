package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// task is one job as it stands on disk. Everything about it that changes with
// time follows from these fields and the clock.
type task struct {
	ID         string          `json:"id"`
	Provider   provider        `json:"provider"`
	Shape      shape           `json:"shape,omitempty"`
	Kind       string          `json:"kind"`
	Model      string          `json:"model"`
	Mode       string          `json:"mode,omitempty"`
	Slug       string          `json:"slug,omitempty"`
	Owner      string          `json:"owner"`
	Scenario   scenario        `json:"scenario"`
	CreatedMS  int64           `json:"created_ms"`
	TakesMS    int64           `json:"takes_ms"`
	Seconds    float64         `json:"seconds"`
	Image      string          `json:"image,omitempty"` // digest in the image store
	Seed       string          `json:"seed"`            // colours the card when there is no picture
	Unreadable bool            `json:"unreadable,omitempty"`
	Watermark  bool            `json:"watermark,omitempty"`
	ExternalID string          `json:"external_id,omitempty"`
	Callback   string          `json:"callback,omitempty"`
	Request    json.RawMessage `json:"request"` // the create body, long texts elided
	Cost       float64         `json:"cost"`    // in the provider's own unit
}

// phase is where a job stands.
type phase int

const (
	queued phase = iota
	running
	odd // a state word nobody documented
	succeeded
	failed
)

// phase is the state at a moment: queued for a fifth of the time, then running.
func (t *task) phase(now time.Time) phase {
	elapsed := now.UnixMilli() - t.CreatedMS
	switch {
	case elapsed*5 < t.TakesMS || t.Scenario.Name == "queued":
		return queued
	case elapsed < t.TakesMS && t.Scenario.Name == "unknown-state":
		return odd
	case elapsed < t.TakesMS || t.Scenario.Name == "never":
		return running
	case t.Unreadable || t.Scenario.Name == "failed" || t.Scenario.Name == "moderated":
		return failed
	default:
		return succeeded
	}
}

// startMS is when the job leaves the queue, Unix milliseconds.
func (t *task) startMS() int64 { return t.CreatedMS + t.TakesMS/5 }

// endMS is when the job ends, Unix milliseconds.
func (t *task) endMS() int64 { return t.CreatedMS + t.TakesMS }

// updatedMS is the last change of state before now, Unix milliseconds.
func (t *task) updatedMS(ph phase) int64 {
	switch ph {
	case queued:
		return t.CreatedMS
	case running, odd:
		return t.startMS()
	case succeeded, failed:
		return t.endMS()
	}
	return t.CreatedMS
}

// file is the name of the task's file: ids come from clients, names must not.
func (t *task) file() string { return taskFile(t.Provider, t.ID) }

func taskFile(p provider, id string) string {
	return string(p) + "-" + digest([]byte(id))[:24]
}

func (s *Server) taskPath(name string) string {
	return filepath.Join(s.dir, tasksDir, name+".json")
}

func (s *Server) save(t *task) error {
	data, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("save task: %w", err)
	}
	if err := writeFile(s.taskPath(t.file()), data); err != nil {
		return fmt.Errorf("save task: %w", err)
	}
	return nil
}

// load reads a task by the name of its file; fs.ErrNotExist when there is none.
func (s *Server) load(name string) (*task, error) {
	data, err := os.ReadFile(s.taskPath(filepath.Base(name)))
	if err != nil {
		return nil, fmt.Errorf("load task: %w", err)
	}
	t := &task{}
	if err := json.Unmarshal(data, t); err != nil {
		return nil, fmt.Errorf("load task: %w", err)
	}
	return t, nil
}

// find looks a task up by its id at this provider; nil when there is none.
func (c *call) find(id string) (*task, error) {
	t, err := c.s.load(taskFile(c.at.provider, id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return t, err
}
