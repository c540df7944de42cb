package batch

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
)

// building is a row under construction.
type building struct {
	Row

	folder string
}

func newRow(line int, folder string) *building {
	return &building{folder: folder, Row: Row{Line: line, Flags: map[string][]string{}, Columns: map[string]string{}}}
}

// columnName is how a column is known: flags may be spelled with _ or -.
func columnName(name string) string {
	if flag := strings.ReplaceAll(name, "_", "-"); slices.Contains(catalog.Flags(), flag) {
		return flag
	}
	return name
}

// paramPrefix begins a column that is a property by the provider's own name.
const paramPrefix = "param."

// put takes one column of the row: id, provider, model, kind, a canonical flag,
// param.NAME; every other is for placeholders only.
func (b *building) put(column string, values []string) error {
	name := columnName(column)
	if len(values) == 1 {
		b.Columns[column] = values[0]
	}
	switch param, isParam := strings.CutPrefix(name, paramPrefix); {
	case isParam && len(values) == 1 && param != "":
		if b.Params == nil {
			b.Params = map[string]string{}
		}
		b.Params[param] = values[0]
		return nil
	case slices.Contains(catalog.Flags(), name):
		located, err := b.located(name, values)
		b.Flags[name] = located
		return err
	}
	word := ""
	if len(values) > 0 {
		word = values[0]
	}
	single := func(into *string) error {
		if len(values) != 1 {
			return fmt.Errorf("column %s takes one value", fault.SafeText(column))
		}
		*into = word
		return nil
	}
	switch name {
	case "id":
		return single(&b.ID)
	case "provider":
		return single(&b.Provider)
	case "model":
		return single(&b.Model)
	case "kind":
		return single(&b.Kind)
	}
	return nil
}

// located gives image files the folder of the manifest to start from.
func (b *building) located(flag string, values []string) ([]string, error) {
	if flag != "image" && flag != "tail-image" && flag != "static-mask" {
		return values, nil
	}
	located := make([]string, len(values))
	for i, value := range values {
		switch {
		case value == "-":
			return nil, errors.New("an image of a batch is a file or an address, not -")
		case strings.Contains(value, "://"), strings.HasPrefix(value, "data:"), filepath.IsAbs(value):
			located[i] = value
		default:
			located[i] = filepath.Join(b.folder, filepath.FromSlash(value))
		}
	}
	return located, nil
}

// empty reports a line without a single value.
func (b *building) empty() bool {
	return len(b.Columns) == 0 && len(b.Flags) == 0 && b.Input == nil && b.ID == ""
}
