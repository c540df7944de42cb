package catalog

import (
	"bytes"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

var errNoObject = errors.New("it is neither a JSON object nor a YAML mapping")

// ReadObject reads a mapping from JSON or YAML into JSON values, numbers kept
// as they were written.
func ReadObject(text []byte) (map[string]any, error) {
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && trimmed[0] == '{' {
		value, err := decodeJSON(trimmed)
		if err != nil {
			return nil, fmt.Errorf("it %w", err)
		}
		object, ok := value.(map[string]any)
		if !ok {
			return nil, errNoObject
		}
		return object, nil
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("it is not YAML: %w", err)
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		return nil, errNoObject
	}
	value, err := wireValue(document.Content[0])
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errNoObject
	}
	return object, nil
}
