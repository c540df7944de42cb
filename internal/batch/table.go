package batch

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

var (
	errTooLong = errors.New("it is too long")
	errNotUTF8 = errors.New("it is not UTF-8")
)

// bom is what some editors begin a text with.
const bom = "\ufeff"

// readTable reads a table whose first line names the columns. Cells are parted
// by commas, or by semicolons or tabs where the first line has no comma. An
// empty cell is one that was not given.
func readTable(in io.Reader, folder string) ([]Row, error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	if start, _ := buffered.Peek(len(bom)); string(start) == bom {
		_, _ = buffered.Discard(len(bom))
	}
	reader := csv.NewReader(buffered)
	reader.Comma = separator(buffered)
	reader.ReuseRecord = true
	reader.TrimLeadingSpace = reader.Comma != '\t'
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	columns, err := columnsOf(header)
	if err != nil {
		return nil, lineError(1, "%w", err)
	}
	var rows []Row
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := reader.FieldPos(0)
		if len(rows) == maxRows {
			return nil, lineError(line, "more than %d rows", maxRows)
		}
		row := newRow(line, folder)
		for i, cell := range cells {
			if !utf8.ValidString(cell) {
				return nil, lineError(line, "column %s: %w", columns[i], errNotUTF8)
			}
			if cell = strings.Clone(cell); cell != "" {
				if err := row.put(columns[i], []string{cell}); err != nil {
					return nil, lineError(line, "%w", err)
				}
			}
		}
		if row.empty() {
			continue
		}
		rows = append(rows, row.Row)
	}
}

// separator looks at the first line.
func separator(in *bufio.Reader) rune {
	start, _ := in.Peek(in.Size())
	first, _, _ := bytes.Cut(start, []byte("\n"))
	for _, mark := range []rune{',', '\t', ';'} {
		if bytes.ContainsRune(first, mark) {
			return mark
		}
	}
	return ','
}

// columnsOf settles the names of the columns.
func columnsOf(header []string) ([]string, error) {
	columns := make([]string, len(header))
	seen := map[string]bool{}
	for i, name := range header {
		name = strings.TrimSpace(strings.Clone(name))
		switch {
		case name == "":
			return nil, errors.New("a column has no name")
		case !utf8.ValidString(name):
			return nil, errNotUTF8
		case seen[columnName(name)]:
			return nil, errors.New("there are two columns " + name)
		}
		seen[columnName(name)] = true
		columns[i] = name
	}
	return columns, nil
}
