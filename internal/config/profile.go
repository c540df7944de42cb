package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// cutProfile splits profiles.NAME.KEY; the profile of any other key is "".
func cutProfile(key string) (profile, rest string) {
	if tail, ok := strings.CutPrefix(key, "profiles."); ok {
		if name, setting, nested := strings.Cut(tail, "."); nested {
			return name, setting
		}
	}
	return "", key
}

// ProfileKey is the key that sets a setting in a profile of the user file; ""
// is no profile.
func ProfileKey(profile, key string) string {
	if already, _ := cutProfile(key); profile == "" || already != "" {
		return key
	}
	return "profiles." + profile + "." + key
}

// validName reports whether a profile may be called so: as a provider may.
func validName(profile string) bool { return kling.ValidProvider(profile) }

// Profile is the profile that the flag or the environment asks for, "" for
// none. The user file may name one too.
func (s Source) Profile() string {
	if name := s.Flags["profile"]; name != "" {
		return name
	}
	return environment(s.Environ, s.OS)[envName("profile")]
}

// profiles lays the chosen profile over the rest of the user file.
func (l *loader) profiles(path string, entries []placed) {
	chosen := l.source.Profile()
	if chosen == "" {
		chosen = strings.TrimSpace(l.viper.GetString("profile"))
	}
	var all []entry
	for _, e := range entries {
		all = append(all, e.entry)
		if name, key := cutProfile(e.key); name != "" && name == chosen {
			e.origin.Profile = name
			l.set(key, e.value, e.origin)
		}
	}
	names := profileNames(all)
	if chosen == "" || slices.Contains(names, chosen) {
		return
	}
	message := fmt.Sprintf("there is no profile %q", fault.SafeText(chosen))
	if len(names) > 0 {
		message += "; there are " + fault.SafeText(strings.Join(names, ", "))
	}
	l.report(Problem{Key: "profile", Origin: Origin{Layer: layerUser, Where: path}, Message: message, grade: refused})
}

// Profiles are the names of the profiles in the user file, in its order.
func Profiles(source Source) []string {
	l, err := newLoader(source)
	if err != nil {
		return nil
	}
	path, _ := l.userFile()
	text, err := readSmall(path)
	if err != nil {
		return nil
	}
	entries, _ := parse(text)
	return profileNames(entries)
}

func profileNames(entries []entry) []string {
	var names []string
	for _, e := range entries {
		if name, _ := cutProfile(e.key); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
