package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/klingctl/klingctl/internal/media"
)

var errNegative = errors.New("a count is not negative")

// limitKeyword reads the plain limits.
func limitKeyword(s *schema, key string, value *yaml.Node) (bool, error) {
	w := s.whole
	switch key {
	case "minimum":
		s.minimum = new(float64)
		w.Minimum = s.minimum
		return true, value.Decode(s.minimum)
	case "maximum":
		s.maximum = new(float64)
		w.Maximum = s.maximum
		return true, value.Decode(s.maximum)
	case "exclusiveMinimum":
		w.ExclusiveMinimum = new(float64)
		return true, value.Decode(w.ExclusiveMinimum)
	case "exclusiveMaximum":
		w.ExclusiveMaximum = new(float64)
		return true, value.Decode(w.ExclusiveMaximum)
	case "pattern":
		return true, value.Decode(&w.Pattern)
	case "uniqueItems":
		return true, value.Decode(&w.UniqueItems)
	case "dependentRequired":
		return true, value.Decode(&w.DependentRequired)
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains":
		count := new(int)
		if err := value.Decode(count); err != nil {
			return true, err
		}
		if *count < 0 {
			return true, errNegative
		}
		switch key {
		case "minLength":
			s.minLength, w.MinLength = count, count
		case "maxLength":
			s.maxLength, w.MaxLength = count, count
		case "minItems":
			s.minItems, w.MinItems = count, count
		case "maxItems":
			s.maxItems, w.MaxItems = count, count
		case "minProperties":
			w.MinProperties = count
		case "maxProperties":
			w.MaxProperties = count
		case "minContains":
			w.MinContains = count
		case "maxContains":
			w.MaxContains = count
		}
		return true, nil
	}
	return false, nil
}

// markKeyword reads an annotation of ours, and refuses what nobody knows.
func markKeyword(s *schema, key string, value *yaml.Node) error {
	if !strings.HasPrefix(key, "x-") {
		return errors.New("this keyword is not known here")
	}
	extra, err := wireValue(value)
	if err != nil {
		return err
	}
	if s.whole.Extra == nil {
		s.whole.Extra = map[string]any{}
	}
	s.whole.Extra[key] = extra
	m := &s.marks
	switch key {
	case "x-flag":
		if value.Kind == yaml.SequenceNode {
			err = value.Decode(&m.flags)
		} else {
			m.flags = []string{value.Value}
		}
		for _, flag := range m.flags {
			if !slices.Contains(Flags(), flag) {
				return fmt.Errorf("%q is no flag", flag)
			}
		}
	case "x-values":
		err = value.Decode(&m.values)
	case "x-media":
		m.media, err = readMedia(value)
	case "x-in":
		m.envelope = value.Value == "envelope"
		if !m.envelope {
			err = fmt.Errorf("%q is no place; only envelope is", value.Value)
		}
	case "x-ours":
		err = value.Decode(&m.ours)
	case "x-message":
		err = value.Decode(&m.message)
	case "x-note":
		err = value.Decode(&m.note)
	case "x-refused":
		err = value.Decode(&m.refused)
	default:
		err = errors.New("this annotation is not known here")
	}
	return err
}

// readMedia reads x-media.
func readMedia(value *yaml.Node) (*mediaMark, error) {
	var raw struct {
		As        []string `yaml:"as"`
		Types     []string `yaml:"types"`
		MaxBytes  int64    `yaml:"max_bytes"`
		MinPixels int      `yaml:"min_pixels"`
		MinRatio  float64  `yaml:"min_ratio"`
		MaxRatio  float64  `yaml:"max_ratio"`
		MaxPixels int      `yaml:"max_pixels"`
	}
	known := []string{"as", "types", "max_bytes", "min_pixels", "min_ratio", "max_ratio", "max_pixels"}
	for _, key := range pairs(value.Content) {
		if !slices.Contains(known, key.Value) {
			return nil, fmt.Errorf("%q is not known here", key.Value)
		}
	}
	if err := value.Decode(&raw); err != nil {
		return nil, err
	}
	if len(raw.As) == 0 {
		return nil, errors.New("as is missing: url, base64 or data-uri")
	}
	for _, form := range raw.As {
		if form != "url" && form != "base64" && form != "data-uri" {
			return nil, fmt.Errorf("%q is no form; url, base64 and data-uri are", form)
		}
	}
	return &mediaMark{as: raw.As, limits: media.Limits{
		Types: raw.Types, MaxBytes: raw.MaxBytes, MinPixels: raw.MinPixels,
		MinRatio: raw.MinRatio, MaxRatio: raw.MaxRatio, MaxPixels: raw.MaxPixels,
	}}, nil
}
