package config

import (
	"errors"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/secret"
)

// Provider is what is configured for one provider, on top of its preset.
type Provider struct {
	Like, Title, Dialect, BaseURL, Console, Lookup string
	AllowHTTP                                      bool
	PollFirst, PollMin, PollMax                    time.Duration
	Key                                            Key
	// Configured is true when any setting of it was set.
	Configured bool
}

// Key is a provider's credential: either Bearer, or both of the pair.
type Key struct {
	Bearer, Access, Secret secret.Text
	// From says where it was found, for people.
	From string
	// Err is why a key that is configured could not be read: nobody minds
	// before somebody needs it.
	Err error
}

// Empty reports whether no key was found.
func (k Key) Empty() bool { return k.Bearer.Empty() && k.Access.Empty() }

func (l *loader) provider(name string) (Provider, error) {
	at := func(key string) string { return "providers." + name + "." + key }
	text := func(key string) string { return strings.TrimSpace(l.viper.GetString(at(key))) }
	p := Provider{
		Like: text("like"), Title: text("title"), Dialect: text("dialect"),
		BaseURL: strings.TrimRight(text("base_url"), "/"), Console: text("console"), Lookup: text("lookup"),
	}
	for key := range l.origin {
		p.Configured = p.Configured || strings.HasPrefix(key, at(""))
	}
	l.viper.SetDefault(at("allow_http"), "false")
	if err := l.boolean(at("allow_http"), &p.AllowHTTP); err != nil {
		return p, err
	}
	for key, into := range map[string]*time.Duration{"poll.first": &p.PollFirst, "poll.min": &p.PollMin, "poll.max": &p.PollMax} {
		if err := l.duration(at(key), into); err != nil {
			return p, err
		}
	}
	key, err := l.key(name)
	if err != nil {
		key = Key{Err: err}
	}
	p.Key = key
	return p, nil
}

// key finds a provider's key: its KLINGCTL_ variable, its usual variables, the
// user file, a key file. The first found wins.
func (l *loader) key(name string) (Key, error) {
	prefix := "providers." + name + "."
	known := l.known(name)
	if l.origin[prefix+"api_key"].Layer == "environment" {
		return bearer(l.viper.GetString(prefix+"api_key"), l.origin[prefix+"api_key"].Where)
	}
	for _, variable := range known.Env {
		if value := l.env[variable]; value != "" {
			return bearer(value, variable)
		}
	}
	if len(known.Pair) == 2 && l.env[known.Pair[0]] != "" && l.env[known.Pair[1]] != "" {
		return pair(l.env[known.Pair[0]], l.env[known.Pair[1]], known.Pair[0]+" and "+known.Pair[1])
	}
	if value := l.viper.GetString(prefix + "api_key"); value != "" {
		return bearer(value, l.origin[prefix+"api_key"].Where)
	}
	access, hidden := l.viper.GetString(prefix+"access_key"), l.viper.GetString(prefix+"secret_key")
	if access != "" && hidden != "" {
		return pair(access, hidden, l.origin[prefix+"access_key"].Where)
	}
	if path := l.viper.GetString(prefix + "api_key_file"); path != "" {
		text, err := readSmall(path)
		if err != nil {
			return Key{}, &fault.Error{Kind: fault.Auth, Op: "read the key file", Subject: path, Err: err}
		}
		return bearer(string(text), path)
	}
	return Key{}, nil
}

func (l *loader) known(name string) Known {
	for _, known := range l.source.Known {
		if known.Name == name {
			return known
		}
	}
	return Known{Name: name}
}

func bearer(value, from string) (Key, error) {
	clean, err := cleanKey(value, from)
	return Key{Bearer: clean, From: from}, err
}

func pair(access, hidden, from string) (Key, error) {
	cleanAccess, err := cleanKey(access, from)
	if err != nil {
		return Key{}, err
	}
	cleanSecret, err := cleanKey(hidden, from)
	return Key{Access: cleanAccess, Secret: cleanSecret, From: from}, err
}

var errKeyText = errors.New("it holds a control character or a space; copy the key again")

// cleanKey drops what copying leaves around a key and refuses what would break
// a header.
func cleanKey(value, from string) (secret.Text, error) {
	value = strings.TrimSpace(strings.TrimPrefix(value, "\ufeff"))
	for _, r := range value {
		if r <= 0x20 || r >= 0x7f {
			return secret.Text{}, &fault.Error{Kind: fault.Auth, Op: "read the key from", Subject: from, Charged: fault.NotCharged, Err: errKeyText}
		}
	}
	return secret.New(value), nil
}
