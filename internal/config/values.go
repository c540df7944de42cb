package config

import (
	"cmp"
	"net/url"
	"strings"
)

// Value is a setting with what it is set to.
type Value struct {
	Setting
	// Text is the value as it was written, without any password in it, and ""
	// for a secret and for nothing.
	Text string
	// Origin says who set it.
	Origin Origin
}

// Given is true when anybody set it.
func (v Value) Given() bool { return v.Origin.Layer != layerDefault }

// Values are all settings: those that stand alone, then those of every
// provider that is known or configured, in the order of their names.
func (c *Config) Values() []Value { return c.values() }

// Value is one setting by its key.
func (c *Config) Value(key string) (Value, bool) {
	for _, value := range c.values() {
		if value.Key == key {
			return value, true
		}
	}
	return Value{}, false
}

func (l *loader) values() []Value {
	var all []Value
	for _, setting := range General() {
		all = append(all, l.value(setting))
	}
	for _, name := range l.names() {
		defaults := l.known(name).Defaults
		for _, setting := range PerProvider() {
			setting.Default = cmp.Or(defaults[setting.Key], setting.Default)
			setting.Key = "providers." + name + "." + setting.Key
			all = append(all, l.value(setting))
		}
	}
	return all
}

func (l *loader) value(setting Setting) Value {
	v := Value{Setting: setting, Text: setting.Default, Origin: Origin{Layer: layerDefault}}
	if origin, given := l.origin[setting.Key]; given {
		v.Text, v.Origin = withoutPassword(l.text(setting.Key)), origin
	}
	if setting.Secret {
		v.Text = ""
		if variable := l.usualVariable(setting.Key); variable != "" && v.Origin.Layer != layerEnvironment {
			v.Origin = Origin{Layer: layerEnvironment, Where: variable}
		}
	}
	return v
}

// usualVariable is the provider's own variable that is set for a key, as
// KIE_API_KEY is for providers.kie.api_key.
func (l *loader) usualVariable(key string) string {
	name, _ := providerOf(key)
	known := l.known(name)
	variables := known.Env
	if len(known.Pair) == 2 && strings.HasSuffix(key, ".access_key") {
		variables = known.Pair[:1]
	} else if len(known.Pair) == 2 && strings.HasSuffix(key, ".secret_key") {
		variables = known.Pair[1:]
	} else if !strings.HasSuffix(key, ".api_key") {
		return ""
	}
	for _, variable := range variables {
		if l.env[variable] != "" {
			return variable
		}
	}
	return ""
}

// providerOf is the provider that a key belongs to.
func providerOf(key string) (string, bool) {
	_, plain := cutProfile(key)
	rest, ok := strings.CutPrefix(plain, "providers.")
	name, _, nested := strings.Cut(rest, ".")
	return name, ok && nested
}

// HoldsPassword reports whether a value is a URL with a password in it.
func HoldsPassword(value string) bool { return withoutPassword(value) != value }

// withoutPassword hides the password of a URL, and all of a URL with one that
// cannot be understood.
func withoutPassword(value string) string {
	scheme, rest, isURL := strings.Cut(value, "://")
	if !isURL {
		return value
	}
	parsed, err := url.Parse(value)
	if err != nil {
		if strings.Contains(rest, "@") || strings.Contains(rest, "password") {
			return scheme + "://[hidden]"
		}
		return value
	}
	hidden := false
	if _, given := parsed.User.Password(); given {
		parsed.User, hidden = url.UserPassword(parsed.User.Username(), "hidden"), true
	}
	query := parsed.Query()
	for name := range query {
		if strings.Contains(strings.ToLower(name), "password") {
			query.Set(name, "hidden")
			parsed.RawQuery, hidden = query.Encode(), true
		}
	}
	if !hidden {
		return value
	}
	return parsed.String()
}
