package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/viper"

	"github.com/klingctl/klingctl/internal/fault"
	"github.com/klingctl/klingctl/internal/kling"
)

const (
	// UserFile is the name of the user file in the config folder.
	UserFile = "config.yaml"
	// ProjectFile is the name of the project file in the working folder.
	ProjectFile = ".klingctl.yaml"
	// maxFile bounds a settings file, in bytes.
	maxFile = 1 << 20
)

var (
	errChoice  = errors.New("takes auto, always or never")
	errProject = errors.New("a project file may set defaults of requests and output only; endpoints, keys, the ledger and the rest belong into the user file or the environment")
)

// loader gathers the layers, weakest first, into one Viper.
type loader struct {
	source   Source
	env      map[string]string
	dirs     Dirs
	viper    *viper.Viper
	origin   map[string]Origin
	warnings []string
}

func (l *loader) set(key string, value any, origin Origin) {
	l.viper.Set(key, value)
	l.origin[key] = origin
}

// files reads the user file and then the project file over it.
func (l *loader) files() error {
	user, explicit := l.source.File, l.source.File != ""
	if user == "" {
		user = l.env["KLINGCTL_CONFIG"]
		explicit = user != ""
	}
	if user == "" && l.dirs.Config != "" {
		user = filepath.Join(l.dirs.Config, UserFile)
	}
	if user != "" {
		if err := l.file(user, "user", explicit, nil); err != nil {
			return err
		}
	}
	if l.source.Folder == "" {
		return nil
	}
	return l.file(filepath.Join(l.source.Folder, ProjectFile), "project", false, projectKeys())
}

// file reads one YAML file; only says which keys it may hold, nil permits all.
func (l *loader) file(path, layer string, required bool, only map[string]bool) error {
	text, err := readSmall(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !required:
		return nil
	case err != nil:
		return &fault.Error{Kind: fault.Usage, Op: "read", Subject: path, Err: err}
	}
	layerViper := viper.New()
	layerViper.SetConfigType("yaml")
	if err := layerViper.ReadConfig(bytes.NewReader(text)); err != nil {
		return &fault.Error{Kind: fault.Usage, Op: "read", Subject: path, Detail: "it is not valid YAML", Err: err}
	}
	holdsSecret := false
	for _, key := range layerViper.AllKeys() {
		if only != nil && !only[key] {
			return &fault.Error{Kind: fault.Usage, Op: "read", Subject: path, Detail: fmt.Sprintf("%q is not allowed there", key), Err: errProject}
		}
		secretKey := strings.HasSuffix(key, "api_key") || strings.HasSuffix(key, "secret_key")
		holdsSecret = holdsSecret || secretKey && layerViper.GetString(key) != ""
		l.set(key, layerViper.Get(key), Origin{Layer: layer, Where: path})
	}
	if info, err := os.Stat(path); err == nil && holdsSecret && l.source.OS != "windows" && info.Mode().Perm()&0o077 != 0 {
		l.warnings = append(l.warnings, fmt.Sprintf("%s holds a key and can be read by others; run: chmod 600 %s", path, path))
	}
	return nil
}

func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a regular file")
	case info.Size() > maxFile:
		return nil, errors.New("it is larger than a settings file can be")
	}
	return os.ReadFile(path)
}

// environment binds the variable of every declared setting of every provider
// that is known by now.
func (l *loader) environment() {
	for _, setting := range General() {
		l.bind(setting.Key, setting.Env())
	}
	for _, name := range l.names() {
		for _, setting := range PerProvider() {
			key := "providers." + name + "." + setting.Key
			l.bind(key, envName(key))
		}
	}
}

func (l *loader) bind(key, variable string) {
	if value, ok := l.env[variable]; ok && value != "" {
		l.set(key, value, Origin{Layer: "environment", Where: variable})
	}
}

// names are the providers that are built in or configured, sorted.
func (l *loader) names() []string {
	var names []string
	for _, known := range l.source.Known {
		names = append(names, known.Name)
	}
	for name := range l.viper.GetStringMap("providers") {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// settle turns the layers into typed values.
func (l *loader) settle() (*Config, error) {
	for _, setting := range General() {
		l.viper.SetDefault(setting.Key, setting.Default)
	}
	c := &Config{
		Dirs:     l.dirs,
		Provider: l.viper.GetString("provider"), Model: l.viper.GetString("model"),
		Ledger: l.viper.GetString("ledger"), Output: l.viper.GetString("output"),
		Color: l.viper.GetString("color"), Providers: map[string]Provider{},
		Warnings: l.warnings, origin: l.origin,
	}
	if !slices.Contains([]string{"auto", "always", "never"}, c.Color) {
		return nil, badSetting("color", c.Origin("color"), errChoice)
	}
	for key, into := range map[string]*bool{"sandbox": &c.Sandbox, "progress": &c.Progress} {
		if err := l.boolean(key, into); err != nil {
			return nil, err
		}
	}
	for key, into := range map[string]*time.Duration{
		"poll_interval": &c.PollInterval, "timeout": &c.Timeout, "sandbox_generation_time": &c.SandboxTime,
	} {
		if err := l.duration(key, into); err != nil {
			return nil, err
		}
	}
	for _, name := range l.names() {
		if !kling.ValidProvider(name) {
			return nil, badSetting("providers."+name, l.origin["providers."+name], errors.New("a provider's name is lower-case letters, digits and dashes"))
		}
		provider, err := l.provider(name)
		if err != nil {
			return nil, err
		}
		c.Providers[name] = provider
	}
	return c, nil
}

func (l *loader) boolean(key string, into *bool) error {
	value, err := strconv.ParseBool(l.viper.GetString(key))
	if err != nil {
		return badSetting(key, l.origin[key], errors.New("takes true or false"))
	}
	*into = value
	return nil
}

func (l *loader) duration(key string, into *time.Duration) error {
	text := l.viper.GetString(key)
	if text == "" {
		return nil
	}
	value, err := time.ParseDuration(text)
	if err != nil || value < 0 {
		return badSetting(key, l.origin[key], fmt.Errorf("%q is no duration such as 90s or 5m", fault.SafeText(text)))
	}
	*into = value
	return nil
}
