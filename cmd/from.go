package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/catalog"
	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/view"
)

// fromFile is a whole request in a file: where it goes, the provider's own
// input object, and canonical flags by name.
type fromFile struct {
	provider, model, kind string
	input                 map[string]any
	flags                 map[string][]string
	// images are what a sidecar says of the images that were used.
	images []view.SidecarImage
}

// hasImage reports whether the input object itself names an image.
func (f fromFile) hasImage() bool {
	for _, name := range []string{"image", "image_url", "image_urls", "image_tail", "tail_image_url"} {
		if value, ok := f.input[name]; ok && value != "" && value != nil {
			return true
		}
	}
	return false
}

// readFrom reads --from; "" gives an empty request.
func (a *app) readFrom(path string) (fromFile, error) {
	from := fromFile{flags: map[string][]string{}}
	if path == "" {
		return from, nil
	}
	var text []byte
	var err error
	if path == "-" {
		var piped string
		piped, err = a.readText("the request")
		text = []byte(piped)
	} else {
		text, err = readLimited(path)
	}
	if err == nil {
		err = from.fill(text)
	}
	if err != nil {
		if fault.Of(err) != nil {
			return from, err
		}
		return from, &fault.Error{Kind: fault.Usage, Op: "read the request from", Subject: path, Err: err}
	}
	return from, nil
}

var errFromShape = errors.New("it is no mapping with provider, model, kind, input and flag names as keys")

func (f *fromFile) fill(text []byte) error {
	object, err := catalog.ReadObject(text)
	if err != nil {
		return err
	}
	if isSidecar(object) {
		return f.fillSidecar(object)
	}
	for key, value := range object {
		name := strings.ReplaceAll(key, "_", "-")
		switch {
		case key == "provider", key == "model", key == "kind":
			word, ok := value.(string)
			if !ok {
				return fmt.Errorf("%s: %w", key, errFromShape)
			}
			f.assign(key, word)
		case key == "input":
			input, ok := value.(map[string]any)
			if !ok {
				return fmt.Errorf("input: %w", errFromShape)
			}
			f.input = input
		case slices.Contains(catalog.Flags(), name):
			values, err := words(value)
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			f.flags[name] = values
		default:
			return fmt.Errorf("%q: %w", fault.SafeText(key), errFromShape)
		}
	}
	return nil
}

func (f *fromFile) assign(key, word string) {
	switch key {
	case "provider":
		f.provider = word
	case "model":
		f.model = word
	case "kind":
		f.kind = word
	}
}

// words are the values of a flag in a file: one scalar or a list of them.
func words(value any) ([]string, error) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var out []string
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
