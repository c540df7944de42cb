package job

import (
	"strings"
	"unicode/utf8"
)

const (
	// maxName bounds one path element, in bytes.
	maxName = 200
	// maxExtension bounds what is taken for an extension, the dot included.
	maxExtension = 10
)

// SafeName makes text one path element that is harmless on every system:
// separators, wildcards and controls become dashes, no leading dot, no device
// name of Windows, at most 200 bytes.
func SafeName(text string) string {
	name := strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == utf8.RuneError || r >= 0x80 && r <= 0x9f ||
			r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, text)
	name = strings.TrimRight(name, " .")
	if strings.HasPrefix(name, ".") {
		name = "-" + strings.TrimLeft(name, ".")
	}
	if device(name) {
		name = "-" + name
	}
	if name = strings.TrimRight(cut(name, maxName), " ."); name == "" {
		return "-"
	}
	return name
}

// cut shortens text to so many bytes, between characters.
func cut(text string, most int) string {
	for len(text) > most {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// device reports names that Windows gives to devices, with any extension.
func device(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch base = strings.TrimRight(base, " "); base {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(base) == 4 && (strings.HasPrefix(base, "COM") || strings.HasPrefix(base, "LPT")) && base[3] >= '0' && base[3] <= '9'
}
