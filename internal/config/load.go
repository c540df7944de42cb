package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/viper"

	"github.com/klingctl/klingctl/internal/fault"
)

const (
	// UserFile is the name of the user file in the config folder.
	UserFile = "config.yaml"
	// ProjectFile is the name of the project file in the working folder.
	ProjectFile = ".klingctl.yaml"
	// maxFile bounds a settings file, in bytes.
	maxFile = 1 << 20
)

var errProject = errors.New("a project file may set defaults of requests and output only; endpoints, keys, the ledger and the rest belong into the user file or the environment")

// loader gathers the layers, weakest first, into one Viper. Each layer goes in
// by Set, which later layers replace: Viper's own reading of files would turn
// a key such as 0123 into a number, and its own reading of the environment
// cannot be handed one.
type loader struct {
	source   Source
	env      map[string]string
	dirs     Dirs
	viper    *viper.Viper
	origin   map[string]Origin
	warnings []string
	// problems are what is wrong with files and variables. Under checking,
	// values that are wrong are told and left out, instead of being judged
	// when the layers are settled.
	problems []Problem
	checking bool
}

// placed is an entry with its place.
type placed struct {
	entry
	origin Origin
}

func newLoader(source Source) (*loader, error) {
	env := environment(source.Environ, source.OS)
	dirs, err := FindDirs(env, source.OS)
	if err != nil {
		return nil, err
	}
	return &loader{source: source, env: env, dirs: dirs, viper: viper.New(), origin: map[string]Origin{}}, nil
}

func (l *loader) set(key, value string, origin Origin) {
	l.viper.Set(key, value)
	l.origin[key] = origin
}

// userFile is the user file and whether somebody named it, "" for a machine
// without a home.
func (l *loader) userFile() (path string, named bool) {
	if l.source.File != "" {
		return l.source.File, true
	}
	if path := l.env["KLINGCTL_CONFIG"]; path != "" {
		return path, true
	}
	if l.dirs.Config == "" {
		return "", false
	}
	return filepath.Join(l.dirs.Config, UserFile), false
}

// projectFile is the project file, "" where none is looked for.
func (l *loader) projectFile() string {
	if l.source.Folder == "" {
		return ""
	}
	return filepath.Join(l.source.Folder, ProjectFile)
}

// files reads the user file, the profile in it, and then the project file over
// it.
func (l *loader) files() error {
	path, named := l.userFile()
	entries, err := l.file(path, layerUser, named)
	if err != nil {
		return err
	}
	l.profiles(path, entries)
	if _, err = l.file(l.projectFile(), layerProject, false); err != nil {
		return err
	}
	return nil
}

// file reads one YAML file and gives the settings that it holds.
func (l *loader) file(path, layer string, required bool) ([]placed, error) {
	if path == "" {
		return nil, nil
	}
	text, err := readSmall(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !required:
		return nil, nil
	case err != nil:
		return nil, &fault.Error{Kind: fault.Usage, Op: "read", Subject: path, Err: err}
	}
	entries, flaws := parse(text)
	for _, bad := range flaws {
		l.report(Problem{
			Key: bad.key, Origin: Origin{Layer: layer, Where: path, Line: bad.line}, Column: bad.column,
			Message: bad.err.Error(), grade: refused,
		})
	}
	var taken []placed
	holdsSecret := false
	for _, e := range entries {
		at := placed{entry: e, origin: Origin{Layer: layer, Where: path, Line: e.line}}
		if !l.judge(at) {
			continue
		}
		taken = append(taken, at)
		setting, _ := Find(e.key)
		holdsSecret = holdsSecret || setting.Secret || HoldsPassword(e.value)
		if profile, _ := cutProfile(e.key); profile == "" {
			l.set(e.key, e.value, at.origin)
		}
	}
	if holdsSecret {
		l.warnReadable(path)
	}
	return taken, nil
}

// warnReadable warns of a file with a key in it that others can read.
func (l *loader) warnReadable(path string) {
	if info, err := os.Stat(path); err == nil && l.source.OS != "windows" && info.Mode().Perm()&0o044 != 0 {
		l.warnings = append(l.warnings, fmt.Sprintf("%s holds a key and can be read by others; run: chmod 600 %s", path, path))
	}
}

func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, cause(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a regular file")
	case info.Size() > maxFile:
		return nil, errors.New("it is larger than a settings file can be")
	}
	text, err := os.ReadFile(path)
	return text, cause(err)
}

// cause leaves out the call and the path, which the message has already.
func cause(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
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
	value, origin := l.env[variable], Origin{Layer: layerEnvironment, Where: variable}
	if value != "" && l.judge(placed{entry: entry{key: key, value: value}, origin: origin}) {
		l.set(key, value, origin)
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
