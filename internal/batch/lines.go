package batch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
)

// readLines reads one JSON object a line: columns as in a table, whose values
// are texts, numbers, truths or lists of them, and "input", the provider's own
// object. Empty lines are passed over.
func readLines(in io.Reader, folder string) ([]Row, error) {
	var rows []Row
	err := eachLine(in, func(line int, text []byte) error {
		if len(rows) == maxRows {
			return fmt.Errorf("more than %d rows", maxRows)
		}
		object, err := catalog.ReadObject(text)
		if err != nil {
			return err
		}
		row := newRow(line, folder)
		for _, key := range slices.Sorted(maps.Keys(object)) {
			if err := row.set(key, object[key]); err != nil {
				return err
			}
		}
		if !row.empty() {
			rows = append(rows, row.Row)
		}
		return nil
	})
	return rows, err
}

// set takes one key of a JSON row.
func (b *building) set(key string, value any) error {
	if value == nil || value == "" {
		return nil
	}
	if key == "input" {
		input, ok := value.(map[string]any)
		if !ok {
			return errors.New("input is no object")
		}
		b.Input = input
		return nil
	}
	values, err := texts(value)
	if err != nil {
		return fmt.Errorf("%s: %w", fault.SafeText(key), err)
	}
	return b.put(key, values)
}

// texts are the values of a column: one scalar or a list of them.
func texts(value any) ([]string, error) {
	list, many := value.([]any)
	if !many {
		list = []any{value}
	}
	out := make([]string, 0, len(list))
	for _, item := range list {
		switch v := item.(type) {
		case string:
			out = append(out, v)
		case bool, json.Number:
			out = append(out, fmt.Sprint(v))
		default:
			return nil, errors.New("it takes a text, a number, true or false, or a list of them")
		}
	}
	return out, nil
}

// readList reads one image a line: a file or an address.
func readList(in io.Reader, folder string) ([]Row, error) {
	var rows []Row
	err := eachLine(in, func(line int, text []byte) error {
		if len(rows) == maxRows {
			return fmt.Errorf("more than %d rows", maxRows)
		}
		row := newRow(line, folder)
		if err := row.put("image", []string{string(text)}); err != nil {
			return err
		}
		if image := row.Image(); !strings.Contains(image, "://") && filepath.IsAbs(image) {
			var err error
			if row.Caption, err = caption(image); err != nil {
				return err
			}
		}
		rows = append(rows, row.Row)
		return nil
	})
	return rows, err
}

// eachLine hands on every line that holds something.
func eachLine(in io.Reader, do func(line int, text []byte) error) error {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(make([]byte, 0, 64<<10), maxRow)
	line := 0
	for scanner.Scan() {
		line++
		text := scanner.Bytes()
		if line == 1 {
			text = bytes.TrimPrefix(text, []byte(bom))
		}
		text = bytes.TrimRight(text, "\r")
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if !utf8.Valid(text) {
			return lineError(line, "%w", errNotUTF8)
		}
		if err := do(line, text); err != nil {
			return lineError(line, "%w", err)
		}
	}
	if errors.Is(scanner.Err(), bufio.ErrTooLong) {
		return lineError(line+1, "longer than %d bytes", maxRow)
	}
	return scanner.Err()
}
