package view

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Table is rows of text. On a terminal its columns are aligned; elsewhere
// cells are separated by tabs and nothing is cut.
type Table struct {
	head []string
	rows [][]string
}

// NewTable makes a table with column names.
func NewTable(columns ...string) *Table { return &Table{head: columns} }

// Add adds a row.
func (t *Table) Add(cells ...string) { t.rows = append(t.rows, cells) }

// Lines renders the table: for a terminal of some width with names above, or
// tab-separated without them.
func (t *Table) Lines(terminal bool, width int) []string {
	if !terminal {
		lines := make([]string, 0, len(t.rows))
		for _, row := range t.rows {
			lines = append(lines, strings.Join(flat(row), "\t"))
		}
		return lines
	}
	if len(t.rows) == 0 {
		return nil
	}
	widths := t.widths()
	lines := []string{aligned(t.head, widths, width)}
	for _, row := range t.rows {
		lines = append(lines, aligned(flat(row), widths, width))
	}
	return lines
}

func (t *Table) widths() []int {
	widths := make([]int, len(t.head))
	for i, name := range t.head {
		widths[i] = utf8.RuneCountInString(name)
	}
	for _, row := range t.rows {
		for i, cell := range row[:min(len(row), len(widths))] {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
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
			line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
	}
	text := strings.TrimRight(line.String(), " ")
	if runes := []rune(text); len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return text
}

// flat keeps a cell in its row: no tab and no newline.
func flat(cells []string) []string {
	clean := make([]string, len(cells))
	for i, cell := range cells {
		clean[i] = strings.NewReplacer("\t", " ", "\n", " ", "\r", " ").Replace(cell)
	}
	return clean
}

// Moment is a time in a table: RFC 3339, or how long ago on a terminal.
func Moment(t, now time.Time, terminal bool) string {
	switch {
	case t.IsZero():
		return ""
	case !terminal:
		return t.UTC().Format(time.RFC3339)
	}
	ago := now.Sub(t).Round(time.Second)
	if ago >= time.Minute {
		ago = ago.Round(time.Minute)
	}
	text := strings.TrimSuffix(ago.String(), "0s")
	if text == "" {
		text = "0s"
	}
	return strings.TrimSuffix(text, "0m") + " ago"
}
