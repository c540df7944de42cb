package config

import (
	"slices"
	"strings"
)

// marshalled is a value as YAML that reads back as it was.
func marshalled(value string) string {
	if plainYAML(value) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}

// plainYAML tells values that need no quotes wherever they stand.
func plainYAML(value string) bool {
	if value == "" || slices.Contains([]string{"~", "null", "-", "---", "...", "<<"}, strings.ToLower(value)) {
		return false
	}
	for i, r := range value {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && (!strings.ContainsRune("_./~+", r) && (i == 0 || !strings.ContainsRune("-:@=%", r))) {
			return false
		}
	}
	return !strings.HasSuffix(value, ":")
}
