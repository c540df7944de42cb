// Package config knows the settings: their names, their layers, and where each
// value came from. Viper lives here only.
//
// Layers, strongest first: flag, environment, project file (.klingctl.yaml),
// user file, default. The process environment and folders come in as
// arguments. It must not know what a setting is for: no catalog, no dialect,
// no network.
package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/klingctl/klingctl/internal/fault"
)

// Known is a provider whose settings can be named before any file is read.
type Known struct {
	Name string
	// Env are the variables that may hold its key beside KLINGCTL_..., in
	// order; Pair are those of an access key and a secret key, or empty.
	Env, Pair []string
	// Defaults are what its own settings are where nobody sets them, by the
	// part of the key behind its name, for people to see.
	Defaults map[string]string
}

// Source is everything that settings come from.
type Source struct {
	// Environ is the process environment as name=value.
	Environ []string
	// OS is runtime.GOOS.
	OS string
	// Folder is the working folder, where a project file is looked for; ""
	// looks for none.
	Folder string
	// File is the user file; "" means the one in its usual place.
	File string
	// Flags are settings given on the command line, by key.
	Flags map[string]string
	// Known are the providers that exist without being configured.
	Known []Known
	// Value tells what is wrong with a value that Setting.Check cannot judge;
	// nil takes all.
	Value func(Setting, string) error
}

// Config is the settled settings.
type Config struct {
	Dirs Dirs
	// Provider and Model are the defaults of a request.
	Provider, Model string
	// Sandbox sends every provider's traffic to the offline emulator.
	Sandbox bool
	// SandboxTime is how long the emulator takes for a job.
	SandboxTime time.Duration
	// Ledger is the ledger's file.
	Ledger string
	// Output is where files go when no -o says so.
	Output string
	// PollInterval is a fixed pace of looks, 0 for the schedule.
	PollInterval time.Duration
	// Timeout bounds a whole command, 0 for no bound.
	Timeout time.Duration
	// Color is auto, always or never; Progress turns bars on.
	Color    string
	Progress bool
	// Guard is how long an equal request is held back after one that ended.
	Guard time.Duration
	// Limits are the caps on spending.
	Limits Limits
	// Upload says how local images get a URL.
	Upload Upload
	// Providers are the settings of every known and configured provider.
	Providers map[string]Provider
	// Warnings are for the user to read.
	Warnings []string

	origin map[string]Origin
	values func() []Value
}

// Origin says which layer a value came from.
type Origin struct {
	// Layer is flag, environment, project, user or default.
	Layer string
	// Where is the variable's name or the file.
	Where string
	// Line is the line of the file, 0 elsewhere.
	Line int
	// Profile is the profile of the user file, "" outside of one.
	Profile string
}

// String names the origin for people: "the environment variable X".
func (o Origin) String() string {
	switch o.Layer {
	case layerFlag:
		return "the flag " + o.Where
	case layerEnvironment:
		return "the environment variable " + o.Where
	case layerProject, layerUser:
		file := fmt.Sprintf("the %s file %s, line %d", o.Layer, o.Where, o.Line)
		if o.Profile != "" {
			return "the profile " + o.Profile + " in " + file
		}
		return file
	}
	return "the default"
}

// The layers, strongest first.
const (
	layerFlag        = "flag"
	layerEnvironment = "environment"
	layerProject     = "project"
	layerUser        = "user"
	layerDefault     = "default"
)

// Origin tells where the value of a key came from.
func (c *Config) Origin(key string) Origin {
	if origin, ok := c.origin[key]; ok {
		return origin
	}
	return Origin{Layer: layerDefault}
}

// Load reads all layers.
func Load(source Source) (*Config, error) {
	l, err := newLoader(source)
	if err != nil {
		return nil, err
	}
	if err := l.files(); err != nil {
		return nil, err
	}
	if err := l.refusal(); err != nil {
		return nil, err
	}
	l.environment()
	l.flags()
	return l.settle()
}

func (l *loader) flags() {
	for _, key := range slices.Sorted(maps.Keys(l.source.Flags)) {
		setting, _ := Find(key)
		l.set(key, l.source.Flags[key], Origin{Layer: layerFlag, Where: setting.Flag})
	}
}

// environment indexes name=value lines; a later line wins. Windows does not
// tell capitals from small letters in names.
func environment(lines []string, goos string) map[string]string {
	env := make(map[string]string, len(lines))
	for _, line := range lines {
		name, value, ok := strings.Cut(line, "=")
		if !ok || name == "" {
			continue
		}
		if goos == "windows" {
			name = strings.ToUpper(name)
		}
		env[name] = value
	}
	return env
}

func badSetting(key string, origin Origin, err error) error {
	return &fault.Error{
		Kind: fault.Usage, Op: "read the setting", Subject: key,
		Detail: "from " + origin.String(), Hint: checkHint, Err: err,
	}
}
