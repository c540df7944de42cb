package batch

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Row is one job to be, as a folder or a manifest describes it.
type Row struct {
	// ID is stable from run to run: the row is found again by it.
	ID string
	// Line is where it stands in a manifest, 1 for the first line; 0 for a
	// file of a folder.
	Line int
	// Provider, Model and Kind are "" where the row does not say.
	Provider, Model, Kind string
	// Flags are canonical flags without dashes, by name. Images that are files
	// have absolute paths.
	Flags map[string][]string
	// Params are properties by the provider's own dotted names.
	Params map[string]string
	// Input is a whole input object in the provider's words, nil for none.
	Input map[string]any
	// Caption is the text that stands beside the image, "" for none.
	Caption string
	// Columns are the texts of the row by column name, for placeholders.
	Columns map[string]string
}

// Image is the first image of the row, "" for none.
func (r Row) Image() string {
	for _, flag := range []string{"image", "tail-image"} {
		if values := r.Flags[flag]; len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// words are what stands for a placeholder in a prompt.
func (r Row) word(name string) (string, bool) {
	switch name {
	case "row", "id":
		return r.ID, true
	case "caption":
		return r.Caption, true
	case "stem", "name", "dir":
		return fromImage(name, r.Image())
	}
	text, ok := r.Columns[name]
	return text, ok
}

// fromImage are the words that an image's path gives; a row without an image
// has none.
func fromImage(name, image string) (string, bool) {
	if image == "" {
		return "", false
	}
	image, _, _ = strings.Cut(image, "?")
	slashed := filepath.ToSlash(image)
	base := slashed[strings.LastIndexByte(slashed, '/')+1:]
	switch name {
	case "dir":
		parent := strings.TrimSuffix(slashed[:len(slashed)-len(base)], "/")
		return parent[strings.LastIndexByte(parent, '/')+1:], true
	case "stem":
		if dot := strings.LastIndexByte(base, '.'); dot > 0 {
			base = base[:dot]
		}
	}
	return base, true
}

// names are the placeholders that a row knows.
func (r Row) names() []string {
	names := []string{"caption", "id", "row"}
	if r.Image() != "" {
		names = append(names, "dir", "name", "stem")
	}
	return slices.Compact(slices.Sorted(slices.Values(append(names, slices.Collect(maps.Keys(r.Columns))...))))
}
