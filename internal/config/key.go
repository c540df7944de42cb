package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/secret"
)

// Key is a provider's credential: at hand, as Bearer or both of the pair, or
// still to be fetched, as Command or Login say.
type Key struct {
	Bearer, Access, Secret secret.Text
	// Command prints the bearer key when it is run, without a shell; "" for
	// none.
	Command string
	// Login is the file that auth login left; "" for none.
	Login string
	// Ring permits to ask the keyring of the system where nothing else gave a
	// key.
	Ring bool
	// From says where it was found, for people.
	From string
	// Err is why the key that was found cannot be used; the others are empty
	// then. It is no error of Load, because most commands need no key, or
	// another one.
	Err error
}

// Empty reports whether no key is configured. One that is still to be fetched
// counts; what only the keyring of the system knows does not.
func (k Key) Empty() bool { return !k.AtHand() && k.Command == "" && k.Login == "" }

// AtHand reports whether the key is known already.
func (k Key) AtHand() bool { return !k.Bearer.Empty() || !k.Access.Empty() }

// LoginFolder holds a file for each provider that auth login was run for; ""
// on a machine without a home.
func (d Dirs) LoginFolder() string { return below(d.Config, "keys") }

// key finds a provider's key, and warns of one that was found but cannot be
// used: no weaker source takes its place, which might be another account's.
func (l *loader) key(name string) Key {
	found := l.findKey(name)
	if found.Err != nil {
		found = Key{From: found.From, Err: found.Err}
		l.warnings = append(l.warnings, found.Err.Error())
	}
	if err := l.boolean("keyring", &found.Ring); err != nil && found.Empty() && found.Err == nil {
		found.Err = err // only who needs the keyring is told
	}
	return found
}

// findKey asks the sources in their order, and the first found wins: in the
// environment the KLINGCTL_ variables, the usual variables, a key file and a
// command; then the same of the user file; then what auth login left.
func (l *loader) findKey(name string) Key {
	at := func(setting string) string { return "providers." + name + "." + setting }
	known := l.known(name)

	if key, ok := l.ownKey(at, ofEnvironment); ok {
		return key
	}
	for _, variable := range known.Env {
		if text := l.env[variable]; text != "" {
			return BearerKey(text, variable)
		}
	}
	if access, hidden := l.usualPair(known); access != "" && hidden != "" {
		return PairKey(access, hidden, known.Pair[0]+" and "+known.Pair[1])
	} else if access != "" || hidden != "" {
		l.warnHalf(known.Pair[0], known.Pair[1])
	}
	if key, ok := l.keyElsewhere(at, ofEnvironment); ok {
		return key
	}
	for _, rank := range []rank{ofProfile, ofFile} {
		if key, ok := l.ownKey(at, rank); ok {
			return key
		}
		if key, ok := l.keyElsewhere(at, rank); ok {
			return key
		}
	}
	if l.viper.GetString(at("access_key")) != "" || l.viper.GetString(at("secret_key")) != "" {
		l.warnHalf(at("access_key"), at("secret_key"))
	}
	return l.login(name)
}

// rank is how strong the place is that a setting of a key came from. All that
// the stronger place says goes first: a profile that names a key file means
// another account than the key in the rest of the file.
type rank int

const (
	ofEnvironment rank = iota
	ofProfile
	ofFile
)

func (o Origin) rank() rank {
	switch {
	case o.Layer == layerEnvironment:
		return ofEnvironment
	case o.Profile != "":
		return ofProfile
	}
	return ofFile
}

// given is a setting that came from a place of some rank, or "".
func (l *loader) given(key string, from rank) string {
	if l.origin[key].rank() != from {
		return ""
	}
	return l.viper.GetString(key)
}

// ownKey is a key that stands in a setting itself. Half a pair of the file may
// have its other half in a stronger place.
func (l *loader) ownKey(at func(setting string) string, from rank) (Key, bool) {
	if text := l.given(at("api_key"), from); text != "" {
		return BearerKey(text, l.origin[at("api_key")].Where), true
	}
	access, hidden := l.given(at("access_key"), from), l.given(at("secret_key"), from)
	if from == ofFile {
		access, hidden = l.viper.GetString(at("access_key")), l.viper.GetString(at("secret_key"))
	}
	if access == "" || hidden == "" {
		return Key{}, false
	}
	where := l.origin[at("access_key")].Where
	if other := l.origin[at("secret_key")].Where; other != where {
		where += " and " + other
	}
	return PairKey(access, hidden, where), true
}

// keyElsewhere is a key that a setting points to: in a file, or printed by a
// command.
func (l *loader) keyElsewhere(at func(setting string) string, from rank) (Key, bool) {
	if l.given(at("api_key_file"), from) != "" {
		return l.keyFile(at("api_key_file")), true
	}
	if command := l.given(at("api_key_cmd"), from); command != "" {
		return Key{Command: command, From: "the command in " + at("api_key_cmd")}, true
	}
	return Key{}, false
}

// login is what auth login left for a provider.
func (l *loader) login(name string) Key {
	folder := l.dirs.LoginFolder()
	if folder == "" {
		return Key{}
	}
	path := filepath.Join(folder, name+".key")
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return Key{}
	}
	l.warnReadable(path)
	return Key{Login: path, From: "klingctl auth login"}
}

// usualPair reads the variables of a pair; "" for what is missing.
func (l *loader) usualPair(known Known) (access, hidden string) {
	if len(known.Pair) != 2 {
		return "", ""
	}
	return l.env[known.Pair[0]], l.env[known.Pair[1]]
}

func (l *loader) warnHalf(access, hidden string) {
	l.warnings = append(l.warnings, fmt.Sprintf("of %s and %s only one is set; a pair needs both", access, hidden))
}

func (l *loader) keyFile(setting string) Key {
	path := l.path(setting)
	text, err := readSmall(path)
	if err != nil {
		return Key{From: path, Err: badKey(path, err)}
	}
	l.warnReadable(path)
	return BearerKey(string(text), path)
}

// known is what is known of a provider before any file is read; one of the
// user's own has its NAME_API_KEY.
func (l *loader) known(name string) Known {
	for _, known := range l.source.Known {
		if known.Name == name {
			return known
		}
	}
	return Known{Name: name, Env: []string{strings.TrimPrefix(envName(name), envPrefix) + "_API_KEY"}}
}

// BearerKey is a key of one text, cleaned of what copying leaves around it; from
// says where it was found. Its Err tells of a text that is no key.
func BearerKey(value, from string) Key {
	clean, err := cleanKey(value, from)
	return Key{Bearer: clean, From: from, Err: err}
}

// PairKey is a key of two texts, which sign tokens, cleaned in the same way.
func PairKey(access, hidden, from string) Key {
	cleanAccess, errAccess := cleanKey(access, from)
	cleanSecret, errSecret := cleanKey(hidden, from)
	if errAccess == nil {
		errAccess = errSecret
	}
	return Key{Access: cleanAccess, Secret: cleanSecret, From: from, Err: errAccess}
}

var (
	errKeyText  = errors.New("it holds a space, a control character or a letter outside ASCII; copy the key again")
	errKeyEmpty = errors.New("it is empty")
)

// cleanKey drops what copying leaves around a key and refuses what would break
// a header.
func cleanKey(value, from string) (secret.Text, error) {
	value = strings.Trim(value, "\ufeff \t\r\n")
	if value == "" {
		return secret.Text{}, badKey(from, errKeyEmpty)
	}
	for _, r := range value {
		if r <= 0x20 || r >= 0x7f {
			return secret.Text{}, badKey(from, errKeyText)
		}
	}
	return secret.New(value), nil
}

func badKey(from string, err error) error {
	return &fault.Error{Kind: fault.Auth, Op: "read the key from", Subject: from, Charged: fault.NotCharged, Err: err}
}
