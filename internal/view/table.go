package view

import (
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/ui"
)

// Table is rows of text. On a terminal its columns are aligned and lines are
// cut at its width; elsewhere cells are separated by tabs and nothing is cut.
type Table struct {
	head []string
	rows [][]string
}

// NewTable makes a table with column names.
func NewTable(columns ...string) *Table { return &Table{head: columns} }

// Add adds a row of a cell for each column; cells that are missing are empty,
// and what is too much is left out. Cells may hold anything: tabs and newlines
// become spaces, and what could steer a terminal is escaped.
func (t *Table) Add(cells ...string) {
	row := make([]string, len(t.head))
	for i := range min(len(row), len(cells)) {
		row[i] = plain(cells[i])
	}
	t.rows = append(t.rows, row)
}

// Lines renders the table: for a terminal of some width with names above, or
// tab-separated without them.
func (t *Table) Lines(terminal bool, width int) []string {
	lines := make([]string, 0, len(t.rows)+1)
	if !terminal {
		for _, row := range t.rows {
			lines = append(lines, strings.Join(row, "\t"))
		}
		return lines
	}
	if len(t.rows) == 0 {
		return nil
	}
	widths := t.widths()
	lines = append(lines, aligned(t.head, widths, width))
	for _, row := range t.rows {
		lines = append(lines, aligned(row, widths, width))
	}
	return lines
}

func (t *Table) widths() []int {
	widths := make([]int, len(t.head))
	for i, name := range t.head {
		widths[i] = ui.Columns(name)
		for _, row := range t.rows {
			widths[i] = max(widths[i], ui.Columns(row[i]))
		}
	}
	return widths
}

// aligned pads all columns but the last, and cuts the line at the width.
func aligned(cells []string, widths []int, width int) string {
	var line strings.Builder
	for i, cell := range cells {
		line.WriteString(cell)
		if i < len(cells)-1 {
			line.WriteString(strings.Repeat(" ", widths[i]-ui.Columns(cell)+2))
		}
	}
	return ui.Cut(strings.TrimRight(line.String(), " "), width)
}

// Moment is a time in a table: RFC 3339 in UTC, or how long ago on a terminal.
func Moment(t, now time.Time, terminal bool) string {
	switch {
	case t.IsZero():
		return ""
	case !terminal:
		return t.UTC().Format(time.RFC3339)
	}
	return ui.Ago(now.Sub(t)) + " ago"
}
