package ledger

import (
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/kling"
)

// conditions are the parts of a WHERE and their arguments.
type conditions struct {
	parts []string
	args  []any
}

func (c *conditions) add(part string, args ...any) {
	c.parts = append(c.parts, part)
	c.args = append(c.args, args...)
}

func (c *conditions) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.parts, " AND ")
}

// conditions choose the jobs of a filter.
func (f Filter) conditions() *conditions {
	c := &conditions{}
	if states := slices.Compact(slices.Sorted(slices.Values(f.States))); len(states) == 1 {
		c.add("state = ?", string(states[0]))
	} else if len(states) > 1 {
		marks := strings.Repeat("?,", len(states))
		c.add("state IN (" + marks[:len(marks)-1] + ")")
		for _, state := range states {
			c.args = append(c.args, string(state))
		}
	}
	if f.Provider != "" {
		c.add("provider = ?", f.Provider)
	}
	if f.Key != "" {
		c.add("key = ?", f.Key)
	}
	if f.Batch != "" {
		c.add("batch = ? AND batch <> ''", f.Batch) // as in the index, to the letter
	}
	if f.Row != "" {
		c.add("row = ?", f.Row)
	}
	if !f.Since.IsZero() {
		c.add("created_at >= ?", f.Since.UnixMilli())
	}
	if f.Unsaved {
		c.add("unsaved > 0") // as in the index, to the letter
	}
	return c
}

// query is the page of at most size jobs behind the last one seen.
func (f Filter) query(last *kling.Job, size int) (string, []any) {
	c := f.conditions()
	if last != nil {
		c.add("(created_at, id) < (?, ?)", last.CreatedAt.UnixMilli(), last.ID)
	}
	return "SELECT " + columns + " FROM jobs" + c.where() + " ORDER BY created_at DESC, id DESC LIMIT ?",
		append(c.args, size)
}

// counting asks for the number of jobs in each state.
func (f Filter) counting() (string, []any) {
	c := f.conditions()
	return "SELECT state, COUNT(*) FROM jobs" + c.where() + " GROUP BY state", c.args
}
