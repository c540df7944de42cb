package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
)

// nearKey is the key of a setting that another key was probably meant to be.
func nearKey(key string) string {
	profile, plain := cutProfile(key)
	if similar := nearPlain(plain); similar != "" && similar != plain {
		return ProfileKey(profile, similar)
	}
	return ""
}

func nearPlain(key string) string {
	top, rest, nested := strings.Cut(key, ".")
	if name, setting, named := strings.Cut(rest, "."); top == "providers" && named {
		if word := nearest(setting, keysOf(PerProvider())); word != "" {
			return "providers." + name + "." + word
		}
		return ""
	}
	if similar := nearest(key, keysOf(General())); similar != "" {
		return similar
	}
	switch similar := nearest(top, []string{"providers", "profiles"}); {
	case nested && similar != "":
		return similar + "." + rest
	default:
		return similar
	}
}

// Near is the key of a setting that is like a key that is none, "" when none
// is like it.
func Near(key string) string { return nearKey(strings.ToLower(key)) }

// strayProviders warns of what looks like a misspelled provider: one that is
// not built in and has neither a preset to be like nor a dialect of its own.
func (l *loader) strayProviders() {
	var known []string
	for _, preset := range l.source.Known {
		known = append(known, preset.Name)
	}
	for _, name := range l.names() {
		at := "providers." + name + "."
		if slices.Contains(known, name) || l.viper.GetString(at+"like") != "" || l.viper.GetString(at+"dialect") != "" {
			continue
		}
		l.warnings = append(l.warnings, fmt.Sprintf("provider %q is not known and has neither like nor dialect%s",
			fault.SafeText(name), didYouMean(nearest(name, known))))
	}
}

// strayVariables warns of variables for providers that do not exist: a key
// under a misspelled name would otherwise be missed without a word.
func (l *loader) strayVariables() {
	var known []string
	for _, name := range l.names() {
		for _, setting := range PerProvider() {
			known = append(known, envName("providers."+name+"."+setting.Key))
		}
	}
	for _, variable := range slices.Sorted(maps.Keys(l.env)) {
		if strings.HasPrefix(variable, envPrefix+"PROVIDERS_") && !slices.Contains(known, variable) {
			l.warnings = append(l.warnings, fmt.Sprintf("the environment variable %s sets nothing%s",
				fault.SafeText(variable), didYouMean(nearest(variable, known))))
		}
	}
}

func keysOf(settings []Setting) []string {
	keys := make([]string, 0, len(settings))
	for _, setting := range settings {
		keys = append(keys, setting.Key)
	}
	return keys
}

func didYouMean(word string) string {
	if word == "" {
		return ""
	}
	return "; did you mean " + word + "?"
}

// nearest is the known word least different from a given one, "" when none is
// like it.
func nearest(given string, known []string) string {
	best, least := "", max(2, len(given)/4)+1
	if len(given) < 3 || len(given) > 100 {
		return ""
	}
	for _, word := range known {
		if d := distance(given, word); d < least {
			best, least = word, d
		}
	}
	return best
}

// distance counts the bytes to insert, drop or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, replaced)
		}
	}
	return row[len(b)]
}
