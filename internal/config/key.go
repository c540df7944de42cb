package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/secret"
)

// Key is a provider's credential: either Bearer, or both of the pair.
type Key struct {
	Bearer, Access, Secret secret.Text
	// From says where it was found, for people.
	From string
	// Err is why the key that was found cannot be used; the others are empty
	// then. It is no error of Load, because most commands need no key, or
	// another one.
	Err error
}

// Empty reports whether there is no key to use.
func (k Key) Empty() bool { return k.Bearer.Empty() && k.Access.Empty() }

// key finds a provider's key, and warns of one that was found but cannot be
// used: no weaker source takes its place, which might be another account's.
func (l *loader) key(name string) Key {
	found := l.findKey(name)
	if found.Err != nil {
		found.Bearer, found.Access, found.Secret = secret.Text{}, secret.Text{}, secret.Text{}
		l.warnings = append(l.warnings, found.Err.Error())
	}
	return found
}

// findKey asks the sources in their order, and the first found wins: in the
// environment the KLINGCTL_ variables, the usual variables and a key file;
// then the same of the user file.
func (l *loader) findKey(name string) Key {
	at := func(setting string) string { return "providers." + name + "." + setting }
	value := func(setting string) string { return l.viper.GetString(at(setting)) }
	given := func(setting, layer string) bool { return value(setting) != "" && l.origin[at(setting)].Layer == layer }
	origin := func(setting string) string { return l.origin[at(setting)].Where }
	known := l.known(name)

	if given("api_key", layerEnvironment) {
		return bearer(value("api_key"), origin("api_key"))
	}
	if given("access_key", layerEnvironment) && given("secret_key", layerEnvironment) {
		return pair(value("access_key"), value("secret_key"), origin("access_key")+" and "+origin("secret_key"))
	}
	for _, variable := range known.Env {
		if text := l.env[variable]; text != "" {
			return bearer(text, variable)
		}
	}
	if access, hidden := l.usualPair(known); access != "" && hidden != "" {
		return pair(access, hidden, known.Pair[0]+" and "+known.Pair[1])
	} else if access != "" || hidden != "" {
		l.warnHalf(known.Pair[0], known.Pair[1])
	}
	if given("api_key_file", layerEnvironment) {
		return l.keyFile(at("api_key_file"))
	}
	if given("api_key", layerUser) {
		return bearer(value("api_key"), origin("api_key"))
	}
	switch access, hidden := value("access_key"), value("secret_key"); {
	case access != "" && hidden != "":
		return pair(access, hidden, origin("secret_key"))
	case access != "" || hidden != "":
		l.warnHalf(at("access_key"), at("secret_key"))
	}
	if given("api_key_file", layerUser) {
		return l.keyFile(at("api_key_file"))
	}
	return Key{}
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
	return bearer(string(text), path)
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

func bearer(value, from string) Key {
	clean, err := cleanKey(value, from)
	return Key{Bearer: clean, From: from, Err: err}
}

func pair(access, hidden, from string) Key {
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
