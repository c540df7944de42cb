package sandbox

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// index remembers the tasks that lists show. The file of a task never changes,
// so each is read once. Which files there are is asked for every list, because
// other processes make and forget jobs in the same folder.
type index struct {
	mu    sync.Mutex
	scan  int
	files map[string]*indexed
	lists map[listKey][]*task // oldest first, so that what is new goes to the end
}

// indexed is a task and the last scan of the folder that saw its file.
type indexed struct {
	task *task
	scan int
}

// listKey is whose tasks of which kind one list shows.
type listKey struct {
	provider    provider
	owner, kind string
}

// list is part of an account's tasks of a kind, newest first: size of them
// after those of earlier pages. Callers must not change the tasks.
func (s *Server) list(of listKey, from, size int) ([]*task, error) {
	x := &s.index
	x.mu.Lock()
	defer x.mu.Unlock()
	names, err := s.taskNames(of.provider)
	if err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	x.refresh(names, s.load)
	return x.page(of, from, size), nil
}

// taskNames are the names of a provider's task files, in no order.
func (s *Server) taskNames(p provider) ([]string, error) {
	folder, err := os.Open(filepath.Join(s.dir, tasksDir))
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	files, err := folder.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	names := files[:0]
	for _, file := range files {
		if name, ok := strings.CutSuffix(file, ".json"); ok && strings.HasPrefix(name, string(p)+"-") {
			names = append(names, name)
		}
	}
	return names, nil
}

// refresh makes the index hold what stands in the folder.
func (x *index) refresh(names []string, load func(name string) (*task, error)) {
	x.scan++
	seen := 0
	for _, name := range names {
		known := x.files[name]
		if known == nil {
			t, err := load(name)
			if err != nil {
				continue // gone since, by a reset
			}
			t.Request = nil // no list shows it
			known = &indexed{task: t}
			x.keep(name, known)
		}
		known.scan = x.scan
		seen++
	}
	if seen < len(x.files) {
		left := maps.Clone(x.files)
		maps.DeleteFunc(left, func(_ string, e *indexed) bool { return e.scan != x.scan })
		x.files, x.lists = nil, nil
		for name, e := range left {
			x.keep(name, e)
		}
	}
}

func (x *index) keep(name string, e *indexed) {
	if x.files == nil {
		x.files, x.lists = map[string]*indexed{}, map[listKey][]*task{}
	}
	x.files[name] = e
	key := listKey{provider: e.task.Provider, owner: e.task.Owner, kind: e.task.Kind}
	x.lists[key] = append(x.lists[key], e.task)
}

func (x *index) page(of listKey, from, size int) []*task {
	all := x.lists[of]
	if !slices.IsSortedFunc(all, byAge) {
		slices.SortFunc(all, byAge)
	}
	end := max(0, len(all)-from)
	out := slices.Clone(all[max(0, end-size):end])
	slices.Reverse(out)
	return out
}

// byAge orders tasks from old to new.
func byAge(a, b *task) int {
	return cmp.Or(cmp.Compare(a.CreatedMS, b.CreatedMS), strings.Compare(b.ID, a.ID))
}
