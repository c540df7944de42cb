package klingapi

import (
	"net/url"
	"strconv"

	"github.com/klingctl/klingctl/internal/dialect"
	"github.com/klingctl/klingctl/internal/kling"
)

// Look encodes the question how a task stands.
func (c codec) Look(ref kling.Ref) (dialect.Call, error) { return c.get(ref.Path, ref.Task) }

// Find encodes the question for a task by our own id: the same address takes
// either id (Kling's "query task"). The answer is decoded with Looked.
func (c codec) Find(path, externalID string) (dialect.Call, error) { return c.get(path, externalID) }

func (c codec) get(path, id string) (dialect.Call, error) {
	if path == "" {
		return dialect.Call{}, unusable("the reference names no kind of task such as image2video")
	}
	if id == "" {
		return dialect.Call{}, unusable("the reference names no task")
	}
	return dialect.Get(c.path(path, id), nil), nil
}

// Looked decodes the answer to a look or a find, in any of the known shapes.
func (codec) Looked(reply dialect.Reply) (kling.Snapshot, error) {
	a, err := read(reply, looking)
	if err != nil {
		return kling.Snapshot{}, err
	}
	if !a.told() {
		e := dialect.AnswerFault(reply, "the answer names no state of the task", nil)
		e.RequestID = a.requestID(reply)
		return kling.Snapshot{}, e
	}
	return a.snapshot(reply), nil
}

// The bounds of a list, as Kling documents them.
const (
	maxPage     = 1000
	maxPageSize = 500
)

// List encodes the question for a page of tasks of one kind; page is 1 to
// 1000, size 1 to 500.
func (c codec) List(path string, page, size int) (dialect.Call, error) {
	switch {
	case path == "":
		return dialect.Call{}, unusable("a list needs a kind of task such as image2video")
	case page < 1 || page > maxPage:
		return dialect.Call{}, unusable("a list has pages 1 to " + strconv.Itoa(maxPage))
	case size < 1 || size > maxPageSize:
		return dialect.Call{}, unusable("a page of a list holds 1 to " + strconv.Itoa(maxPageSize) + " tasks")
	}
	return dialect.Get(c.path(path), url.Values{
		"pageNum":  {strconv.Itoa(page)},
		"pageSize": {strconv.Itoa(size)},
	}), nil
}

// Listed decodes a page. Entries that name no task or no state are left out:
// they answer for nobody.
func (codec) Listed(reply dialect.Reply) ([]kling.Snapshot, error) {
	a, err := read(reply, looking)
	if err != nil {
		return nil, err
	}
	top := a.levels[0]
	var entries []loose[level]
	if len(top.Data) == 0 || top.Data.Decode(&entries) != nil {
		e := dialect.AnswerFault(reply, "the answer holds no list of tasks", nil)
		e.RequestID = a.requestID(reply)
		return nil, e
	}
	snapshots := make([]kling.Snapshot, 0, len(entries))
	for _, entry := range entries {
		one := unfold(entry.value)
		snapshot := one.snapshot(reply)
		if !one.told() || snapshot.Task == "" {
			continue
		}
		snapshot.RequestID = a.requestID(reply)
		snapshots = append(snapshots, snapshot)
	}
	return snapshots, nil
}
