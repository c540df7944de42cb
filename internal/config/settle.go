package config

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

// settle turns the layers into typed values.
func (l *loader) settle() (*Config, error) {
	for _, setting := range General() {
		l.viper.SetDefault(setting.Key, setting.Default)
	}
	c := &Config{
		Dirs:     l.dirs,
		Provider: l.text("provider"), Model: l.text("model"),
		Ledger: l.path("ledger"), Output: l.home(l.text("output")), Providers: map[string]Provider{},
		Limits: l.limits(),
	}
	err := errors.Join(
		l.choice("color", &c.Color),
		l.boolean("sandbox", &c.Sandbox), l.boolean("progress", &c.Progress),
		l.duration("poll_interval", &c.PollInterval), l.duration("timeout", &c.Timeout),
		l.duration("sandbox_generation_time", &c.SandboxTime), l.duration("guard.window", &c.Guard),
		l.upload(&c.Upload),
	)
	if err != nil {
		return nil, first(err)
	}
	for _, name := range l.names() {
		if !kling.ValidProvider(name) {
			return nil, badSetting("providers."+fault.SafeText(name), l.somewhere("providers."+name+"."), errProvider)
		}
		provider, err := l.provider(name)
		if err != nil {
			return nil, first(err)
		}
		c.Providers[name] = provider
	}
	l.strayProviders()
	l.strayVariables()
	c.Warnings, c.origin, c.values = l.told(), l.origin, l.values
	return c, nil
}

// first is the first of several errors that were joined: one bad setting is
// told at a time.
func first(err error) error {
	if several, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		return several.Unwrap()[0]
	}
	return err
}

// somewhere is the origin of any key below a prefix.
func (l *loader) somewhere(prefix string) Origin {
	var found []string
	for key := range l.origin {
		if strings.HasPrefix(key, prefix) {
			found = append(found, key)
		}
	}
	if len(found) == 0 {
		return Origin{Layer: layerDefault}
	}
	return l.origin[slices.Min(found)]
}

func (l *loader) text(key string) string { return strings.TrimSpace(l.viper.GetString(key)) }

func (l *loader) choice(key string, into *string) error {
	*into = l.text(key)
	setting, _ := Find(key)
	if err := setting.Check(*into); err != nil {
		return badSetting(key, l.origin[key], err)
	}
	return nil
}

func (l *loader) boolean(key string, into *bool) error {
	value, err := parseBoolean(l.text(key))
	if err != nil {
		return badSetting(key, l.origin[key], err)
	}
	*into = value
	return nil
}

func (l *loader) duration(key string, into *time.Duration) error {
	value, err := parseDuration(l.text(key))
	if err != nil {
		return badSetting(key, l.origin[key], err)
	}
	*into = value
	return nil
}

// path is a setting that names a file: a leading ~/ is the home folder, and a
// relative name in the user file is relative to that file, so that it means
// the same file wherever the program is started.
func (l *loader) path(key string) string {
	value, origin := l.home(l.text(key)), l.origin[key]
	switch {
	case value == "", filepath.IsAbs(value), strings.Contains(value, "://"):
		return value
	case origin.Layer == layerUser:
		return filepath.Join(filepath.Dir(origin.Where), value)
	}
	return filepath.Join(l.source.Folder, value)
}

// home puts the home folder in the place of a leading ~/ and keeps the rest as
// it is, a slash at the end included.
func (l *loader) home(value string) string {
	folder := l.env["HOME"]
	if l.source.OS == "windows" {
		folder = l.env["USERPROFILE"]
	}
	if rest, ok := strings.CutPrefix(value, "~"); ok && folder != "" && rest != "" && (rest[0] == '/' || rest[0] == filepath.Separator) {
		return folder + rest
	}
	return value
}
